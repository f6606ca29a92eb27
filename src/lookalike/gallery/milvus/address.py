"""Where does a Milvus gallery live, and how does one get in? `milvus://host:19530/name`, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from lookalike.errors import BadInput

SCHEMES = ("milvus", "milvus+tls")
_PORT = 19_530
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
"""What Milvus allows as the name of a collection, with room for the endings of ours."""
_OPTIONS = ("ca", "database", "pictures", "timeout")
_FORM = "Write it like milvus://host:19530/name, or milvus+tls://host/name?database=photos&ca=/etc/ca.pem."
_ESCAPED = "Write the signs / ? # @ : % of a password as %2F %3F %23 %40 %3A %25, or put it into a file."
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
_TIMEOUT_S = 30.0
_PICTURES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What the URL of a gallery says, and the secret that goes with it."""

    host: str
    port: int = _PORT
    name: str
    tls: bool = False
    ca: str = ""
    """File with the certificate authority, in PEM; empty for those that the system trusts."""
    database: str = ""
    """Within the server; empty for its default one."""
    pictures: int = _PICTURES
    """About how many pictures the gallery shall hold; decides which index a new one gets."""
    timeout_s: float = _TIMEOUT_S
    """How long one call may take."""
    token: str = field(default="", repr=False)
    """`user:password`, or a key of the service; empty where the server asks for none."""

    @property
    def uri(self) -> str:
        """What the client is told."""
        return f"{'https' if self.tls else 'http'}://{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The gallery's url, without any secret, and without what is no part of its name."""
        database = f"?database={self.database}" if self.database else ""
        return f"{'milvus+tls' if self.tls else 'milvus'}://{_bracketed(self.host)}:{self.port}/{self.name}{database}"

    @property
    def whole_url(self) -> str:
        """The url with all that it says but a secret, as a command needs it."""
        said = {"database": self.database, "ca": self.ca}
        if self.pictures != _PICTURES:
            said["pictures"] = str(self.pictures)
        if self.timeout_s != _TIMEOUT_S:
            said["timeout"] = f"{self.timeout_s:g}"
        options = urlencode({name: value for name, value in said.items() if value}, safe="/")
        return f"{self.url.partition('?')[0]}{'?' if options else ''}{options}"

    @classmethod
    def parse(cls, url: str, token: str = "") -> "Address":
        """Read a URL; a user and a password within it count before a `token` given apart.

        Raises:
            BadInput: it is none; what it should look like is said, and never its password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORT
        except ValueError as error:
            raise BadInput("The URL of the Milvus gallery cannot be read.", _FORM) from error
        if "@" in f"{parts.path}{parts.query}{parts.fragment}":
            raise BadInput("The URL of the Milvus gallery cannot be read.", _ESCAPED)
        name, options = parts.path.strip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadInput("The URL of the Milvus gallery names no server.", _FORM)
        if not _NAME.fullmatch(name):
            what = f"A Milvus gallery cannot be called {name!r}." if name else "The URL does not name a gallery."
            raise BadInput(what, "Use letters, digits and _, a letter first: milvus://host:19530/photos.")
        unknown = options.keys() - {*_OPTIONS}
        if unknown:
            raise BadInput(f"The URL has an unknown option {min(unknown)!r}.", f"There are: {', '.join(_OPTIONS)}.")
        return cls(
            host=parts.hostname,
            port=port,
            name=name,
            tls=parts.scheme == "milvus+tls",
            ca=options.get("ca", ""),
            database=options.get("database", ""),
            pictures=_count(options),
            timeout_s=_seconds(options),
            token=_credentials(parts.username, parts.password) or token,
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _credentials(user: str | None, password: str | None) -> str:
    return f"{unquote(user)}:{unquote(password or '')}" if user else ""


def _count(options: Mapping[str, str]) -> int:
    text = options.get("pictures", str(_PICTURES))
    found = re.fullmatch(r"([0-9]{1,12})([kMG]?)", text)
    if not found or not int(found[1]):
        raise BadInput(f"pictures={text} in the gallery's URL is no number.", "Write one like pictures=100M.")
    return int(found[1]) * _UNITS[found[2]]


def _seconds(options: Mapping[str, str]) -> float:
    text = options.get("timeout", str(_TIMEOUT_S))
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text) or not float(text):
        raise BadInput(f"timeout={text} in the gallery's URL is no time.", "Write seconds, like timeout=30.")
    return float(text)

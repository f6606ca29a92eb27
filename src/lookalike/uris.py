"""How is a picture named? By the uri of a file or an address on the web; for people by a path; and by a short id."""

import hashlib
import os
import re
from base64 import b32encode
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

WEB = ("http://", "https://")
"""How the uris of pictures on the web begin, but for the case of letters."""
_HERE = {"", "localhost"}
"""Hosts in a `file:` uri that are this machine."""


def is_web(text: str) -> bool:
    """Say whether a text is an address on the web, and no other uri, path, id or word: its scheme in any case."""
    return text[:8].lower().startswith(WEB)


def image_id(uri: str) -> str:
    """Give the stable id of a uri: 16 lower-case letters and digits, 80 bits of BLAKE2b."""
    return b32encode(hashlib.blake2b(uri.encode(), digest_size=10).digest()).decode().lower()


def uri_path(uri: str) -> str:
    """Give a uri as people read it: the path of a file (bytes that are no UTF-8 shown as �), else the URL's path.

    What is no uri at all is given back as it is.
    """
    try:
        return unquote(urlsplit(uri).path, errors="replace")
    except ValueError:
        return uri


def shown_path(path: Path) -> str:
    """Give a path as people read it: bytes that are no UTF-8 are shown as �, for no answer could hold them."""
    return os.fsencode(path).decode("utf-8", "replace")


def local_path(uri: str) -> Path | None:
    """Give the path of a `file:` uri, whatever bytes its name holds; None for any other uri, or another machine's.

    On Windows another machine's is the path of a network share.
    """
    if not uri.startswith("file:"):
        return None
    if os.name == "nt":
        return Path(windows_path(uri))
    parts = urlsplit(uri)
    return Path(os.fsdecode(unquote_to_bytes(parts.path))) if parts.netloc in _HERE else None


def windows_path(uri: str) -> str:
    """Give the path of a `file:` uri on Windows, with slashes: `C:/a.jpg`, or `//nas/photos/a.jpg` on a share."""
    parts = urlsplit(uri)
    path = unquote(parts.path, errors="surrogatepass")
    if parts.netloc not in _HERE:
        return f"//{unquote(parts.netloc)}{path}"
    return path[1:] if re.match("/[A-Za-z]:", path) else path

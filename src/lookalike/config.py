"""What did the user set? Defaults < lookalike.toml < LOOKALIKE_* in the environment < flags; wrong names are errors."""

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field, ValidationError

from lookalike.disk import expand_home
from lookalike.errors import BadInput, NotFound
from lookalike.invalid import fault_of

FILE_NAME = "lookalike.toml"
_PREFIX = "LOOKALIKE_"
_CONFIG_VARIABLE = "LOOKALIKE_CONFIG"
_TEST_PREFIX = "LOOKALIKE_TEST_"
_OTHER_FLAGS = {"caption_beams": "--beams", "caption_tokens": "--max-tokens"}
"""Flags that are not called like the settings they override."""


def _split(value: object) -> object:
    """Read a list as environment variables have it: between commas."""
    return [part for word in value.split(",") if (part := word.strip())] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Bytes = Annotated[ByteSize, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Rate = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]  # longer ones overflow the system's timers


class Settings(BaseModel):
    """All that can be set. Sizes are bytes or texts like `20MB` or `1GiB`; in variables, commas separate lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gallery: str = Field(
        "",
        description="The gallery: a path, or `milvus://host:19530/name`. Empty: `default.gallery` in the user-data "
        "folder.",
    )
    encoder: str = Field(
        "",
        description="What turns pictures into vectors: `mini`, `onnx:path/to/model.onnx` and others. Empty: what the "
        "gallery is searched with, `mini` for a new one. To change a gallery's: `lookalike reencode`.",
    )
    engine: Literal["auto", "onnxruntime", "openvino", "cpu", "cuda", "coreml"] = Field(
        "auto",
        description="What runs networks: `openvino`, `onnxruntime` (on the best device it finds; `cpu`, `cuda` or "
        "`coreml` name one), or `auto` (OpenVINO for the bundled models, where it is installed, else `onnxruntime`). "
        "`lookalike doctor` compares them.",
    )
    gallery_token: str = Field(
        "",
        repr=False,
        description="What the gallery's server asks for: `user:password`, or a key. Better in `gallery_token_file`.",
    )
    gallery_token_file: str = Field("", description="File that holds the gallery's token, alone.")
    captions: bool = Field(False, description="Have a captioner describe each picture that comes without a caption.")
    captioner: str = Field(
        "mini",
        description="What writes captions: `mini`, `hf:Salesforce/blip-image-captioning-base` and others of the "
        "Hugging Face hub, `mlflow:models:/name@alias`, or `none`.",
    )
    caption_beams: Count | None = Field(
        None, le=16, description="Sentences that a captioner weighs at a time. Not set: as it was made."
    )
    caption_tokens: Count | None = Field(
        None,
        le=1_024,
        description="Words, or pieces of words, of a caption at most. Not set: as the captioner was made.",
    )
    caption_batch: Count | None = Field(
        None, le=256, description="Pictures that a captioner looks at together. Not set: as many as serve it best."
    )
    features: Literal["none", "fast", "full"] = Field(
        "fast",
        description="How much is kept to find edited copies: `none` (hash and copy vector only), `fast` "
        "(1 kB a picture more; finds parts, collages and screenshots), `full` (10 kB, descriptors included).",
    )
    effort: Literal["fast", "normal", "thorough"] = Field(
        "normal", description="How long a search by picture looks for edited copies."
    )
    blocked: Literal["refuse", "flag"] = Field(
        "refuse",
        description="What becomes of pictures that were blocked with `lookalike block` and come again, edited or not: "
        "`refuse` keeps them out, `flag` lets them in with the tag `blocked`.",
    )
    exclude: Words = Field(
        (),
        description="Names not to index (`*.png`) or, with a slash, paths below the folder (`trash/*`) or whole paths "
        "(`~/Pictures/private`), in upper or lower case.",
    )
    workers: Count | None = Field(None, description="Decoding processes. Not set: one for each core that may be used.")
    max_bytes: Bytes = Field(ByteSize(200_000_000), description="The largest picture file that is read.")
    max_pixels: Count = Field(100_000_000, description="The largest picture that is decoded, width × height.")
    max_frames: Count = Field(1_000, description="The longest animation whose first frame is read.")
    decode_timeout_s: Seconds = Field(10.0, description="How long one picture may take to decode, or to be read.")
    decode_memory_bytes: Bytes = Field(ByteSize(800_000_000), description="Memory that decoding one picture may take.")
    fetch_allow: Words = Field(
        (),
        description="Hosts outside of the public web that may be asked for pictures, and all their ports: "
        "`nas.local`, `*.example.org`, `192.168.1.7`, `192.168.0.0/16`.",
    )
    fetch_max_bytes: Bytes = Field(ByteSize(20_000_000), description="The largest picture fetched from a URL.")
    fetch_timeout_s: Seconds = Field(10.0, description="How long fetching a picture may take, redirects included.")
    fetch_use_environment_proxies: bool = Field(
        False,
        description="Fetch through the proxies that `http_proxy`, `https_proxy` and `no_proxy` name. "
        "The proxy must then refuse private addresses itself.",
    )
    host: str = Field("127.0.0.1", description="The address that `serve` listens on; `0.0.0.0` for the whole network.")
    port: int = Field(8077, ge=0, le=65_535, description="The port that `serve` listens on; 0 for any that is free.")
    hosts: Words = Field((), description="Names under which `serve` may be reached. Empty: any, on loopback its own.")
    keys: str = Field(
        "", description="File of the keys that `lookalike keys` makes. Empty: `<gallery>.keys` beside the gallery."
    )
    insecure: bool = Field(
        False, description="Let `serve` listen for the whole network though nobody needs a key to come in."
    )
    oidc_issuer: str = Field(
        "", description="The OpenID Connect provider whose tokens are taken, as its tokens name it: `https://…`."
    )
    oidc_audience: str = Field("lookalike", description="What a token must be made for (its claim `aud`).")
    oidc_algorithms: Words = Field(
        ("RS256", "ES256", "PS256", "EdDSA"), description="How a token may be signed; never with a shared secret."
    )
    oidc_claim: str = Field(
        "scope",
        description="The claim that holds `lookalike:read`, `lookalike:write` or `lookalike:admin`, as words or as a "
        "list; dots lead inside: `realm_access.roles`.",
    )
    rate: Rate = Field(
        100,
        description="Requests a second for each key, and for each address without one; 0 for any number. Counts where "
        "others than this machine may come in.",
    )
    rate_burst: Rate = Field(2_000, description="How many of them may come at once, after a time of none.")
    trusted_proxies: Words = Field(
        (),
        description="Addresses or networks of reverse proxies of yours: what they say in X-Forwarded-For and "
        "X-Forwarded-Proto is believed.",
    )
    cors_origins: Words = Field(
        (), description="Other web sites whose pages may ask, with a key: `https://app.example.org`. Empty: none."
    )
    index_roots: Words = Field(
        (), description="Folders below which `POST /v1/jobs` may index, besides those that `serve` was given."
    )
    request_timeout_s: Seconds = Field(60.0, description="How long `serve` may take to begin an answer.")
    tls_certificate: str = Field(
        "", description="File with the certificate chain, in PEM, by which `serve` speaks https. Empty: http."
    )
    tls_key: str = Field("", description="File with the certificate's private key. Empty: it is in the same file.")
    log_format: Literal["text", "json"] = Field("text", description="How `serve` writes its log on stderr.")
    log_level: Literal["auto", "debug", "info", "warning", "error"] = Field(
        "auto",
        description="What it writes: `info` has a line a request. `auto`: `info` as JSON, else `warning`.",
    )
    telemetry: str = Field(
        "",
        description="Where traces go, by OpenTelemetry over HTTP: `http://localhost:4318/v1/traces`. Empty: nowhere. "
        "Needs the extra `telemetry`.",
    )
    max_upload_bytes: Bytes = Field(ByteSize(50_000_000), description="The largest picture that `serve` takes.")
    uploads: str = Field("", description="Folder for what is uploaded to this gallery. Empty: `<gallery>.uploads`.")
    thumbnails_bytes: Bytes = Field(
        ByteSize(1_000_000_000), description="How large the cache of small pictures may grow; its file never shrinks."
    )

    def secret_of_gallery(self) -> str:
        """Give the gallery's token, from wherever it was set.

        Raises:
            BadInput: the file with it cannot be read.
        """
        if self.gallery_token or not self.gallery_token_file:
            return self.gallery_token
        try:
            return expand_home(self.gallery_token_file).read_text("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            what = f"The file {self.gallery_token_file!r} with the gallery's token cannot be read."
            raise BadInput(what, "Correct gallery_token_file, or who may read it.") from error


@dataclass(frozen=True, slots=True)
class _Given:
    """A value, and where it was set."""

    value: object
    origin: str


def load_settings(config: Path | None = None, **flags: object) -> Settings:
    """Put the settings together; a flag that is None was not given.

    The file is `config`, else what LOOKALIKE_CONFIG names, else the first of ./lookalike.toml and lookalike.toml in
    the user's configuration folder that is there. Variables that are set but empty count as not set.

    Raises:
        NotFound: the file that was named is not there.
        BadInput: a name or value that cannot be, with the file and line, variable or flag that holds it.
    """
    given = {
        **_from_file(_find_file(config)),
        **_from_environment(),
        **{name: _Given(value, _flag_of(name)) for name, value in flags.items() if value is not None},
    }
    for name, setting in given.items():
        if name not in Settings.model_fields:
            raise _unknown(name, setting.origin)
    try:
        return Settings.model_validate({name: setting.value for name, setting in given.items()})
    except ValidationError as error:
        raise _refused(error, given) from error


def _flag_of(name: str) -> str:
    return _OTHER_FLAGS.get(name, f"--{name.replace('_', '-')}")


def _find_file(config: Path | None) -> Path | None:
    variable = os.environ.get(_CONFIG_VARIABLE)
    named = config or variable
    if not named:
        usual = (Path(FILE_NAME), user_config_path("lookalike", appauthor=False) / FILE_NAME)
        return next((path for path in usual if os.path.isfile(path)), None)  # noqa: PTH113 - raises nothing
    path = expand_home(named)
    try:
        is_there = path.is_file()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    if not is_there:
        origin = "--config" if config else _CONFIG_VARIABLE
        raise NotFound(f"There is no file {str(path)!r}, which {origin} names.", "Correct the path, or leave it out.")
    return path


def _from_file(path: Path | None) -> dict[str, _Given]:
    if path is None:
        return {}
    try:
        text = path.read_text("utf-8-sig")
        values = tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is no TOML: {error}.", 'Write lines like port = 8077 or encoder = "mini".') from error
    return {name: _Given(value, f"{path}, line {_line_of(name, text)}") for name, value in values.items()}


def _line_of(name: str, text: str) -> int:
    found = re.search(rf"^[\s\[]*[\"']?{re.escape(name)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _from_environment() -> dict[str, _Given]:
    return {
        variable.removeprefix(_PREFIX).lower(): _Given(value, variable)
        for variable, value in os.environ.items()
        if variable.startswith(_PREFIX) and not variable.startswith(_TEST_PREFIX)
        if value and variable != _CONFIG_VARIABLE
    }


def _unknown(name: str, origin: str) -> BadInput:
    known = list(Settings.model_fields)
    near = [other for other in known if other.startswith(f"{name}_")] or get_close_matches(name, known)
    fix = f"Did you mean {_listed(near)}?" if near else f"There are: {_listed(known)}."
    return BadInput(f"{origin}: there is no setting {name!r}.", fix)


def _refused(error: ValidationError, given: dict[str, _Given]) -> BadInput:
    first = error.errors()[0]
    name = str(first["loc"][0])
    what = f"{given[name].origin}: {name} cannot be {given[name].value!r}: it {fault_of(first)}."
    return BadInput(what, f"{name}: {Settings.model_fields[name].description}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)

"""What is a registered version made of? `lookalike.json`: its kind, what loads it, and each file with its sum."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from lookalike.models.cards import STRICT, Line, Sha256, parse_card, telling_wrong
from lookalike.models.hub.allowed import is_allowed

NAME = "lookalike.json"
DIGEST = "lookalike.digest"
"""The tag of a version that tells what it is made of, as `Manifest.digest`."""

Kind = Literal["encoder", "captioner"]


def _refuse_code(files: dict[str, str]) -> dict[str, str]:
    for name in files:
        if not is_allowed(name) or name == NAME:
            raise ValueError(f"{name[:100]!r} may not be part of a model, for its name or its kind")
    return files


Files = Annotated[dict[str, Sha256], Field(min_length=1, max_length=256), AfterValidator(_refuse_code)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Manifest:
    """A version as data."""

    format: Literal[1] = 1
    kind: Kind
    family: Line
    """What loads it, as in the names of encoders and captioners: `mini`, `onnx`, `hf`."""
    entry: Line = ""
    """What that loads: a file of `files`, or empty for all of them together."""
    origin: Line = ""
    """What was registered, by its name on the machine that did."""
    files: Files
    """By path within the version → sha256."""

    @property
    def digest(self) -> str:
        """Tell versions apart by what they are: sha256 over kind, family, entry and files."""
        parts = [self.kind, self.family, self.entry, sorted(self.files.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def write(self) -> bytes:
        """Write it as `read_manifest` reads it."""
        return _ADAPTER.dump_json(self, indent=2)


_ADAPTER = TypeAdapter(Manifest)


def make_manifest(kind: Kind, family: str, origin: str, files: Mapping[str, str], entry: str = "") -> Manifest:
    """Say what a version is made of.

    Raises:
        BadInput: it has files that do not come out of a registry again, or too many.
    """
    with telling_wrong(f"{origin} cannot be registered", "Take it off the card, or give it another name."):
        return Manifest(kind=kind, family=family, entry=entry, origin=origin, files=dict(files))


def read_manifest(data: bytes) -> Manifest:
    """Read the bytes of a `lookalike.json`.

    Raises:
        BadInput: broken, too long, or a key that is missing, unknown or wrong; each is named.
    """
    return parse_card(_ADAPTER, data, NAME)


def sums_of(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Give {name: sha256} of {name: bytes}."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}

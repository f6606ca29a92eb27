"""What does a checkpoint need, and what does it give? A Card: data read from a TOML or JSON file beside the model."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from lookalike.decode import Fit
from lookalike.errors import BadInput
from lookalike.types import Space

MAX_CARD_BYTES = 65_536

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,199}")
"""One plain name: no folder, no `..`, nothing hidden."""

_STRICT = ConfigDict(strict=True, extra="forbid")

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Line = Annotated[str, StringConstraints(max_length=2_000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Deviation = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class NetworkInput:
    """How the network wants its pictures: the cut, the order of the axes, the numbers."""

    size: Annotated[int, Field(ge=16, le=2_048)]
    """Side of the square, in pixels."""
    fit: Literal["squash", "crop"]
    margin: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the shorter side that `crop` keeps."""
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: Literal["float32", "uint8"] = "float32"
    """`uint8` takes the pixels as they are; `float32` takes (pixel / 255 − mean) / std."""
    mean: tuple[Finite, Finite, Finite] = (0.0, 0.0, 0.0)
    std: tuple[Deviation, Deviation, Deviation] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Head:
    """One output of the network, which is a space of its own."""

    output: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The name of the output in the model file."""
    space: Word
    """The last part of the space's name: `semantic` in `mini@1/semantic`."""
    dim: Annotated[int, Field(ge=1, le=8_192)]
    calibration: tuple[Finite, Finite] = (0.0, 0.0)
    """Slope and offset a, b of confidence = 1 / (1 + exp(−(a·score + b))); (0, 0) where never calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Card:
    """A checkpoint as data. What is not known here is an error, so that a misspelt key never passes in silence."""

    name: Word
    version: Word
    """Goes into the names of the spaces; raise it whenever the vectors change."""
    input: NetworkInput
    heads: Annotated[tuple[Head, ...], Field(min_length=1, max_length=8)]
    """The first is the one a search by picture uses."""
    files: Annotated[dict[str, Sha256], Field(min_length=1, max_length=64)]
    """The model file and what it refers to, all in the card's folder → sha256 of each."""
    licence: Line = ""
    source: Line = ""
    paper: Line = ""
    about: Line = ""

    @field_validator("files")
    @classmethod
    def _stay_in_the_folder(cls, names: dict[str, str]) -> dict[str, str]:
        for name in names:
            if not _FILE_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no plain file name in the card's own folder")
        return names

    @field_validator("heads")
    @classmethod
    def _name_each_space_once(cls, heads: tuple[Head, ...]) -> tuple[Head, ...]:
        if len({head.space for head in heads}) < len(heads):
            raise ValueError("two heads have the same space")
        return heads

    @property
    def fit(self) -> Fit:
        """How a decoder should cut pictures for this network."""
        return Fit(size=self.input.size, mode=self.input.fit, margin=self.input.margin)

    def spaces(self, encoder: str) -> Mapping[str, Space]:
        """Give the space of each head, by name, the first head first; `encoder` is what loads the encoder again."""
        made = [
            Space(
                name=f"{self.name}@{self.version}/{head.space}",
                dim=head.dim,
                encoder=encoder,
                digest=self._digest(head),
                calibration=head.calibration,
            )
            for head in self.heads
        ]
        return {space.name: space for space in made}

    def _digest(self, head: Head) -> str:
        """Hash all that shapes the vectors of a head: the weights, the preprocessing, the output; not the words."""
        # Galleries keep this: a key added later must be left out where it has its default, or all would be refused.
        shaping = {
            "files": sorted(self.files.values()),
            "size": self.input.size,
            "fit": self.input.fit,
            "margin": self.input.margin,
            "layout": self.input.layout,
            "dtype": self.input.dtype,
            "mean": self.input.mean,
            "std": self.input.std,
            "output": head.output,
            "dim": head.dim,
        }
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


_ADAPTER = TypeAdapter(Card)

EXAMPLE = """\
name = "my-model"
version = "1"

[input]
size = 224
fit = "crop"        # or "squash"
margin = 0.875
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]

[[heads]]
output = "embedding"
space = "semantic"
dim = 512

[files]
"{file}" = "{sha256}"
"""
"""A card to start from, with the usual preprocessing of ImageNet classifiers."""


def read_card(data: bytes, name: str) -> Card:
    """Read the bytes of a card; `name` is its file's name and says by its ending whether it is TOML or JSON.

    Raises:
        BadInput: broken, too long, or a key that is missing, unknown or wrong; each is named.
    """
    if len(data) > MAX_CARD_BYTES:
        raise BadInput(f"The card {name} is longer than {MAX_CARD_BYTES} bytes.", "Keep long texts elsewhere.")
    try:
        text = data.decode()
        tree = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
        return _ADAPTER.validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        wrong = "; ".join(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors()[:5])
        raise BadInput(f"The card {name} is wrong: {wrong}.", "Correct these keys.") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The card {name} cannot be read: {error}.", "Write it as TOML or JSON in UTF-8.") from None


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:60] for part in loc) or "card"

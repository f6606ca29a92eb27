"""What does a checkpoint need, and what does it give? A Card: data read from a TOML or JSON file beside the model."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, TypeAdapter, field_validator, model_validator
from pydantic.dataclasses import dataclass

from lookalike.decode import Fit
from lookalike.decode.fit import Filter
from lookalike.models.cards import STRICT, Finite, Line, Sha256, Sums, Word, parse_card
from lookalike.types import Space

_LEAST, _MOST = 1e-6, 1e6
"""What pixels are computed with; beyond that, numbers of single precision become infinite, or nothing."""
Mean = Annotated[float, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
Deviation = Annotated[float, Field(ge=_LEAST, le=_MOST, allow_inf_nan=False)]
Output = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of an output in the model file."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NetworkInput:
    """How the network wants its pictures: the cut, the order of the axes, the numbers."""

    size: Annotated[int, Field(ge=16, le=2_048)]
    """Side of the square, in pixels."""
    fit: Literal["squash", "crop"]
    margin: Annotated[float, Field(ge=_LEAST, le=1)] = 1.0
    """Share of the shorter side that `crop` keeps."""
    filter: Filter = "fast"
    """How pixels are resampled: `fast`, or exactly as the network was trained with."""
    rounding: Literal["none", "down", "even"] = "none"
    """Where `crop` cuts: in the very middle, or at whole pixels of the scaled picture, halves going down or to even."""
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: Literal["float32", "uint8"] = "float32"
    """`uint8` takes the pixels as they are; `float32` takes (pixel / 255 − mean) / std."""
    mean: tuple[Mean, Mean, Mean] = (0.0, 0.0, 0.0)
    std: tuple[Deviation, Deviation, Deviation] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Head:
    """One output of the network, which is a space of its own."""

    output: Output
    space: Word
    """The last part of the space's name: `semantic` in `mini@2/semantic`."""
    dim: Annotated[int, Field(ge=1, le=8_192)]
    calibration: tuple[Finite, Finite] = (0.0, 0.0)
    """Slope and offset a, b of confidence = 1 / (1 + exp(−(a·score + b))); (0, 0) where never calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Classes:
    """An output that says what is in the picture."""

    output: Output
    """Probabilities, one a class."""
    names: str
    """A file that lists the names of the classes: JSON, in the order of the output."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Map:
    """An output that says what is where, for a captioner."""

    output: Output
    cells: Annotated[int, Field(ge=1, le=65_536)]
    """Row by row from the top left."""
    channels: Annotated[int, Field(ge=1, le=65_536)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Text:
    """A network of its own that turns words into vectors of one of the spaces."""

    model: str
    """An ONNX file: its input takes pieces, int64 (n, length); a second, `attention_mask`, is told that all count."""
    tokenizer: str
    """A tokenizer.json, which the package `tokenizers` reads."""
    space: Word
    """The last part of the space's name, as a head has it."""
    max_pieces: Annotated[int, Field(ge=1, le=8_192)]
    """What is longer is cut."""
    output: Output = "text"
    """The one of the model that is (n, dim)."""
    pad: Annotated[int, Field(ge=0)] = 0
    """The piece that stands for no word and fills short texts up."""
    fill: bool = False
    """Whether all texts are filled up to `max_pieces`, or only to the longest beside them."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=500)]
    """ISO 639-1."""
    calibration: tuple[Finite, Finite] = (0.0, 0.0)
    """As for a head, for the score of a text and a picture."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Architecture:
    """What network weights belong to that come without one, as safetensors: one of timm, and what is behind it."""

    architecture: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,100}$")]
    """timm's name: `resnet50`."""
    prefix: Annotated[str, StringConstraints(max_length=100)] = ""
    """What stands before the names of all weights."""
    power: Annotated[float, Field(ge=1, le=100)] | None = None
    """Of the generalised mean that makes one vector of the map; as the network does it, where it is not given."""
    projection: Annotated[int, Field(ge=1, le=8_192)] | None = None
    """How many numbers a linear layer `fc` makes of that."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Card:
    """A checkpoint as data. What is not known here is an error, so that a misspelt key never passes in silence."""

    name: Word
    version: Word
    """Goes into the names of the spaces; raise it whenever the vectors change."""
    input: NetworkInput
    heads: Annotated[tuple[Head, ...], Field(min_length=1, max_length=8)]
    """The first is the one a search by picture uses."""
    classes: Classes | None = None
    map: Map | None = None
    text: Text | None = None
    torch: Architecture | None = None
    """For weights as safetensors, which PyTorch runs."""
    alike: Sha256 | None = None
    """Digest of the one space of another encoder whose vectors of pictures are the same: that it was exported from, or
    the same graphs with another tokenizer."""
    files: Sums
    """The model file and all that it or the card refers to."""
    licence: Line = ""
    source: Line = ""
    paper: Line = ""
    about: Line = ""

    @field_validator("heads")
    @classmethod
    def _name_each_space_once(cls, heads: tuple[Head, ...]) -> tuple[Head, ...]:
        if len({head.space for head in heads}) < len(heads):
            raise ValueError("two heads have the same space")
        return heads

    @model_validator(mode="after")
    def _refer_to_what_is_there(self) -> Self:
        if (self.classes is None) != (self.map is None):
            raise ValueError("[classes] and [map] come together")
        plain = self.input.dtype == "float32" and self.input.layout == "nchw"
        if self.torch and (len(self.heads) > 1 or self.classes or self.text or not plain):
            raise ValueError("with [torch] there is one head, no [classes], [map] or [text], and float32 as nchw")
        if self.alike and len(self.heads) > 1:
            raise ValueError("alike is for an encoder of one space")
        if self.text and self.text.space not in {head.space for head in self.heads}:
            raise ValueError(f"[text] has the space {self.text.space!r}, which no head has")
        for name in (*self._words, *self._labels):
            if name not in self.files:
                raise ValueError(f"[files] does not name {name!r}")
        return self

    @property
    def _words(self) -> tuple[str, ...]:
        """The files that shape vectors of texts only."""
        return (self.text.model, self.text.tokenizer) if self.text else ()

    @property
    def _labels(self) -> tuple[str, ...]:
        """The files that shape no vector."""
        return (self.classes.names,) if self.classes else ()

    @property
    def fit(self) -> Fit:
        """How a decoder should cut pictures for this network."""
        wanted = self.input
        return Fit(
            size=wanted.size, mode=wanted.fit, margin=wanted.margin, filter=wanted.filter, rounding=wanted.rounding
        )

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
        """Hash all that shapes the vectors of a space: the weights, the preprocessing, the output; not the words.

        In the space where texts meet pictures, what shapes the vectors of texts counts, too, as either is of no use
        with the other's of another version; the other spaces do not ask for it.
        """
        if self.alike:
            return self.alike
        # Galleries keep this: a key added later must be left out where it has its default, or all would be refused.
        apart = {*self._words, *self._labels}
        shaping: dict[str, Any] = {
            "files": sorted(sha256 for name, sha256 in self.files.items() if name not in apart),
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
        if (self.input.filter, self.input.rounding) != ("fast", "none"):
            shaping["resampling"] = [self.input.filter, self.input.rounding]
        if self.torch:
            shaping["torch"] = asdict(self.torch)
        if self.text and self.text.space == head.space:
            shaping["text"] = [self.files[name] for name in self._words] + [self.text.max_pieces]
            if (self.text.pad, self.text.fill) != (0, False):
                shaping["text"] += [self.text.pad, self.text.fill]
            if self.text.output != "text":
                shaping["text"] += [self.text.output]
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
    return parse_card(_ADAPTER, data, name)


def write_card(card: Card) -> bytes:
    """Write a card as `read_card` reads it, in JSON."""
    return _ADAPTER.dump_json(card, exclude_none=True)

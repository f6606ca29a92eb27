"""What does a captioner need, and how does it write? A CaptionerCard: data read from the TOML file beside its files."""

import math
from typing import Annotated

from pydantic import Field, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from lookalike.models.cards import STRICT, Finite, Line, Sums, Word, parse_card


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MapInput:
    """What the captioner looks at."""

    encoder: Line
    """The one, and its version, whose maps it learnt from: `mini@2`."""
    cells: Annotated[int, Field(ge=1, le=4_096)]
    channels: Annotated[int, Field(ge=1, le=8_192)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Writing:
    """How sentences are looked for."""

    beams: Annotated[int, Field(ge=1, le=16)]
    """Sentences that are followed at a time."""
    longest: Annotated[int, Field(ge=1, le=64)]
    """Words of a sentence at most."""
    length_exponent: Annotated[float, Field(ge=0, le=2)]
    """A sentence's score is its log-probability over its number of words to this power."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Confidence:
    """How likely it is that a person calls a caption right: logistic in three numbers, by what was measured."""

    offset: Finite
    fluency: Finite
    """Weight of the mean log-probability of the caption's words."""
    familiarity: Finite
    """Weight of the log-odds that the picture is of the kind learnt from."""
    cutoff: Annotated[float, Field(ge=0, le=1)]
    """Below this confidence nothing is said."""

    def of(self, fluency: float, familiarity: float) -> float:
        """Give the confidence in a caption."""
        x = self.offset + self.fluency * fluency + self.familiarity * familiarity
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, x))))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CaptionerCard:
    """A captioner as data. What is not known here is an error, so that a misspelt key never passes in silence."""

    name: Word
    version: Word
    """Raise it whenever the captions change."""
    begin: Line
    """The network that looks at a map before the first word; one of `files`, as are the next two."""
    step: Line
    """The network that goes one word further."""
    words: Line
    """A JSON list of what can be written, in the network's order: first the empty string, which ends a sentence."""
    map: MapInput
    writing: Writing
    confidence: Confidence
    files: Sums
    licence: Line = ""
    source: Line = ""
    paper: Line = ""
    about: Line = ""

    @model_validator(mode="after")
    def _name_its_files(self) -> "CaptionerCard":
        missing = {self.begin, self.step, self.words} - set(self.files)
        if missing:
            raise ValueError(f"files does not name {', '.join(sorted(missing))}")
        return self


_ADAPTER = TypeAdapter(CaptionerCard)


def read_card(data: bytes, name: str) -> CaptionerCard:
    """Read the bytes of a card; `name` is its file's name and says by its ending whether it is TOML or JSON.

    Raises:
        BadInput: broken, too long, or a key that is missing, unknown or wrong; each is named.
    """
    return parse_card(_ADAPTER, data, name)

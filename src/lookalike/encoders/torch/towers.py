"""What is a checkpoint made of? A tower for pictures, perhaps one for words, and what they were trained with."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lookalike.encoders.tokens import Tokenizer
from lookalike.models.preprocessing import Preprocessing
from lookalike.types import Space

WITH_WORDS = {"clip": False, "siglip": True}
"""Models of Transformers with a tower for words → whether it was trained on texts filled up to its full length.

Source: transformers, models/clip/processing_clip.py and models/siglip/processing_siglip.py.
"""

_MAX_LETTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """How texts are cut into pieces."""

    tokenizer: bytes
    """A tokenizer.json."""
    max_pieces: int
    """What is longer is cut."""
    pad: int
    """The piece that stands for no word and fills short texts up."""
    fill: bool
    """Whether all texts are filled up to `max_pieces`, or only to the longest beside them."""

    def start(self) -> Tokenizer:
        """Load it. Raises as `Tokenizer` does."""
        return Tokenizer("tokenizer.json", self.tokenizer, self.max_pieces, pad=self.pad, fill=self.fill)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The tower for words."""

    module: Any
    """A torch module: pieces, int64 (n, length) → vectors, float32 (n, dim)."""
    pieces: Pieces
    languages: tuple[str, ...] = ("en",)
    calibration: tuple[float, float] = (0.0, 0.0)
    """As `TextEncoder.text_calibration`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Towers:
    """A checkpoint, loaded."""

    model: str
    """What it is called, for people: `clip-vit-base-patch32`."""
    module: Any
    """A torch module: numbers as `input` says, float32 (n, 3, size, size) → vectors, float32 (n, dim)."""
    input: Preprocessing
    space: str
    """`semantic` where words and pictures meet, else `visual` or `copy`."""
    dim: int
    sums: Mapping[str, str] = field(repr=False)
    """All files that shape vectors → sha256 of each."""
    words: Words | None = None
    calibration: tuple[float, float] = (0.0, 0.0)
    """As `Space.calibration`."""

    def made_space(self, encoder: str) -> Space:
        """Give the space of its vectors; `encoder` is what loads the encoder again.

        The version in its name is the start of the digest, so that another commit of the same weights has this space.
        """
        digest = self._digest()
        name = f"{word(self.model)}@{digest[:12]}/{self.space}"
        return Space(name=name, dim=self.dim, encoder=encoder, digest=digest, calibration=self.calibration)

    def _digest(self) -> str:
        shaping: dict[str, Any] = {
            "files": sorted(self.sums.items()),
            "input": asdict(self.input),
            "space": self.space,
            "dim": self.dim,
        }
        if self.words:
            pieces = self.words.pieces
            shaping["text"] = [pieces.max_pieces, pieces.pad, pieces.fill]
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def word(name: str) -> str:
    """Make a name fit for a space: `ViT-B-32/laion2b` becomes `vit-b-32-laion2b`."""
    return re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).lstrip("_.-")[:_MAX_LETTERS] or "model"

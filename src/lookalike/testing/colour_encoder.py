"""How can one test without a model? An encoder that sees only where which colours are, and knows their names."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from lookalike.decode import Fit
from lookalike.encoders import Seen
from lookalike.types import Embedding, Embeddings, Pixels, Space

_GRID = 8

_MAX_WORDS = 64

_CZECH = "(a|e|eho|emu|ou|y|ych|ym|ymi)"

_COLOURS: dict[str, tuple[tuple[int, int, int], str]] = {
    "red": ((230, 20, 20), rf"red|rot(e[mnrs]?)?|rouges?|cerven{_CZECH}"),
    "orange": ((255, 140, 0), rf"oranges?|orangefarben\w*|oranzov{_CZECH}"),
    "yellow": ((250, 230, 30), rf"yellow|gelb(e[mnrs]?)?|jaunes?|zlut{_CZECH}"),
    "green": ((20, 150, 50), rf"green|grun(e[mnrs]?)?|verte?s?|zelen{_CZECH}"),
    "blue": ((20, 60, 220), rf"blue|blau(e[mnrs]?)?|bleue?s?|modr{_CZECH}"),
    "purple": ((130, 30, 160), rf"purple|lila|violett?(e[mnrs]?|s)?|fialov{_CZECH}"),
    "pink": ((255, 150, 200), rf"pink|rosa|roses?|ruzov{_CZECH}"),
    "brown": ((120, 70, 30), rf"brown|braun(e[mnrs]?)?|bruns?|brunes?|hned{_CZECH}"),
    "black": ((5, 5, 5), rf"black|schwarz(e[mnrs]?)?|noire?s?|cern{_CZECH}"),
    "grey": ((128, 128, 128), rf"gr[ea]y|grau(e[mnrs]?)?|grise?s?|sed{_CZECH}"),
    "white": ((250, 250, 250), rf"white|weiss(e[mnrs]?)?|weiß(e[mnrs]?)?|blanc(he)?s?|bil{_CZECH}"),
}
"""English name → sRGB, and what it is called in English, German, French and Czech, without case and accents."""


class WordlessEncoder:
    """Projects the mean colours of 8 × 8 fields at random to `dim` dimensions; the same in every process."""

    def __init__(self, dim: int = 64) -> None:
        """Draw the projection of this dimension."""
        self.name = f"colour:{dim}"
        self.fit = Fit(size=64, mode="squash")
        random = np.random.default_rng(dim)
        self._projection = random.standard_normal((_GRID * _GRID * 3 + 1, dim), dtype=np.float32)
        digest = hashlib.sha256(self._projection.tobytes()).hexdigest()
        space = Space(
            name=f"{self.name}@1/colour", dim=dim, encoder=self.name, digest=digest, calibration=(20.0, -17.0)
        )
        self.spaces: Mapping[str, Space] = {space.name: space}

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode pictures of any size into {space name: unit vectors}."""
        fields = np.array([_mean_colours(image) for image in images], np.float32)
        vectors = fields.reshape(len(images), self._projection.shape[0]) @ self._projection
        return {name: vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for name in self.spaces}


class ColourEncoder(WordlessEncoder):
    """Also knows colours by their names in four languages: to it, `red` is a picture that is red all over.

    Several colours in a text are mixed in equal parts. A text without any lies near no picture, wherever its hash
    falls. What it recognises are colours: the probability of each is the share of the fields closest to it.
    """

    languages = ("en", "de", "fr", "cs")
    text_calibration = (30.0, -15.0)
    class_names = tuple(_COLOURS)

    def __init__(self, dim: int = 64) -> None:
        """Draw the projection of this dimension, and paint the colours."""
        super().__init__(dim)
        self.text_space = next(iter(self.spaces))
        self._palette = np.array([rgb for rgb, _ in _COLOURS.values()], np.uint8)
        painted = WordlessEncoder.encode(self, [rgb[None, None] for rgb in self._palette])
        self._of_colour = dict(zip(_COLOURS, painted[self.text_space], strict=True))

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Encode texts into unit vectors by the colours they name."""
        vectors = np.array([self._vector(text) for text in texts], np.float32)
        return vectors.reshape(len(texts), self.spaces[self.text_space].dim)

    def see(self, images: Sequence[Pixels]) -> Seen:
        """Encode pictures, name their colours, and say which colour each of the 64 fields has: red, green, blue."""
        maps = np.array([_mean_colours(image)[:-1] for image in images], np.float32).reshape(-1, _GRID * _GRID, 3)
        palette = self._palette.astype(np.float32) / 127.5 - 1
        nearest = np.linalg.norm(maps[:, :, None] - palette, axis=-1).argmin(axis=-1)
        shares = (nearest[..., None] == np.arange(len(palette))).mean(axis=1, dtype=np.float32)
        return Seen(embeddings=self.encode(images), classes=shares, maps=maps)

    def _vector(self, text: str) -> Embedding:
        named = [
            self._of_colour[name]
            for word in _words(text)[:_MAX_WORDS]
            for name, (_, spellings) in _COLOURS.items()
            if re.fullmatch(spellings, word)
        ]
        dim = self.spaces[self.text_space].dim
        mixed = np.sum(named, axis=0) if named else _direction(text, dim)
        unit: Embedding = (mixed / np.linalg.norm(mixed)).astype(np.float32)
        return unit


def _words(text: str) -> list[str]:
    """Split into words without case and accents."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare)


def _direction(text: str, dim: int) -> Embedding:
    seed = hashlib.sha256(" ".join(_words(text)).encode("utf-8", "replace")).digest()
    return np.random.default_rng(int.from_bytes(seed)).standard_normal(dim, dtype=np.float32)


def _mean_colours(image: Pixels) -> np.ndarray:
    """Give each field's colour around mid-grey, and a constant so that a plain grey picture has a direction too."""
    small = Image.fromarray(image).resize((_GRID, _GRID), Image.Resampling.BOX)
    return np.append(np.asarray(small, np.float32).ravel() / 127.5 - 1, np.float32(0.5))

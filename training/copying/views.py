"""Which edited copies does the copy head learn from? Made once, and what the network sees of them kept on disk."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32
from PIL import Image

from copying.features import Patterns, copy_features
from copying.scenes import View, random_view
from lookalike.types import Pixels
from taps import Look

_CHUNK = 100
"""Pictures between two notes of how far the work is."""


class Views:
    """Features of each picture (view 0) and of `count` random edits of it, made once and continued where cut off."""

    features: Float32[np.ndarray, "views pictures features"]
    alone: Bool[np.ndarray, "views pictures"]
    """Whether an edited picture shows no other one large."""

    def __init__(self, folder: Path, count: int, pictures: int, features: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._done = folder / "done"
        self.features = mapped(folder / "features.npy", (count + 1, pictures, features), np.float32)
        self.alone = mapped(folder / "alone.npy", (count + 1, pictures), np.bool_)

    def make(self, look: Look, patterns: Sequence[Patterns], pictures: Sequence[Pixels], seed: int) -> None:
        """Make what is not there yet; every view has its own seed, so that a break changes nothing."""
        images = [Image.fromarray(picture) for picture in pictures]
        views, count = self.alone.shape
        start = int(self._done.read_text()) if self._done.exists() else 0
        for first in range(start, views * count, _CHUNK):
            places = [divmod(place, count) for place in range(first, min(first + _CHUNK, views * count))]
            made = [
                random_view(images, source, np.random.default_rng((seed, view, source)))
                if view
                else View(images[source], (source,))
                for view, source in places
            ]
            found = copy_features(look, patterns, [np.asarray(view.image) for view in made])
            for (view, source), features, one in zip(places, found, made, strict=True):
                self.features[view, source] = features
                self.alone[view, source] = len(one.sources) == 1
            self.features.flush()
            self._done.write_text(str(first + len(places)))


def mapped(path: Path, shape: tuple[int, ...], kind: type) -> np.ndarray:
    """Open an array that lies on disk and is filled bit by bit, so that a run can go on where another ended."""
    if not path.exists():
        return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    found = np.lib.format.open_memmap(path, mode="r+")
    if found.shape != shape:
        raise SystemExit(f"{path} holds {found.shape}, not {shape}: give another --work.")
    return found

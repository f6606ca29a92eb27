"""How many edited copies do vectors find? Asked of files that `bench/copies.py` makes: other pictures and edits."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.types import Pixels
from measures import Vectors

RANKS = (1, 10, 100)


@dataclass(frozen=True)
class Success:
    """Shares of queries that have a true picture among the first k, for each k of `RANKS`; in percent."""

    overall: tuple[float, ...]
    macro: tuple[float, ...]
    """Mean over the groups of edits."""
    groups: dict[str, float]
    """At rank 1."""


@dataclass(frozen=True)
class Copies:
    """Queries by picture with the names of the gallery's pictures that are true answers."""

    gallery: list[Path]
    queries: list[Path]
    truths: list[frozenset[str]]
    groups: list[str]
    unknown: list[Path]
    """Queries that nothing in the gallery answers."""

    def judge(self, queries: Vectors, gallery: Vectors) -> Success:
        """Rank the gallery by cosine for each query."""
        scores = queries @ gallery.T
        true = np.array([[path.name in truth for path in self.gallery] for truth in self.truths])
        best = np.where(true, scores, -np.inf).max(axis=1, keepdims=True)
        places = ((scores > best) & ~true).sum(axis=1)
        names = np.array(self.groups)
        found = {
            group: [100 * float((places[names == group] < k).mean()) for k in RANKS] for group in sorted(set(names))
        }
        return Success(
            overall=tuple(100 * float((places < k).mean()) for k in RANKS),
            macro=tuple(np.mean(list(found.values()), axis=0).tolist()),
            groups={group: shares[0] for group, shares in found.items()},
        )


def read_copies(folder: Path, size: int) -> Copies:
    """Read what was made; distractors are left out where the gallery would be larger than `size`."""
    asked = json.loads((folder / "plan.json").read_text("utf-8"))["asked"]
    edits = [one for one in asked if one["sort"] == "edit"]
    files = sorted((folder / "gallery").iterdir(), key=lambda path: (path.name.startswith("distractor"), path.name))
    return Copies(
        gallery=files[:size],
        queries=[folder / "queries" / one["file"] for one in edits],
        truths=[frozenset(one["truth"]) for one in edits],
        groups=[one["group"] for one in edits],
        unknown=[folder / "queries" / one["file"] for one in asked if one["sort"] == "unknown"],
    )


def read_pixels(path: Path) -> Pixels:
    """Read one file."""
    return np.asarray(Image.open(path).convert("RGB"))


def vectors_of(paths: list[Path], encode: Callable[[list[Pixels]], Vectors]) -> Vectors:
    """Encode files, a few at a time."""
    return np.concatenate([encode([read_pixels(path) for path in paths[i : i + 64]]) for i in range(0, len(paths), 64)])

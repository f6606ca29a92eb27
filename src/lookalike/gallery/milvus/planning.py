"""Which index suits how many vectors? Chosen when a space is made, by the server's version and the size to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.gallery.milvus.abilities import Abilities

_EXACT = 200_000
"""Pictures up to which all vectors are compared. What has just come in, Milvus searches by an index of its own for the
time being, which found 73 of 100 in our tests; not so where there is none at all."""
_IN_MEMORY, _QUANTISED = 20_000_000, 300_000_000
"""Pictures up to which whole vectors, and up to which shortened ones, are kept in memory."""


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An index as Milvus calls it."""

    kind: str
    build: Mapping[str, Any]

    def parameters(self, k: int) -> dict[str, Any]:
        """Give what a search for the k nearest says: it looks further the more are wanted."""
        reach: dict[str, Any] = {}
        if self.kind in ("HNSW", "HNSW_SQ"):
            reach = {"ef": max(128, k + k // 2)}
        elif self.kind == "DISKANN":
            reach = {"search_list": max(100, k + k // 2)}
        elif self.kind.startswith("IVF"):
            reach = {"nprobe": 64}
        return {"metric_type": "IP", "params": reach}


FLAT = VectorIndex("FLAT", {})

_OUTGROWN = 2 * _EXACT
"""Pictures from which on it is said that a space has no index: no sooner than it is worth moving them."""


def index_for(pictures: int, abilities: Abilities) -> VectorIndex:
    """Choose an index: none, a graph over whole vectors, over shortened ones, or on disk.

    Source: https://milvus.io/docs/index.md; M, efConstruction and ef by bench/on_milvus.py.
    """
    if pictures <= _EXACT or abilities.version.startswith("milvus_lite"):
        return FLAT
    if pictures <= _IN_MEMORY:
        return VectorIndex("HNSW", {"M": 30, "efConstruction": 360})
    if pictures <= _QUANTISED and abilities.short_graphs:
        return VectorIndex("HNSW_SQ", {"M": 30, "efConstruction": 360, "sq_type": "SQ8", "refine": True})
    if pictures <= _QUANTISED:
        return VectorIndex("IVF_SQ8", {"nlist": 4096})
    return VectorIndex("DISKANN", {})


def is_outgrown(index: VectorIndex, pictures: int, abilities: Abilities) -> bool:
    """Say whether all of so many vectors are compared in each search, though the server knows a quicker way."""
    return index.kind == FLAT.kind and pictures > _OUTGROWN and index_for(pictures, abilities) != FLAT

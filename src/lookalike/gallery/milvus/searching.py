"""Which vectors are nearest? One search of Milvus; what an approximate index left out is compared here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery.milvus.planning import VectorIndex
from lookalike.gallery.milvus.schema import space_of
from lookalike.gallery.milvus.selecting import Selection
from lookalike.gallery.milvus.server import LARGEST_WINDOW, Server
from lookalike.gallery.milvus.walking import stream
from lookalike.types import Embedding, Embeddings, Neighbors, Scores, Space, StoredEmbedding

_VECTORS_A_CALL = 64
_HITS_A_CALL = 200_000
"""Together, so that an answer stays within what one message may hold."""


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """Searches one space of a gallery."""

    server: Server
    space: Space
    index: VectorIndex

    def nearest(self, vectors: Embeddings, k: int, selection: Selection) -> list[Neighbors]:
        """Find the k nearest of those that pass; never fewer than k if k pass.

        Raises:
            BadInput: more are asked for than one search can give.
        """
        if k > LARGEST_WINDOW:
            raise BadInput(
                f"{k:,} nearest are asked for, and Milvus gives {LARGEST_WINDOW:,}.", "Ask for fewer, or filter."
            )
        found: list[dict[str, float]] = [{} for _ in vectors]
        step = max(1, min(_VECTORS_A_CALL, _HITS_A_CALL // k))
        for part in selection.parts:
            for start in range(0, len(vectors), step):
                for place, hits in enumerate(self._ask(vectors[start : start + step], k, part), start):
                    found[place].update(hits)
        return [_best(self._completed(vectors[i], k, selection, hits), k) for i, hits in enumerate(found)]

    def _ask(self, vectors: Embeddings, k: int, part: str) -> list[list[tuple[str, float]]]:
        data = vectors.astype(np.float16) if self.server.abilities.half_precision else vectors
        return self.server.search(self._collection, list(data), k, part, self.index.parameters(k))

    def _completed(self, vector: Embedding, k: int, selection: Selection, hits: dict[str, float]) -> dict[str, float]:
        """Where fewer than k came, look whether fewer than k pass; if not, compare with all that do."""
        if len(hits) >= k:
            return hits
        passing = sum(self.server.count(self._collection, part) for part in selection.parts)
        if len(hits) >= min(k, passing):
            return hits
        for part in selection.parts:
            for rows in stream(self.server, self._collection, part, ("id", "vector")):
                scores = np.stack([read_vector(row["vector"]) for row in rows]).astype(np.float32) @ vector
                hits |= dict(_closest([row["id"] for row in rows], scores, k))
        return hits

    def similarity(self, vector: Embedding, ids: Sequence[str]) -> Scores:
        """Give the cosine of some records with a vector; NaN where there is none."""
        stored = self.vectors(ids)
        nothing = np.full(self.space.dim, np.nan, np.float16)
        rows = np.array([stored.get(id_, nothing) for id_ in ids], np.float32).reshape(len(ids), self.space.dim)
        scores: Scores = rows @ vector
        return scores

    def vectors(self, ids: Sequence[str]) -> dict[str, StoredEmbedding]:
        """Give the vectors of some records by their ids; those without one are left out."""
        rows = self.server.rows(self._collection, sorted({*ids}), ("id", "vector"))
        return {id_: read_vector(row["vector"]).astype(np.float16) for id_, row in rows.items()}

    @property
    def _collection(self) -> str:
        return space_of(self.server.address.name, self.space.name)


def nearest_born(
    search: VectorSearch, vectors: Embeddings, k: int, selection: Selection, on_their_way: Callable[[], frozenset[str]]
) -> list[Neighbors]:
    """Find the k nearest whose records are there, too, as vectors come in before the records that they belong to.

    Whatever comes in during the search may take places in its answer; then it is asked again, for as many more.
    """
    unborn = on_their_way()
    while True:
        asked = min(k + len(unborn), max(k, LARGEST_WINDOW))
        found = search.nearest(vectors, asked, selection)
        unborn |= on_their_way()
        born = [left_out(one, unborn, k) for one in found]
        whole = all(len(one.ids) == k or len(all_.ids) < asked for one, all_ in zip(born, found, strict=True))
        if whole or asked >= LARGEST_WINDOW:
            return born


def left_out(found: Neighbors, ids: frozenset[str], k: int) -> Neighbors:
    """Give the first k of some neighbours without those of some ids."""
    kept = [place for place, id_ in enumerate(found.ids) if id_ not in ids][:k]
    return Neighbors(tuple(found.ids[place] for place in kept), found.scores[kept])


def read_vector(stored: object) -> np.ndarray:
    """Read a vector as the client gives it: numbers, or the bytes of short ones."""
    if isinstance(stored, bytes):
        return np.frombuffer(stored, np.float16)
    if isinstance(stored, list) and len(stored) == 1 and isinstance(stored[0], bytes):
        return np.frombuffer(stored[0], np.float16)
    return np.asarray(stored, np.float32)


def _closest(ids: Sequence[str], scores: np.ndarray, k: int) -> list[tuple[str, float]]:
    order = np.argsort(-scores, kind="stable")[:k]
    return [(ids[i], float(scores[i])) for i in order]


def _best(hits: Mapping[str, float], k: int) -> Neighbors:
    ranked = sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))[:k]
    return Neighbors(tuple(id_ for id_, _ in ranked), np.array([score for _, score in ranked], np.float32))

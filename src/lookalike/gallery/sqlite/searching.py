"""Which records are nearest to a vector, or suit some words best? Keys from those who know, then their ids."""

from collections.abc import Sequence

import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery import Others
from lookalike.gallery.sqlite.codecs import best, inner_products
from lookalike.gallery.sqlite.fetching import ids_of_keys, keys_of_ids
from lookalike.gallery.sqlite.matching import match_words
from lookalike.gallery.sqlite.spaces import StoredSpace, read_vectors
from lookalike.gallery.sqlite.view import View
from lookalike.gallery.suiting import Term
from lookalike.types import Embedding, Embeddings, Neighbors, Scores

Ranked = tuple[np.ndarray, np.ndarray]
"""Keys and their scores, best first."""


def nearest(view: View, name: str, queries: Embeddings, k: int, passing: np.ndarray | None) -> list[Neighbors]:
    """Find the k nearest of the passing records to each query; None stands for all records.

    Raises:
        BadInput: a query that is not finite.
        GalleryError: no such space, or another dimension.
    """
    space = view.space(name, queries.shape[1])
    if not np.isfinite(queries).all():
        raise BadInput("A query vector holds values that are not finite.")
    present = view.columns.having(space.number) if passing is None else passing & view.columns.having(space.number)
    total = int(np.count_nonzero(present))
    if total <= max(view.memory.sizes.few, k):
        keys = np.flatnonzero(present)
        vectors = read_vectors(view.connection, space, keys)
        return _with_ids(view, [_first(keys, vectors, query, k) for query in queries])
    index = view.index(space)
    return _with_ids(view, [_compared(view, space, query, index.candidates(query, k, present), k) for query in queries])


def matching(
    view: View, terms: Sequence[Term], k: int, passing: np.ndarray | None, also: Others | None = None
) -> Neighbors:
    """Find the k of the passing records that suit some terms best; None stands for all records."""

    def keys() -> frozenset[int]:
        return frozenset(keys_of_ids(view.connection, view.columns, also()).values() if also else ())

    return _with_ids(view, [match_words(view, terms, k, passing, keys)])[0]


def similarity(view: View, name: str, query: Embedding, ids: Sequence[str]) -> Scores:
    """Give the cosine of some records with a query; NaN where there is no such record or no vector.

    Raises:
        GalleryError: no such space, or another dimension.
    """
    space = view.space(name, len(query))
    known = keys_of_ids(view.connection, view.columns, ids)
    present = view.columns.having(space.number)
    rows = [row for row, id_ in enumerate(ids) if id_ in known and present[known[id_]]]
    scores = np.full(len(ids), np.nan, np.float32)
    vectors = read_vectors(view.connection, space, np.array([known[ids[row]] for row in rows], np.int64))
    scores[rows] = inner_products(vectors, query)
    return scores


def _compared(view: View, space: StoredSpace, query: Embedding, keys: np.ndarray, k: int) -> Ranked:
    return _first(keys, read_vectors(view.connection, space, keys), query, k)


def _first(keys: np.ndarray, vectors: Embeddings, query: Embedding, k: int) -> Ranked:
    """Give the k nearest, equally near ones by their keys."""
    scores = inner_products(vectors, query)
    chosen = best(scores, k)
    order = chosen[np.lexsort((keys[chosen], -scores[chosen]))]
    return keys[order], scores[order]


def _with_ids(view: View, ranked: list[Ranked]) -> list[Neighbors]:
    """Give the records' ids in place of their keys."""
    ids = ids_of_keys(
        view.connection, np.unique(np.concatenate([np.zeros(0, np.int64), *(keys for keys, _ in ranked)]))
    )
    return [Neighbors(tuple(ids[key] for key in keys.tolist()), scores.astype(np.float32)) for keys, scores in ranked]

"""Which records of a gallery in memory are nearest, and which suit some words best? All are compared each time."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lookalike.gallery.suiting import Measure, Sought, Term, as_terms, sought, with_rarity
from lookalike.gallery.tokens import occurrences, tokens_of
from lookalike.types import Embedding, Embeddings, ImageRecord, Neighbors, Scores


def nearest_of(records: Sequence[ImageRecord], space: str, vectors: Embeddings, k: int) -> list[Neighbors]:
    """Give the k nearest to each vector of the records that lie in a space."""
    held = [record for record in records if space in record.embeddings]
    stored = np.array([record.embeddings[space] for record in held], np.float32)
    scores = vectors @ stored.reshape(len(held), vectors.shape[1]).T
    return [_best([record.id for record in held], row, k) for row in scores]


def cosines_of(records: Sequence[ImageRecord], space: str, vector: Embedding, ids: Sequence[str]) -> Scores:
    """Give the cosine of some records with a vector; NaN where there is no such record, or no vector of it."""
    nothing = np.full(len(vector), np.nan, np.float16)
    held = {record.id: record.embeddings.get(space, nothing) for record in records}
    stored = [held.get(id_, nothing) for id_ in ids]
    scores: Scores = np.array(stored, np.float32).reshape(len(ids), len(vector)) @ vector
    return scores


def _best(ids: list[str], scores: np.ndarray, k: int) -> Neighbors:
    order = np.argsort(-scores, kind="stable")[:k]
    return Neighbors(tuple(ids[i] for i in order), scores[order].astype(np.float32))


def best_suited(
    text: str | Sequence[Term],
    k: int,
    texts: Mapping[str, Sequence[str]],
    passing: Collection[str],
    also: Collection[str],
) -> Neighbors:
    """Give the k of those that pass whose texts suit some words best, and what `also` names; `texts` are of all."""
    wanted = [with_rarity(one, _holders(one, texts.values()), len(texts)) for one in sought(as_terms(text))]
    measure = Measure(wanted)
    scores = {id_: measure.score(texts[id_]) for id_ in texts if id_ in passing or id_ in also}
    found = sorted((-score, id_) for id_, score in scores.items() if score)
    best = [pair for pair in found if pair[1] in passing][:k]
    kept = sorted({*best, *(pair for pair in found if pair[1] in also)})
    return Neighbors(tuple(id_ for _, id_ in kept), np.array([-score for score, _ in kept], np.float32))


def _holders(one: Sought, records: Collection[Sequence[str]]) -> int:
    """Count the records that hold a term; of a phrase, its rarest word."""

    def count(token: str) -> int:
        return sum(
            any(occurrences(tokens_of(text), [token], unfinished=one.unfinished) for text in texts) for texts in records
        )

    return min(map(count, one.tokens))

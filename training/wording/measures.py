"""How well do words find pictures? Recall both ways, naming of unseen classes, and how sure these figures are."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from intervals import Interval
from measures import Vectors

Read = Callable[[Sequence[str]], Vectors]
"""What turns texts into unit vectors."""

Hits = Float[np.ndarray, "n"]
Ranks = Int[np.ndarray, "n"]


def share(hits: Hits, groups: Ranks | None = None) -> Interval:
    """Give the mean of hits with its bootstrap interval; queries of one group (a picture's captions) stay together.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), percentile interval.
    """
    groups = np.arange(len(hits)) if groups is None else groups
    sums, counts = np.bincount(groups, hits), np.bincount(groups)
    sums, counts = sums[counts > 0], counts[counts > 0]
    drawn = np.random.default_rng(0).integers(0, len(sums), (1000, len(sums)))
    means = 100 * sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(100 * float(hits.mean()), float(low), float(high))


def ranks_of_pictures(texts: Vectors, pictures: Vectors, own: Ranks) -> Ranks:
    """Give for each text how many pictures score higher than its own."""
    scores = texts @ pictures.T
    # What is no number counts as higher, so that broken vectors never measure well.
    return (~(scores <= np.take_along_axis(scores, own[:, None], axis=1))).sum(axis=1)


def ranks_of_texts(texts: Vectors, pictures: Vectors, own: Ranks) -> Ranks:
    """Give for each picture that has texts how many foreign texts score higher than the best of its own."""
    scores = pictures @ texts.T
    mine = own[None, :] == np.arange(len(pictures))[:, None]
    asked = mine.any(axis=1)
    best = np.where(mine, scores, -np.inf).max(axis=1)
    ranks: Ranks = (~(scores <= best[:, None]) & ~mine).sum(axis=1)[asked]
    return ranks


def named(pictures: Vectors, labels: Sequence[str], names: Sequence[str], read: Read) -> Hits:
    """Tell for each picture whether its label is the name whose vector is nearest."""
    wanted = np.array([list(names).index(label) for label in labels])
    return ((pictures @ read(names).T).argmax(axis=1) == wanted).astype(np.float64)

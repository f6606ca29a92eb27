"""How good is an answer? Each measure by its name in the literature, as a pure function of which hits are relevant.

`found` says of one query's hits, best first, which are relevant; `relevant` counts what is relevant to it in the whole
gallery, found or not. Three measures hide under the name "recall@k", so that each has a name of its own here:
`recall_at_k`, `success_at_k` and `neighbor_recall_at_k`. `average_precision` judges each query's ranking on its own,
`micro_average_precision` all hits of all queries in one ranking.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

Found = Bool[np.ndarray, " depth"]
"""Whether the hit at each rank is relevant, best first."""

Confidences = Float64[np.ndarray, " n"]
"""How sure it is of each hit, or its score; higher is surer."""

Right = Bool[np.ndarray, " n"]
"""Whether each hit is relevant, in any order."""

Times = Int64[np.ndarray, " n"]
"""How often each counts, as where queries are drawn again; None where each counts once."""


def recall_at_k(found: Found, relevant: int, k: int) -> float:
    """Give the share of what is relevant that is among the first k; 0 where nothing is relevant.

    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), section 8.4.
    """
    return int(found[:k].sum()) / relevant if relevant else 0.0


def success_at_k(found: Found, k: int) -> float:
    """Say 1 if anything relevant is among the first k, else 0; metric learning prints its mean as R@k.

    Source: Jégou, Douze, Schmid, Product Quantization for Nearest Neighbor Search (2011), section V, as recall@R.
    """
    return float(found[:k].any())


def precision_at_k(found: Found, k: int) -> float:
    """Give the share of the first k ranks that are relevant; ranks that were left empty are not.

    Source: Manning et al. (2008), section 8.4.
    """
    return int(found[:k].sum()) / k


def average_precision(found: Found, relevant: int, k: int | None = None) -> float:
    """Average the precision at the rank of everything relevant; what was not found, or beyond k, counts 0.

    Its mean over queries is mAP, with k mAP@k.
    Source: Manning et al. (2008), equation 8.8; with k as `map_cut` of trec_eval.
    """
    ranks = np.flatnonzero(found[:k]) + 1
    if not relevant:
        return 0.0
    return float((np.arange(1, len(ranks) + 1) / ranks).sum() / relevant)


def ndcg_at_k(found: Found, relevant: int, k: int) -> float:
    """Discount what is relevant by the logarithm of its rank, and divide by the best that could be; 0 where none is.

    Source: Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques (2002), with the discount
    1 / log2(rank + 1) of Burges et al. (2005).
    """
    ideal = _gains(np.arange(1, min(relevant, k) + 1))
    return _gains(np.flatnonzero(found[:k]) + 1) / ideal if relevant else 0.0


def _gains(ranks: Int64[np.ndarray, " m"]) -> float:
    return float((1 / np.log2(ranks + 1)).sum())


def reciprocal_rank(found: Found) -> float:
    """Give 1 / rank of the first relevant hit, 0 where there is none; its mean over queries is MRR.

    Source: Voorhees, The TREC-8 Question Answering Track Report (1999).
    """
    ranks = np.flatnonzero(found)
    return 1 / (int(ranks[0]) + 1) if len(ranks) else 0.0


def micro_average_precision(scores: Confidences, right: Right, relevant: int, times: Times | None = None) -> float:
    """Rank the hits of all queries in one list, and average the precision at each that is right.

    `relevant` counts the right pairs of all queries, found or not. Hits of one score count as one step, as if they
    came in at once; `bench/copies.py`, where hashes tie often, has the false ones come first.
    Source: Douze et al., The 2021 Image Similarity Dataset and Challenge, section 4 (µAP); ties as in scikit-learn.
    """
    if not relevant:
        return 0.0
    precision, recall = precision_recall_curve(scores, right, relevant, times)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def recall_at_precision(
    scores: Confidences, right: Right, relevant: int, precision: float = 0.9, times: Times | None = None
) -> float:
    """Give the largest share of the right pairs above a threshold where at least this share of hits is right.

    Source: Douze et al. (2021), section 4 (R@P90).
    """
    if not relevant:
        return 0.0
    precisions, recalls = precision_recall_curve(scores, right, relevant, times)
    return float(recalls[precisions >= precision].max(initial=0.0))


def precision_recall_curve(
    scores: Confidences, right: Right, relevant: int, times: Times | None = None
) -> Float64[np.ndarray, "2 steps"]:
    """Give precision and recall at each distinct score as the threshold, falling; `relevant` is above 0.

    Fast where the scores fall already.
    """
    times = np.ones(len(scores), np.int64) if times is None else times
    if (scores[1:] > scores[:-1]).any():
        order = np.argsort(-scores, kind="stable")
        scores, right, times = scores[order], right[order], times[order]
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.zeros(0, np.int64)
    given, hits = np.cumsum(times)[ends], np.cumsum(times * right)[ends]
    curve: Float64[np.ndarray, "2 steps"] = np.stack([hits / np.maximum(given, 1), hits / relevant])
    return curve


def neighbor_recall_at_k(found: Sequence[str], exact: Sequence[str], k: int) -> float:
    """Give the share of the k exact nearest neighbours that are among the first k found; 1 where there are none.

    Source: Aumüller, Bernhardsson, Faithfull, ANN-Benchmarks (2020), section 3 (recall).
    """
    nearest = set(exact[:k])
    return len(nearest & set(found[:k])) / len(nearest) if nearest else 1.0


def calibration_error(confidences: Confidences, right: Right, bins: int = 15, times: Times | None = None) -> float:
    """Say by how much confidence and the share that is right differ: the mean over equal bins of [0, 1], by weight.

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), equation 3 (ECE, 15 bins).
    """
    found = reliability(confidences, right, bins, times)
    off = sum(abs(one.confidence - one.right) * one.count for one in found)
    return off / sum(one.count for one in found) if found else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits of about one confidence."""

    confidence: float
    """Their mean."""
    right: float
    """Share of them that is relevant."""
    count: int


def reliability(confidences: Confidences, right: Right, bins: int = 15, times: Times | None = None) -> list[Bin]:
    """Sort hits into equal bins of confidence, the lowest first; empty ones are left out."""
    times = np.ones(len(confidences), np.int64) if times is None else times
    places = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    sums = (np.bincount(places, of, bins).tolist() for of in (times * confidences, times * right, times))
    return [Bin(sure / count, hits / count, int(count)) for sure, hits, count in zip(*sums, strict=True) if count]

"""How good are vectors? Labels found again, originals found again, and how far quantising moved them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from edits import EditedCopy

Vectors = Float32[np.ndarray, "n dim"]


@dataclass(frozen=True)
class Retrieval:
    """Each picture of a labelled set as query against all others; in percent."""

    mean_average_precision: float
    success_at_1: float

    def __str__(self) -> str:
        """Write as `mAP / success@1`."""
        return f"{self.mean_average_precision:.1f} / {self.success_at_1:.1f}"


def unit(vectors: Vectors) -> Vectors:
    """Scale rows to length 1."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def retrieval(vectors: Vectors, labels: list[str]) -> Retrieval:
    """Rank all others by cosine for each picture whose label occurs again."""
    names = np.array(labels)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :-1]
    relevant = names[ranked] == names[:, None]
    relevant = relevant[relevant.any(axis=1)]
    precision = np.cumsum(relevant, axis=1) / np.arange(1, relevant.shape[1] + 1)
    average_precision = (precision * relevant).sum(axis=1) / relevant.sum(axis=1)
    return Retrieval(100 * float(average_precision.mean()), 100 * float(relevant[:, 0].mean()))


def originals_found(copies: list[EditedCopy], vectors: Vectors, gallery: Vectors) -> dict[str, float]:
    """Give for each edit, and for `all`, the percentage of copies whose nearest picture is their original."""
    found = (vectors @ gallery.T).argmax(axis=1) == np.array([copy.original for copy in copies])
    edits = np.array([copy.edit for copy in copies])
    shares = {str(edit): 100 * float(found[edits == edit].mean()) for edit in dict.fromkeys(edits)}
    return shares | {"all": 100 * float(found.mean())}


def cosine(one: Vectors, other: Vectors) -> float:
    """Give the mean cosine between rows."""
    return float((unit(one) * unit(other)).sum(axis=1).mean())

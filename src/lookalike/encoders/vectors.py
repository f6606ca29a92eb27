"""Are these numbers what a network should give? Checks them, for a model may say one thing and do another."""

import numpy as np

from lookalike.errors import BadInput
from lookalike.types import Embeddings

_OFF_ONE = 0.02
"""How far from 1 probabilities may add up: 8-bit arithmetic is that coarse."""


def unit_vectors(output: np.ndarray, shape: tuple[int, ...], name: str) -> Embeddings:
    """Bring vectors to length 1.

    Raises:
        BadInput: wrong shape, or one without a direction.
    """
    vectors = finite(output, shape, name)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise _not_finite(name)
    unit: Embeddings = vectors / lengths
    return unit


def probabilities(output: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Make probabilities add up to 1 for each picture.

    Raises:
        BadInput: wrong shape, or no probabilities.
    """
    shares = finite(output, shape, name)
    sums = shares.sum(axis=1, keepdims=True)
    if shares.min(initial=0) < 0 or (np.abs(sums - 1) > _OFF_ONE).any():
        raise BadInput(f"The {name} gives no probabilities.", "Put the softmax into the model.")
    whole: np.ndarray = shares / sums
    return whole


def finite(output: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Give numbers of this shape as float32.

    Raises:
        BadInput: wrong shape, or not finite.
    """
    found = getattr(output, "shape", None)
    if found != shape:
        what = f"The {name} has shape {found} for {shape[0]} inputs, where the card says {shape}."
        raise BadInput(what, "Check the card against the model.")
    numbers = output.astype(np.float32, copy=False)
    if not np.isfinite(numbers).all():
        raise _not_finite(name)
    return numbers


def _not_finite(name: str) -> BadInput:
    return BadInput(f"The {name} is zero or not finite.", "Check the card's mean, std and dtype against the model.")

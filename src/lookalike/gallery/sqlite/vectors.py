"""Are these vectors of a space, and how are they written? Checked one and all, then stored with their codes."""

from collections.abc import Mapping, Sequence

import apsw
import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.sqlite.scanning import load_bits
from lookalike.gallery.sqlite.spaces import StoredSpace, write_codes, write_vectors
from lookalike.types import Embeddings

_NORM_TOLERANCE = 0.01
"""Rounding to float16 changes the length of a unit vector by less than 0.001."""

Owned = tuple[str, Mapping[str, np.ndarray]]
"""What to call a record in a message, and its vectors by space, which differ in dimension."""


def checked_vectors(
    owned: Sequence[Owned], spaces: Mapping[str, StoredSpace]
) -> dict[str, tuple[np.ndarray, Embeddings]]:
    """Give each space the vectors in it, and which of the records they belong to.

    Raises:
        BadInput: a vector that is not of unit length.
        GalleryError: unknown space, or wrong dimension.
    """
    owners: dict[str, list[int]] = {}
    for i, (_, embeddings) in enumerate(owned):
        for name in embeddings:
            owners.setdefault(name, []).append(i)
    return {name: (np.array(rows), _stacked(name, [owned[i] for i in rows], spaces)) for name, rows in owners.items()}


def _stacked(name: str, owned: Sequence[Owned], spaces: Mapping[str, StoredSpace]) -> Embeddings:
    if name not in spaces:
        raise GalleryError(
            f"The record of {owned[0][0]!r} has an embedding in {name!r}, a space that the gallery does not hold.",
            "Add the space first.",
        )
    dim = spaces[name].space.dim
    for what, embeddings in owned:
        shape = embeddings[name].shape
        if shape != (dim,):
            raise GalleryError(f"The embedding of {what!r} in {name!r} has the shape {shape}, not ({dim},).")
    vectors = np.stack([embeddings[name] for _, embeddings in owned]).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1)
    wrong = ~(np.abs(lengths - 1) <= _NORM_TOLERANCE)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise BadInput(
            f"The embedding of {owned[first][0]!r} in {name!r} is no unit vector: its length is {lengths[first]}."
        )
    return vectors


def no_vectors(space: StoredSpace) -> tuple[np.ndarray, Embeddings]:
    """Give what `checked_vectors` gives a space that none of the records lies in."""
    return np.zeros(0, np.int64), np.zeros((0, space.space.dim), np.float32)


def write_embeddings(
    connection: apsw.Connection, space: StoredSpace, keys: np.ndarray, vectors: Embeddings, revision: int
) -> None:
    """Store the vectors of some keys in a space, and their codes."""
    codes = load_bits(connection, space).encode(vectors) if space.codec == "bits" else None
    write_vectors(connection, space, keys.tolist(), vectors)
    write_codes(connection, space, keys, codes, revision)

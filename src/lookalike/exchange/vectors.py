"""Which embeddings does a column or a matrix from outside hold?"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from lookalike.errors import BadInput

_ALMOST_UNIT = 2e-3
"""How far the norm of a unit vector may stray when it is rounded to float16, with room for 4,096 dimensions: such a
vector is kept bit by bit."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """The embeddings of some rows in one space."""

    values: np.ndarray
    """float16 unit vectors, one a row; anything where not sound."""
    present: np.ndarray
    """Which rows have one."""
    sound: np.ndarray
    """Which rows have none, or one with a direction."""


def from_matrix(matrix: np.ndarray) -> Vectors:
    """Take (n, dim) floats of any precision and length."""
    with np.errstate(all="ignore"):
        wide = matrix.astype(np.float32)
        norms = np.linalg.norm(wide, axis=1)
        unit = np.where(np.abs(norms - 1) > _ALMOST_UNIT, norms, 1)[:, None]
        sound = np.isfinite(norms) & (norms > 1e-12)
        return Vectors((wide / unit).astype(np.float16), np.ones(len(wide), bool), sound)


def from_column(column: pa.Array, dim: int, where: str) -> Vectors:
    """Take a column of lists of floats; null is no embedding.

    Raises:
        BadInput: a list is of another length.
    """
    present = np.asarray(column.is_valid())
    full = column.drop_null()
    lengths = pc.unique(pc.list_value_length(full)).to_pylist()
    if lengths not in ([], [dim]):
        raise BadInput(f"{where} holds embeddings of {lengths[:3]} dimensions; its space has {dim}.")
    found = from_matrix(full.flatten().to_numpy(zero_copy_only=False).reshape(len(full), dim))
    values = np.zeros((len(column), dim), np.float16)
    sound = np.ones(len(column), bool)
    values[present], sound[present] = found.values, found.sound
    return Vectors(values, present, sound)


def holds_vectors(kind: pa.DataType) -> bool:
    """Whether a column of this type can hold embeddings."""
    is_list = kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind)
    return bool(is_list and kinds.is_floating(kind.value_type))

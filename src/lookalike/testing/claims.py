"""What do the contracts claim again and again? That something is refused, or that records are the same."""

# ruff: noqa: S101 - asserting is what this module is for
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from lookalike.errors import LookalikeError
from lookalike.types import ImageRecord


@contextmanager
def refuses(*errors: type[LookalikeError]) -> Iterator[None]:
    """Claim that the block raises one of our errors (any of them where none is named), and says what is wrong."""
    expected = errors or (LookalikeError,)
    try:
        yield
    except expected as error:
        said = error.what
    else:
        raise AssertionError(f"this was not refused with {' or '.join(one.__name__ for one in expected)}")
    assert said, "the error does not say what happened"


def assert_same_records(found: Sequence[ImageRecord], expected: Sequence[ImageRecord]) -> None:
    """Claim that two lists hold the same records in the same order, embeddings included."""
    assert [record.id for record in found] == [record.id for record in expected]
    for one, other in zip(found, expected, strict=True):
        assert replace(one, embeddings={}) == replace(other, embeddings={})
        assert one.embeddings.keys() == other.embeddings.keys()
        for space, vector in one.embeddings.items():
            assert vector.dtype == np.float16
            np.testing.assert_allclose(vector, other.embeddings[space], atol=1e-3)

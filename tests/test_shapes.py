"""Are arrays checked while the tests run? Without these, a lost option in pyproject.toml would go unseen."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from lookalike.testing import ColourEncoder
from lookalike.types import Neighbors


def test_an_array_of_another_shape_than_the_signature_says_is_noticed():
    with pytest.raises(TypeCheckError, match="images"):
        ColourEncoder().encode([np.zeros((4, 4), np.uint8)])


def test_a_field_of_another_type_than_the_class_says_is_noticed():
    with pytest.raises(TypeCheckError, match="scores"):
        Neighbors(ids=(), scores=np.zeros(2, np.float64))


def test_pictures_of_different_sizes_may_stand_in_one_list():
    vectors = ColourEncoder().encode([np.zeros((4, 4, 3), np.uint8), np.zeros((5, 3, 3), np.uint8)])
    assert {len(rows) for rows in vectors.values()} == {2}

"""Which records can a row of Milvus hold?"""

import pytest

from lookalike.errors import BadInput
from lookalike.gallery.milvus.rows import to_row
from lookalike.testing import make_record
from lookalike.types import Fingerprint


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"perceptual": "ab" * 33}, "64 digits"),
        ({"perceptual": "x" * 64}, "cannot be stored"),
        ({"quality": 256}, "quality"),
        ({"quality": -1}, "quality"),
    ],
)
def test_a_fingerprint_that_an_index_of_copies_could_not_read_is_refused(wrong, says):
    with pytest.raises(BadInput, match=says):
        to_row(make_record(fingerprint=Fingerprint(pixels="ab", **wrong)), key=1, revision=1)

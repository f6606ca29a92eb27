"""What is Milvus asked for a filter?"""

from typing import Any

import pytest

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus.translating import translate

NO_NOTES: Any = None
"""Of a filter by numbers, nothing has to be looked up."""


@pytest.mark.parametrize("negations", range(4))
def test_of_two_negations_nothing_is_left(negations):
    asked = translate(parse_filter("-" * negations + "width:7"), NO_NOTES)
    plain = "width >= 7 && width <= 7"
    assert asked.expression == (f"not ({plain})" if negations % 2 else plain)


def test_what_is_denied_twice_is_asked_for_as_narrowly_as_if_it_were_not():
    assert translate(parse_filter("--uri:file*x"), NO_NOTES) == translate(parse_filter("uri:file*x"), NO_NOTES)

"""Is a picture of the gallery described by its caption, and by the names that it lacks?"""

from dataclasses import replace

import pytest

from lookalike.search.description import description_of
from lookalike.testing import make_record


@pytest.mark.parametrize(
    ("caption", "described"),
    [
        ("", "cat, T-shirt"),
        ("a Cat on a sofa", "a Cat on a sofa, T-shirt"),
        ("the cathedral of Prague", "the cathedral of Prague, cat, T-shirt"),
        ("a cat's t-shirt", "a cat's t-shirt"),
    ],
)
def test_the_surest_names_stand_behind_the_caption_unless_it_holds_them_as_words(caption: str, described: str) -> None:
    record = make_record("file:///a.jpg")
    known = {"cat": 0.9, "T-shirt": 0.5, "dog": 0.2}
    assert description_of(replace(record, caption=caption, recognised=known)) == described

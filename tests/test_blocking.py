"""Is an unwanted picture that nobody named called what a person would call it?"""

import os
from pathlib import Path

import pytest

from lookalike.library.blocking import MAX_TITLE, title_of
from lookalike.search import Query
from lookalike.testing import MemoryGallery, make_record


@pytest.mark.parametrize(
    ("query", "title"),
    [
        (Query(url="https://example.org/a/logo.png?size=2#top"), "logo.png"),
        (Query(url="https://example.org/"), "https://example.org/"),
        (Query(url=f"https://example.org/{'a' * 300}"), "a" * MAX_TITLE),
        (Query(file=Path("/photos/old logo.png")), "old logo.png"),
        (Query(file=Path(os.fsdecode(b"/photos/b\xe9\x1b.png"))), "b��.png"),
        (Query(data=b"a picture"), ""),
    ],
)
def test_a_picture_goes_by_the_name_of_its_file(query, title):
    assert title_of(query, MemoryGallery()) == title


def test_a_picture_of_the_gallery_goes_by_its_title_else_by_the_name_of_its_file():
    gallery = MemoryGallery()
    titled = make_record("file:///photos/1.jpg", title="The old logo")
    plain = make_record("file:///photos/2.jpg", title="")
    gallery.put([titled, plain])
    assert [title_of(Query(id=one.id), gallery) for one in (titled, plain)] == ["The old logo", "2.jpg"]

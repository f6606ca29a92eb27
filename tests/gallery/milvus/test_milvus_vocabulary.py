"""Are the texts that occur noted in the gallery that there is, whatever was noted in one before it?"""

from collections.abc import Iterator

import pytest
from milvus_servers import Shelf

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus import MilvusGallery
from lookalike.gallery.milvus.schema import notes_of, records_of
from lookalike.testing import make_record

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(60)]

NAME = "noted"
DOG = make_record("file:///photos/a.jpg", label="dog", tags=("wet",), caption="a splash")


@pytest.fixture
def url(milvus_lite: Shelf) -> Iterator[str]:
    """A gallery of its own, as its collections are dropped."""
    yield f"{milvus_lite.server}/{NAME}"
    milvus_lite.drop(NAME)


def assert_found(gallery: MilvusGallery) -> None:
    assert gallery.facets("label") == {"dog": 1}
    assert gallery.count(parse_filter("tag:w* path:photos/*")) == 1
    assert gallery.match_text("splash", 3).ids == (DOG.id,)


def test_what_was_noted_in_a_gallery_that_was_dropped_is_noted_again_in_the_next_of_its_name(url: str) -> None:
    with MilvusGallery.open(url) as gallery:
        gallery.put([DOG])
        assert_found(gallery)
        for collection in (records_of(NAME), notes_of(NAME)):
            gallery._server.drop(collection)
        MilvusGallery.open(url).close()
        gallery.put([DOG])
        assert_found(gallery)


def test_what_was_noted_since_a_backup_is_noted_again_once_that_is_back(url: str) -> None:
    with MilvusGallery.open(url) as gallery:
        gallery.put([DOG])
        notes, before = gallery._notes, gallery.state.revision
        held = gallery._server.query(notes_of(NAME), 'kind != "gallery" && kind != "state"', ["id"])
        gallery._server.delete(notes_of(NAME), [row["id"] for row in held])
        an_hour_ago = before - 3_600_000_000
        notes._put([{**notes._get(["state"])[0], "number": an_hour_ago, "vector": [1.0, 0.0]}])
        gallery.put([DOG])
        assert_found(gallery)
        assert gallery.state.revision > before

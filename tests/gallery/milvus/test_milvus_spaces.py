"""What becomes of the spaces of a gallery on Milvus: which index do they get, and what if one is lost?"""

from collections.abc import Iterator

import pytest
from milvus_servers import Shelf

from lookalike.cli.checkup.parts import check_store
from lookalike.gallery.milvus import MilvusGallery, planning
from lookalike.library import Lookalike
from lookalike.testing import make_records, make_space

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]

SPACE = make_space()
LATER = make_space("later")


@pytest.fixture
def url(milvus: Shelf) -> Iterator[str]:
    """A gallery of its own: what is done to its collections cannot be undone by emptying them."""
    yield f"{milvus.server}/spaces"
    milvus.drop("spaces")


def test_a_later_space_of_a_gallery_that_has_grown_large_gets_an_index_and_of_the_first_the_doctor_tells(
    url, home, monkeypatch
):
    monkeypatch.setattr(planning, "_EXACT", 10)
    monkeypatch.setattr(planning, "_OUTGROWN", 20)
    with MilvusGallery.open(f"{url}?pictures=10") as gallery:
        gallery.add_space(SPACE)
        gallery.put(make_records(25))
        gallery.add_space(LATER)
        kinds = [gallery._spaces.search(space).index.kind for space in (SPACE, LATER)]
        assert kinds == ["FLAT", "HNSW"]
        assert gallery.outgrown() == [SPACE.name]
    with Lookalike(url, create=False) as library:
        told = [one for one in check_store(library) if one.state == "warning"]
    assert [SPACE.name in one.what for one in told] == [True]

"""What becomes of the spaces of a gallery on Milvus: which index do they get, and what if one is lost?"""

from collections.abc import Iterator

import numpy as np
import pytest
from milvus_servers import Shelf

from lookalike.cli.checkup.parts import check_store
from lookalike.errors import Unreachable
from lookalike.gallery.milvus import MilvusGallery, planning, spaces
from lookalike.gallery.serving import Embedded
from lookalike.library import Lookalike
from lookalike.testing import make_records, make_space
from lookalike.types import Learned

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]

SPACE = make_space()
LATER = make_space("later")


@pytest.fixture
def url(milvus: Shelf) -> Iterator[str]:
    """A gallery of its own: what is done to its collections cannot be undone by emptying them."""
    yield f"{milvus.server}/spaces"
    milvus.drop("spaces")


@pytest.mark.parametrize("cut_off", ["collection", "note"])
def test_a_space_whose_dropping_was_cut_off_is_dropped_when_asked_again_and_begins_empty_if_it_comes_again(
    url, monkeypatch, cut_off
):
    def unreachable(_: str) -> None:
        raise Unreachable("Nobody answers.")

    (record,) = make_records(1)
    vector = record.embeddings[SPACE.name]
    with MilvusGallery.open(url) as gallery:
        gallery.add_space(SPACE)
        gallery.add_space(LATER)
        gallery.put([record])
        gallery.embed([Embedded(id=record.id, sha256=record.sha256, embeddings={LATER.name: vector})])
        owner, name = {"collection": (gallery._server, "drop"), "note": (gallery._notes, "drop_space")}[cut_off]
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, unreachable)
            with pytest.raises(Unreachable):
                gallery.drop_space(LATER.name)
        assert gallery.lost() == ([LATER.name] if cut_off == "note" else [])
        gallery.drop_space(LATER.name)
        assert list(gallery.spaces) == [SPACE.name]
        assert gallery.check() == []
        gallery.add_space(LATER)
        assert gallery.count_lacking([LATER.name]) == 1


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


def test_a_space_that_another_program_makes_anew_is_searched_by_the_index_that_it_has_now(url, monkeypatch):
    monkeypatch.setattr(planning, "_EXACT", 10)
    monkeypatch.setattr(spaces, "_FRESH_S", 0.0)
    with MilvusGallery.open(f"{url}?pictures=10") as gallery, MilvusGallery.open(f"{url}?pictures=10") as other:
        gallery.add_space(SPACE)
        gallery.add_space(LATER)
        assert gallery._spaces.search(LATER).index.kind == "FLAT"
        gallery.put(make_records(25))
        other.drop_space(LATER.name)
        other.add_space(LATER)
        assert LATER.name in gallery.spaces
        assert gallery._spaces.search(LATER).index.kind == "HNSW"


def test_an_index_that_is_known_is_not_asked_for_again_when_the_spaces_are(url, monkeypatch):
    monkeypatch.setattr(spaces, "_FRESH_S", 0.0)
    with MilvusGallery.open(url) as gallery:
        gallery.add_space(SPACE)
        asked: list[str] = []
        ask = gallery._server.ask

        def counted(call: str, *given, **named):
            asked.append(call)
            return ask(call, *given, **named)

        monkeypatch.setattr(gallery._server, "ask", counted)
        vector = np.eye(SPACE.dim, dtype=np.float32)[0]
        gallery.nearest(SPACE.name, vector[None], 1)
        gallery.similarity(SPACE.name, vector, ["f" * 32])
        gallery.calibrate(SPACE.name, Learned(pictures=(3.0, -1.0), note="of 60"))
        gallery.nearest(SPACE.name, vector[None], 1)
        assert asked.count("describe_index") == 1

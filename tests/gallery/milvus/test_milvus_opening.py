"""What is said of a gallery on Milvus that has lost a collection, or comes from a newer Lookalike, and what is left?"""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from milvus_servers import Shelf
from pymilvus import MilvusClient

from lookalike.errors import GalleryError
from lookalike.gallery.milvus import MilvusGallery
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.notes import _GALLERY
from lookalike.gallery.milvus.rows import note_row
from lookalike.gallery.milvus.schema import VERSION, records_of, space_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.serving import Embedded, Serving
from lookalike.ingest.switching import begin, claim
from lookalike.testing import ColourEncoder, make_records, make_space

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]

NAME = "lost"
WITHIN_S = 20.0
SPACE, LATER = make_space(), make_space("later@1/colour")
RECORDS = make_records(10)


@pytest.fixture
def url(milvus: Shelf) -> Iterator[str]:
    """A gallery of ten records in two spaces, of its own, as its collections are dropped and its notes falsified."""
    with MilvusGallery.open(f"{milvus.server}/{NAME}") as gallery:
        gallery.add_space(SPACE)
        gallery.add_space(LATER)
        gallery.put(RECORDS)
    yield f"{milvus.server}/{NAME}"
    milvus.drop(NAME)


def drop(url: str, collection: str) -> None:
    with MilvusGallery.open(url) as gallery:
        gallery._server.drop(collection)


def open_for_a_while(url: str, *, create: bool) -> None:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        MilvusGallery.open(url, create=create).close()
        time.sleep(0.2)


def test_lost_vectors_take_nothing_else_with_them_and_are_made_anew(url):
    drop(url, space_of(NAME, SPACE.name))
    with MilvusGallery.open(url, create=False) as gallery:
        assert gallery.count() == 10
        (found,) = gallery.check()
        assert f"lookalike reencode --encoder {SPACE.encoder}" in found
        query = RECORDS[0].embeddings[SPACE.name].astype("float32")[None]
        with pytest.raises(GalleryError, match="gone") as caught:
            gallery.nearest(SPACE.name, query, 3)
        assert "reencode" in caught.value.fix
        gallery.add_space(SPACE)
        assert gallery.count_lacking([SPACE.name]) == 10
        gallery.embed([Embedded(id=one.id, sha256=one.sha256, embeddings=one.embeddings) for one in RECORDS])
        assert gallery.nearest(SPACE.name, query, 3)[0].ids[0] == RECORDS[0].id
        assert gallery.check() == []


def test_lost_vectors_of_an_encoder_that_does_not_answer_can_be_given_up(url):
    drop(url, space_of(NAME, LATER.name))
    with MilvusGallery.open(url, create=False) as gallery:
        gallery.drop_space(LATER.name)
        assert [*gallery.spaces] == [SPACE.name]
        assert gallery.check() == []


def test_lost_vectors_of_an_encoder_that_does_not_answer_leave_all_verbs_to_the_others(url):
    drop(url, space_of(NAME, LATER.name))
    with MilvusGallery.open(url, create=False) as gallery:
        assert gallery.lost() == [LATER.name]
        (found,) = gallery.check()
        assert f"--drop {LATER.name}" in found
        assert "--no-switch" in found
        ids = [one.id for one in RECORDS]
        assert all([*one.embeddings] == [SPACE.name] for one in gallery.get(ids, embeddings=True))
        gallery.describe(ids[:1], lambda old: replace(old, caption="found again"))
        gallery.put([replace(RECORDS[1], embeddings={})])
        assert gallery.delete(ids[2:3]) == 1
        assert gallery.tidy() == 0
        assert (gallery.count_lacking([LATER.name]), gallery.count_lacking([SPACE.name])) == (9, 1)
        assert len(gallery.lacking([LATER.name, SPACE.name]).records) == 9
        assert [one.caption for one in gallery.get(ids[:1])] == ["found again"]
        assert gallery.outgrown() == []
        gallery.add_space(LATER)
        assert gallery.lost() == []
        assert gallery.count_lacking([LATER.name]) == 9


def test_a_vector_for_a_space_that_was_lost_is_refused_and_not_passed_over(url):
    drop(url, space_of(NAME, LATER.name))
    vector = np.eye(1, LATER.dim, dtype=np.float16)[0]
    with MilvusGallery.open(url, create=False) as gallery:
        with pytest.raises(GalleryError, match="gone"):
            gallery.put([replace(RECORDS[0], caption="half", embeddings={LATER.name: vector})])
        assert [one.caption for one in gallery.get([RECORDS[0].id])] == [RECORDS[0].caption]


def test_where_the_vectors_are_lost_that_answer_nothing_is_indexed_before_they_are_made_anew(url):
    encoder = ColourEncoder()
    with MilvusGallery.open(url) as gallery:
        begin(gallery, encoder)
        gallery.serve(lambda held: Serving(now=held.filling, before=held.now))
    drop(url, space_of(NAME, next(iter(encoder.spaces))))
    with MilvusGallery.open(url, create=False) as gallery:
        with pytest.raises(GalleryError, match="gone") as caught:
            claim(gallery, encoder)
        assert caught.value.fix.endswith(f"lookalike reencode --encoder {encoder.name}")
        assert gallery.lost() == [*encoder.spaces]
        begin(gallery, encoder)
        claim(gallery, encoder)
        assert gallery.count_lacking(encoder.spaces) == 10


def test_lost_records_are_said_though_nothing_shall_be_made(url):
    drop(url, records_of(NAME))
    with pytest.raises(GalleryError, match=f"{NAME}_records is not there"):
        MilvusGallery.open(url, create=False)


@pytest.mark.parametrize("create", [True, False])
def test_a_gallery_of_a_newer_lookalike_is_refused(url, create):
    with MilvusGallery.open(url) as gallery:
        gallery._notes._put([note_row(_GALLERY, _GALLERY, number=VERSION + 1, name="of tomorrow")])
    with pytest.raises(GalleryError, match="newer Lookalike"):
        open_for_a_while(url, create=create)  # what another program wrote is seen within moments


@pytest.mark.parametrize(
    ("said", "build", "told"),
    [
        ("unknown-20260608-7ea6e3526", "2.6.4", "Milvus 2.6.4, vectors of 16 bits"),
        ("unknown-20260608-7ea6e3526", "", "Milvus unknown-20260608-7ea6e3526, taken for 2.5, vectors of 16 bits"),
        ("Zilliz Cloud Vector Database(Compatible with Milvus 2.6)", "", "(Compatible with Milvus 2.6), vectors of 16"),
    ],
)
def test_a_server_that_says_no_number_is_asked_for_its_build_and_else_not_refused(
    milvus_lite, monkeypatch, said, build, told
):
    def version(_, detail=False, **_named):
        return {"version": build} if detail else said

    monkeypatch.setattr(MilvusClient, "get_server_version", version)
    assert told in str(Server(Address.parse(f"{milvus_lite.server}/{NAME}")).abilities)


def test_a_server_that_is_too_old_is_refused(milvus_lite, monkeypatch):
    monkeypatch.setattr(MilvusClient, "get_server_version", lambda *_, **_named: "v2.2.16")
    with pytest.raises(GalleryError, match=r"version v2\.2\.16"):
        Server(Address.parse(f"{milvus_lite.server}/{NAME}"))

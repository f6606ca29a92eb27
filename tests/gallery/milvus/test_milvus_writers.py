"""Is what one of several writers wrote neither lost by the others, nor hidden from an index of copies?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from milvus_servers import Shelf
from waiting import eventually

from lookalike.describing import prefer_persons_words
from lookalike.gallery import Gallery, Merge
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus import embedding
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.packing import Packed
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.serving import Embedded
from lookalike.testing import make_record, make_records, make_space
from lookalike.types import Fingerprint, ImageRecord

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(120)]

SPACE = make_space()
RECORD = replace(make_record("file:///a.jpg"), fingerprint=Fingerprint(pixels="ab" * 16, perceptual="01" * 32))


@pytest.fixture
def two(milvus: Shelf) -> Iterator[tuple[Gallery, Gallery]]:
    """One gallery as two programs have it open, with a record in it."""
    with milvus.open("writers") as one, milvus.open("writers") as other:
        one.put([RECORD])
        assert eventually(lambda: other.get([RECORD.id]) != [])
        yield one, other
    milvus.clear()


def hashes(gallery: Gallery, since: int) -> set[str]:
    return {bits.tobytes().hex() for page in gallery.fingerprints(since) for bits in page.perceptual}


def test_what_began_before_anothers_change_and_lands_after_it_is_seen(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    since: list[int] = []

    def meanwhile(_: ImageRecord, new: ImageRecord) -> ImageRecord:
        other.put([make_record("file:///b.jpg")])
        since.append(other.state.revision)
        return new

    changed = replace(RECORD, fingerprint=replace(RECORD.fingerprint, perceptual="07" * 32))
    one.put([changed], merge=meanwhile)
    assert eventually(lambda: other.state.revision > since[0])
    assert eventually(lambda: "07" * 32 in hashes(other, since[0]))


def test_a_revision_never_falls_though_the_notes_of_two_writers_cross(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    before = other.state.revision
    late: Notes = one._notes
    late._put([{**late._get(["state"])[0], "number": before - 2_000, "vector": [1.0, 0.0]}])
    assert eventually(lambda: other.state.revision > before)
    one.put([make_record("file:///b.jpg")])
    assert eventually(lambda: other.state.revision > before + 1)


def test_what_another_has_just_written_is_not_lost_by_a_change(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    for n in range(8):
        one.describe([RECORD.id], lambda record, n=n: replace(record, title=f"title {n}", edited=("title",)))
        other.describe([RECORD.id], lambda record, n=n: replace(record, tags=(*record.tags, f"tag {n}")))
        other.put([replace(RECORD, tags=(f"tag {n}",))], merge=prefer_persons_words)
        (found,) = one.describe([RECORD.id], lambda record: replace(record, label="seen"))
        assert (found.title, found.tags) == (f"title {n}", (f"tag {n}",))


def test_what_another_has_just_deleted_does_not_come_back(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    records = make_records(6)
    other.add_space(SPACE)
    one.add_space(SPACE)
    for record in records:
        one.put([record])
        assert eventually(lambda record=record: other.get([record.id]) != [])
        made = Embedded(id=record.id, sha256=record.sha256, embeddings=record.embeddings)
        assert one.delete([record.id]) == 1
        assert other.describe([record.id], lambda old: replace(old, title="back again")) == []
        assert other.embed([made]) == []
        assert other.delete([record.id]) == 0
    assert eventually(lambda: one.check() == other.check() == [])
    assert one.count() == 1


def test_vectors_of_a_record_that_goes_while_they_are_written_go_with_it(
    two: tuple[Gallery, Gallery], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    record = make_records(1)[0]
    one.add_space(SPACE)
    one.put([replace(record, embeddings={})])
    assert eventually(lambda: other.get([record.id]) != [])
    write = embedding._write

    def written_and_deleted(*given: object) -> None:
        write(*given)
        other.delete([record.id])

    monkeypatch.setattr(embedding, "_write", written_and_deleted)
    assert one.embed([Embedded(id=record.id, sha256=record.sha256, embeddings=record.embeddings)]) == []
    assert eventually(lambda: one.check() == [])


@pytest.fixture
def embedded_meanwhile(two: tuple[Gallery, Gallery], monkeypatch: pytest.MonkeyPatch) -> Embedded:
    """A vector that the other adds, in a space that both know, right before the first sends the record next time."""
    one, other = two
    one.add_space(SPACE)
    assert eventually(lambda: SPACE.name in other.spaces)
    made = Embedded(id=RECORD.id, sha256=RECORD.sha256, embeddings=make_records(1)[0].embeddings)
    send = one._server.send

    def embedded_and_sent(packed: Packed) -> None:
        if packed.collection == records_of(one._server.address.name):
            monkeypatch.undo()
            assert other.embed([made]) == [RECORD.id]
        send(packed)

    monkeypatch.setattr(one._server, "send", embedded_and_sent)
    return made


@pytest.mark.parametrize("is_put", [False, True], ids=["describe", "put"])
def test_a_vector_that_another_adds_while_words_change_is_found_by_the_new_words(
    two: tuple[Gallery, Gallery], embedded_meanwhile: Embedded, is_put: bool
) -> None:
    one, other = two
    if is_put:
        one.put([replace(RECORD, tags=("new",))], merge=prefer_persons_words)
    else:
        one.describe([RECORD.id], lambda old: replace(old, tags=("new",)))
    query = embedded_meanwhile.embeddings[SPACE.name].astype(np.float32)[None]
    assert eventually(lambda: other.nearest(SPACE.name, query, 5, parse_filter("tag:new"))[0].ids == (RECORD.id,))


@pytest.mark.parametrize("merge", [None, prefer_persons_words])
@pytest.mark.usefixtures("embedded_meanwhile")
def test_a_vector_that_another_adds_while_the_picture_changes_is_not_taken_for_one_of_the_new_picture(
    two: tuple[Gallery, Gallery], merge: Merge | None
) -> None:
    one, other = two
    one.put([replace(RECORD, sha256="cd" * 32)], merge=merge)
    assert eventually(lambda: other.count_lacking([SPACE.name]) == 1)
    assert [record.id for record in other.lacking([SPACE.name]).records] == [RECORD.id]


def test_vectors_without_a_record_are_found_and_deleted(two: tuple[Gallery, Gallery], monkeypatch) -> None:
    one, _ = two
    waited: list[float] = []
    monkeypatch.setattr(embedding, "sleep", waited.append)
    one.add_space(SPACE)
    records = make_records(5)
    one.put(records)
    assert one.tidy() == 0
    assert waited == []
    one._server.delete(records_of(one._server.address.name), [record.id for record in records[:2]])
    assert [finding for finding in one.check() if f"2 vectors of {SPACE.name} belong to no record" in finding]
    assert one.count_lacking([SPACE.name]) == 0 < len(one.lacking([SPACE.name]).records)
    assert one.tidy() == 2
    (seconds,) = waited
    assert seconds > 4 * one._server.address.timeout_s
    assert one.check() == []
    assert one.count_lacking([SPACE.name]) == 1


@pytest.mark.parametrize("is_other", [False, True], ids=["in this process", "in another"])
def test_vectors_of_a_picture_that_is_coming_in_are_not_taken_for_left_over(
    two: tuple[Gallery, Gallery], monkeypatch, is_other: bool
) -> None:
    one, other = two
    one.add_space(SPACE)
    (record,) = make_records(1)
    one.put([record])
    one._server.delete(records_of(one._server.address.name), [record.id])

    def written(_: float) -> None:
        if is_other:
            other.put([record])

    monkeypatch.setattr(embedding, "sleep", written)
    monkeypatch.setattr(one._writer, "_coming", frozenset() if is_other else frozenset({record.id}))
    assert one.tidy() == 0


def test_vectors_of_a_picture_that_comes_in_while_others_go_are_kept(
    two: tuple[Gallery, Gallery], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    one.add_space(SPACE)
    records = sorted(make_records(2), key=lambda record: record.id)
    one.put(records)
    one._server.delete(records_of(one._server.address.name), [record.id for record in records])
    delete = one._server.delete

    def deleted_and_put(collection: str, ids: list[str]) -> None:
        delete(collection, ids)
        monkeypatch.undo()
        other.put(records[1:])

    monkeypatch.setattr(embedding, "sleep", lambda _: None)
    monkeypatch.setattr(embedding, "_LOOKED_AT_ONCE", 1)
    monkeypatch.setattr(one._server, "delete", deleted_and_put)
    assert one.tidy() == 1
    assert [*one.get([records[1].id], embeddings=True)[0].embeddings] == [SPACE.name]

"""Does the trash let go of what cannot come back, whatever happens then?"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread, Timer

import numpy as np
import pytest
from waiting import eventually

from lookalike.describing import Edit
from lookalike.errors import GalleryError
from lookalike.service.ledger import Ledger
from lookalike.service.pictures.edits import Edits
from lookalike.service.pictures.trash import Trash
from lookalike.testing import MemoryGallery, make_record, make_space
from lookalike.types import ImageRecord

RECORDS = [make_record(f"file:///{name}.jpg") for name in "ab"]


def keep_nothing(*_: object) -> None:
    """There is nothing to clear away."""


def test_one_that_cannot_be_cleared_away_keeps_none_of_the_others(caplog):
    gone: list[str] = []

    def clear(record, _) -> None:
        gone.append(record.id)
        raise PermissionError("The disk is read-only.")

    with MemoryGallery() as gallery:
        gallery.put(RECORDS)
        trash = Trash(Ledger(), gallery, clear, keep_s=0)
        with caplog.at_level(logging.WARNING):
            trash.throw([record.id for record in RECORDS])
            trash.sweep()
        assert sorted(gone) == sorted(record.id for record in RECORDS)
        assert caplog.text.count("The disk is read-only.") == 2
        assert trash.restore(gone) == []
        trash.close()


def test_whoever_deletes_a_picture_waits_for_nothing_that_was_deleted_before():
    gone: list[str] = []
    with MemoryGallery() as gallery:
        gallery.put(RECORDS)
        trash = Trash(Ledger(), gallery, lambda record, _: gone.append(record.id), keep_s=0)
        for record in RECORDS:
            trash.throw([record.id])
            assert gone == []
        trash.sweep()
        assert gone == [record.id for record in RECORDS]
        trash.close()


def test_what_could_not_be_cleared_away_is_tried_again_and_does_not_come_back_meanwhile(monkeypatch):
    monkeypatch.setattr("lookalike.service.pictures.trash._CLEAR_AGAIN_S", 0)
    asked: list[str] = []

    def clear(record, _) -> None:
        asked.append(record.id)
        if len(asked) < 3:
            raise GalleryError("Milvus is away.")

    with MemoryGallery() as gallery, Ledger() as ledger:
        gallery.put(RECORDS)
        trash = Trash(ledger, gallery, clear, keep_s=60)
        trash.throw([RECORDS[0].id], "some reason")
        trash.throw([RECORDS[1].id])
        with ledger.transaction() as connection:
            connection.execute("UPDATE trash SET thrown = 0 WHERE id = ?", (RECORDS[0].id,))
        trash.sweep()
        assert trash.restore([RECORDS[0].id], reason="some") == []
        assert not trash.holds_any("some reason")
        trash.close()
        with_another = Trash(ledger, gallery, clear, keep_s=60)  # as after the program was killed
        for _ in range(3):
            with_another.sweep()
        assert asked == [RECORDS[0].id] * 3
        assert [one.id for one in with_another.restore([RECORDS[1].id])] == [RECORDS[1].id]
        with_another.close()


def test_however_many_are_thrown_at_once_all_come_back_within_their_time():
    records = [make_record(f"file:///{number}.jpg") for number in range(10_001)]
    ids, gone = [record.id for record in records], []
    with MemoryGallery() as gallery:
        gallery.put(records)
        trash = Trash(Ledger(), gallery, lambda record, _: gone.append(record), keep_s=3_600)
        trash.throw(ids[:1])
        trash.throw(ids[1:])
        assert gone == []
        assert {record.id for record in trash.restore(ids)} == set(ids)
        assert gallery.count() == len(records)
        trash.close()


def test_what_comes_in_again_just_as_its_like_is_put_back_stays_as_it_is():
    class Interrupted(MemoryGallery):
        """A gallery into which a picture comes again just before anything is put."""

        comes: tuple[ImageRecord, ...] = ()

        def put(self, records, failures=(), **how):
            super().put(self.comes)
            super().put(records, failures, **how)

    space = make_space("one@1/x", 8)
    before, after = (np.eye(space.dim, dtype=np.float16)[n] for n in range(2))
    record = make_record(title="before", tags=("mine",), edited=("tags",), embeddings={space.name: before})
    newer = replace(record, sha256="ab" * 32, title="after", tags=(), edited=(), embeddings={space.name: after})
    with Interrupted() as gallery, Ledger() as ledger:
        gallery.add_space(space)
        gallery.put([record])
        trash = Trash(ledger, gallery, keep_nothing, keep_s=60)
        trash.throw([record.id])
        gallery.comes = (newer,)
        (back,) = trash.restore([record.id])
        assert (back.sha256, back.title, back.tags) == (newer.sha256, "after", ("mine",))
        assert np.array_equal(back.embeddings[space.name], after)
        trash.close()


@pytest.mark.slow
def test_what_is_being_put_back_when_its_time_ends_keeps_its_file(monkeypatch):
    class Slow(MemoryGallery):
        """A gallery whose only writer is busy until a sweep has found what is over."""

        def put(self, records, failures=(), **how):
            putting.set()
            assert found.wait(20)
            time.sleep(0.2)
            super().put(records, failures, **how)

    class Watched(Trash):
        """Tells when a sweep has found what is over."""

        def _overdue(self, after):
            overdue = super()._overdue(after)
            found.set()
            return overdue

    putting, found, over = Event(), Event(), []
    with Slow() as gallery, Ledger() as ledger:
        MemoryGallery.put(gallery, RECORDS[:1])
        trash = Watched(ledger, gallery, lambda _, is_over: over.append(is_over()), keep_s=60)
        trash.throw([RECORDS[0].id])
        with ThreadPoolExecutor(1) as beside:
            back = beside.submit(trash.restore, [RECORDS[0].id])
            assert putting.wait(20)
            monkeypatch.setattr(trash, "_keep_s", 0)  # its time ends
            trash.sweep()
            assert [one.id for one in back.result()] == [RECORDS[0].id]
        assert over == [False]
        trash.close()


@pytest.mark.slow
def test_what_is_written_about_a_picture_that_is_being_deleted_is_refused_or_comes_back_with_it():
    class Interrupted(MemoryGallery):
        """A gallery in which somebody writes about a picture just before it goes."""

        def delete(self, ids):
            writer.start()
            writer.join(0.2)
            return super().delete(ids)

    answers: list[object] = []
    with Interrupted() as gallery, Ledger() as ledger:
        edits, trash = Edits(ledger, gallery, keep_s=60), Trash(ledger, gallery, keep_nothing, keep_s=60)
        writer = Thread(target=lambda: answers.append(edits.make(RECORDS[0].id, Edit(title="new"))))
        gallery.put(RECORDS)
        trash.throw([RECORDS[0].id])
        writer.join(20)
        (back,) = trash.restore([RECORDS[0].id])
        assert answers == [None] or back.title == "new"
        trash.close()


def test_a_picture_comes_back_without_what_was_said_in_spaces_that_have_gone():
    first, second = make_space("one@1/x", 8), make_space("two@1/x", 16)
    vectors = {space.name: np.eye(space.dim, dtype=np.float16)[0] for space in (first, second)}
    record = make_record(embeddings=vectors)
    with MemoryGallery() as gallery:
        for space in (second, first):
            gallery.add_space(space)
        gallery.put([record])
        trash = Trash(Ledger(), gallery, keep_nothing, keep_s=60)
        trash.throw([record.id])
        gallery.drop_space(first.name)
        assert [one.id for one in trash.restore([record.id])] == [record.id]
        (found,) = gallery.get([record.id], embeddings=True)
        assert found.embeddings.keys() == {second.name}
        trash.close()


def test_many_are_let_go_of_with_one_write_while_others_use_the_trash():
    class CountingLedger(Ledger):
        """Counts what is written."""

        writes = 0

        @contextmanager
        def transaction(self):
            with super().transaction() as connection:
                before = connection.total_changes()
                yield connection
                self.writes += connection.total_changes() > before

    records = [make_record(f"file:///{number}.jpg") for number in range(50)]
    back: list[str] = []

    def clear(*_) -> None:
        if not back:
            with ThreadPoolExecutor(1) as threads:
                back.extend(one.id for one in threads.submit(trash.restore, [RECORDS[0].id]).result(20))

    with MemoryGallery() as gallery, CountingLedger() as ledger:
        gallery.put([*records, RECORDS[0]])
        trash = Trash(ledger, gallery, clear, keep_s=60)
        trash.throw([record.id for record in records])
        trash.throw([RECORDS[0].id])
        with ledger.transaction() as connection:
            connection.execute("UPDATE trash SET thrown = 0 WHERE id != ?", (RECORDS[0].id,))
        before = ledger.writes
        trash.sweep()
        assert back == [RECORDS[0].id]
        assert ledger.writes == before + 2, "all that went, and the one that came back"
        assert trash.restore([record.id for record in records]) == []
        trash.close()


def test_what_came_in_again_while_its_like_was_let_go_of_keeps_its_file():
    gone: list[str] = []

    def clear(record, is_over) -> None:
        if not is_over():
            return
        gone.append(record.id)
        if len(gone) == 1:  # before the second is cleared away, it is uploaded and deleted again
            gallery.put(RECORDS[1:])
            trash.throw([RECORDS[1].id])

    with MemoryGallery() as gallery, Ledger() as ledger:
        gallery.put(RECORDS)
        trash = Trash(ledger, gallery, clear, keep_s=60)
        for record in RECORDS:
            trash.throw([record.id])
        with ledger.transaction() as connection:
            connection.execute("UPDATE trash SET thrown = thrown - 100")
        trash.sweep()
        assert gone == [RECORDS[0].id]
        assert [one.id for one in trash.restore([RECORDS[1].id])] == [RECORDS[1].id]
        trash.close()


@pytest.mark.slow
def test_the_next_are_swept_in_their_time_though_one_could_not_be_cleared_away(monkeypatch):
    monkeypatch.setattr("lookalike.service.pictures.trash._SETTLE_S", 0.01)
    gone: list[str] = []

    def clear(record, _) -> None:
        gone.append(record.id)
        if len(gone) == 1:
            raise ValueError("invalid literal")

    with MemoryGallery() as gallery:
        gallery.put(RECORDS)
        trash = Trash(Ledger(), gallery, clear, keep_s=0.3)
        for record in RECORDS:
            trash.throw([record.id])
            time.sleep(0.1)
        assert eventually(lambda: len(gone) == 2), "the second was never swept"
        trash.close()
    assert gone == [record.id for record in RECORDS]


@pytest.mark.slow
def test_what_could_not_be_swept_in_its_time_is_swept_once_it_can_be(monkeypatch, caplog):
    monkeypatch.setattr("lookalike.service.pictures.trash._SETTLE_S", 0.01)
    monkeypatch.setattr("lookalike.service.pictures.trash._AGAIN_S", 0.05)
    gone: list[str] = []

    class FullLedger(Ledger):
        is_full = False

        @contextmanager
        def transaction(self):
            if self.is_full:
                raise GalleryError("The disk is full.", "Make room.")
            with super().transaction() as connection:
                yield connection

    with MemoryGallery() as gallery, FullLedger() as ledger:
        gallery.put(RECORDS)
        trash = Trash(ledger, gallery, lambda record, _: gone.append(record.id), keep_s=0.2)
        trash.throw([RECORDS[0].id])
        ledger.is_full = True
        assert eventually(lambda: "The disk is full." in caplog.text), "nobody tried"
        ledger.is_full = False
        assert eventually(lambda: bool(gone)), "it was never swept"
        trash.close()
    assert gone == [RECORDS[0].id]


def test_nothing_is_planned_any_more_when_another_server_than_ours_has_ended(filled, calling):
    with calling(filled) as client:
        client.delete(f"/v1/images/{filled.gallery.scan().records[0].id}").raise_for_status()
        planned = client.app.state.service.trash.sweep_in_time
    timers = [one for one in threading.enumerate() if isinstance(one, Timer) and one.function == planned]
    for timer in timers:
        timer.join(10)
    assert not any(timer.is_alive() for timer in timers)

"""Is an edit taken back once, and never lost before it is?"""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest

from lookalike.describing import Edit
from lookalike.errors import GalleryError
from lookalike.service.ledger import Ledger
from lookalike.service.pictures.edits import Edits
from lookalike.testing import MemoryGallery, make_record

RECORD = make_record(title="before")


class Gallery(MemoryGallery):
    """A gallery that counts what is written, and whose disk may be full."""

    is_full = False
    written = 0

    def describe(self, *given):
        self.written += 1
        if self.is_full:
            raise GalleryError("The disk is full.", "Make room.")
        return super().describe(*given)


@pytest.fixture
def gallery():
    with Gallery() as gallery:
        gallery.put([RECORD])
        yield gallery


@pytest.fixture
def edits(gallery):
    with Ledger() as ledger:
        yield Edits(ledger, gallery, keep_s=60)


def test_an_edit_that_could_not_be_taken_back_still_can_be_once_there_is_room(gallery, edits):
    edits.make(RECORD.id, Edit(title="after"))
    gallery.is_full = True
    with pytest.raises(GalleryError):
        edits.undo([RECORD.id])
    gallery.is_full = False
    assert [one.title for one in edits.undo([RECORD.id])] == ["before"]
    assert edits.undo([RECORD.id]) == []


def test_of_many_who_take_an_edit_back_at_once_one_does(edits):
    made = edits.make(RECORD.id, Edit(title="after"))
    with ThreadPoolExecutor(8) as threads:
        undone = list(threads.map(edits.undo, [[made.edit]] * 8))
    assert sum(map(len, undone)) == 1


@pytest.mark.slow
def test_many_edits_are_taken_back_with_few_writes(gallery):
    class CountingLedger(Ledger):
        """Counts what is read and written together."""

        transactions = 0

        @contextmanager
        def transaction(self):
            self.transactions += 1
            with super().transaction() as connection:
                yield connection

    records = [make_record(f"file:///{number}.jpg", title=str(number)) for number in range(1_001)]
    gallery.put(records)
    with CountingLedger() as ledger:
        edits = Edits(ledger, gallery, keep_s=60)
        made = [edits.make(record.id, Edit(title="after")).edit for record in records]
        gallery.describe([records[7].id], lambda one: replace(one, title="since"))
        ledger.transactions = gallery.written = 0
        undone = edits.undo([*made, *[record.id for record in records]])
    assert [one.title for one in undone] == [str(number) for number in range(1_001) if number != 7]
    assert gallery.get([records[7].id])[0].title == "since"
    assert gallery.written <= 3
    assert ledger.transactions < 10


def test_an_edit_made_again_since_is_not_taken_back_by_the_name_of_the_first(gallery, edits):
    first = edits.make(RECORD.id, Edit(title="after"))
    edits.undo([first.edit])
    edits.make(RECORD.id, Edit(title="after"))
    assert edits.undo([first.edit]) == []
    assert gallery.get([RECORD.id])[0].title == "after"


def test_what_was_stored_is_said_to_be_though_nobody_can_remember_how_it_was(gallery, caplog):
    class FullLedger(Ledger):
        @contextmanager
        def transaction(self):
            raise GalleryError("The ledger is full.", "Make room.")
            yield

    with FullLedger() as ledger, caplog.at_level(logging.WARNING):
        made = Edits(ledger, gallery, keep_s=60).make(RECORD.id, Edit(title="after"))
    assert (made.record.title, gallery.get([RECORD.id])[0].title) == ("after", "after")
    assert "The ledger is full." in caplog.text


@pytest.mark.slow
def test_of_two_who_write_at_once_the_last_can_be_taken_back(gallery):
    class Interrupted(Ledger):
        """A ledger before which another one writes about the picture, just as the first is about to keep its edit."""

        other: Thread | None = None

        @contextmanager
        def transaction(self):
            if self.other is None:
                self.other = Thread(target=edits.make, args=[RECORD.id, Edit(title="second")])
                self.other.start()
                self.other.join(0.2)
            with super().transaction() as connection:
                yield connection

    with Interrupted() as ledger:
        edits = Edits(ledger, gallery, keep_s=60)
        edits.make(RECORD.id, Edit(title="first"))
        ledger.other.join(20)
        assert gallery.get([RECORD.id])[0].title == "second"
        assert [one.title for one in edits.undo([RECORD.id])] == ["first"]

"""Does the trash let go of what cannot come back, whatever happens then?"""

import logging
import time

import pytest

from lookalike.service.ledger import Ledger
from lookalike.service.pictures.trash import Trash
from lookalike.testing import MemoryGallery, make_record

RECORDS = [make_record(f"file:///{name}.jpg") for name in "ab"]


def test_one_that_cannot_be_cleared_away_keeps_none_of_the_others(caplog):
    gone: list[str] = []

    def clear(record) -> None:
        gone.append(record.id)
        raise PermissionError("The disk is read-only.")

    with MemoryGallery() as gallery:
        gallery.put(RECORDS)
        trash = Trash(Ledger(), gallery, clear, keep_s=0)
        with caplog.at_level(logging.WARNING):
            trash.throw([record.id for record in RECORDS])
        assert sorted(gone) == sorted(record.id for record in RECORDS)
        assert caplog.text.count("The disk is read-only.") == 2
        assert trash.restore(gone) == []
        trash.close()


@pytest.mark.slow
def test_the_next_are_swept_in_their_time_though_one_could_not_be_cleared_away(monkeypatch):
    monkeypatch.setattr("lookalike.service.pictures.trash._SETTLE_S", 0.01)
    gone: list[str] = []

    def clear(record) -> None:
        gone.append(record.id)
        if len(gone) == 1:
            raise ValueError("invalid literal")

    with MemoryGallery() as gallery:
        gallery.put(RECORDS)
        trash = Trash(Ledger(), gallery, clear, keep_s=0.3)
        for record in RECORDS:
            trash.throw([record.id])
            time.sleep(0.1)
        end = time.monotonic() + 20
        while len(gone) < 2:
            assert time.monotonic() < end, "the second was never swept"
            time.sleep(0.01)
        trash.close()
    assert gone == [record.id for record in RECORDS]

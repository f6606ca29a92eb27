"""Is what was worked out stored soon enough, and not too often?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pytest

from lookalike.ingest.storing import NewWords, commit
from lookalike.testing import MemoryGallery, make_record
from lookalike.types import Failure, Outcome


def failure(name: str) -> Failure:
    return Failure(
        uri=f"file:///{name}", version="1", outcome=Outcome.UNREADABLE, reason="broken", at=datetime.now(UTC)
    )


def test_a_batch_is_stored_once_it_is_more_than_a_second_old(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("lookalike.ingest.storing.time", SimpleNamespace(monotonic=lambda: clock.now))

    def made() -> Iterator[Failure]:
        for name, at in {"a": 0.5, "b": 1.0, "c": 1.01, "d": 2.0, "e": 2.02, "f": 2.5}.items():
            clock.now = at
            yield failure(name)

    told = [(one.uri[-1], clock.now) for one in commit(made(), MemoryGallery())]
    assert told == [("a", 1.01), ("b", 1.01), ("c", 1.01), ("d", 2.02), ("e", 2.02), ("f", 2.5)]


def test_of_a_record_that_was_forgotten_before_its_new_words_came_that_is_said() -> None:
    gallery, kept = MemoryGallery(), make_record("file:///kept.jpg")
    gallery.put([kept])
    words = [NewWords(uri, partial(replace, title="our wall")) for uri in ("file:///gone.jpg", kept.uri)]
    told = {one.uri: one for one in commit(iter(words), gallery)}
    assert told[kept.uri].outcome is Outcome.UPDATED
    gone = told["file:///gone.jpg"]
    assert (gone.outcome, gone.id) == (Outcome.UNREACHABLE, "")
    assert "forgotten meanwhile" in gone.reason


def test_a_batch_is_stored_once_it_has_512_rows() -> None:
    gallery, made = MemoryGallery(), (failure(str(number)) for number in range(600))
    outcomes = commit(made, gallery)
    next(outcomes)
    assert len(gallery.failures()) == 512
    assert len(list(outcomes)) == 599

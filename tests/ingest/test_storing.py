"""Is what was worked out stored soon enough, and not too often?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lookalike.ingest.storing import commit
from lookalike.testing import MemoryGallery
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


def test_a_batch_is_stored_once_it_has_512_rows() -> None:
    gallery, made = MemoryGallery(), (failure(str(number)) for number in range(600))
    outcomes = commit(made, gallery)
    next(outcomes)
    assert len(gallery.failures()) == 512
    assert len(list(outcomes)) == 599

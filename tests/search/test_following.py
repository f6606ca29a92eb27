"""Does the index of copies follow its gallery at the price of what changed, and lose nothing where it is broken off?"""

import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from lookalike.copies import index, storing
from lookalike.errors import GalleryError
from lookalike.gallery import PAGE_KEYS, FingerprintPage, Gallery, State
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.search import following
from lookalike.search.following import FollowingIndex
from lookalike.testing import make_record
from lookalike.types import Fingerprint, ImageRecord

PAGES = 3


def hashed(number: int, name: str = "") -> ImageRecord:
    fingerprint = Fingerprint(pixels=f"{number:032x}", perceptual=f"{number:064x}", quality=90)
    return make_record(f"file:///{name or number}.jpg", fingerprint=fingerprint)


def hash_of(number: int) -> Any:
    return np.frombuffer(number.to_bytes(32, "big"), np.uint8)[None]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[SqliteGallery]:
    with SqliteGallery.open(tmp_path / "g.gallery") as gallery:
        gallery.put([hashed(number) for number in range(PAGES * PAGE_KEYS)])
        yield gallery


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures were taken in at each time."""
    counts: list[int] = []
    build = index.build

    def counting(keys: Any, *rest: Any) -> Any:
        counts.append(len(keys))
        return build(keys, *rest)

    monkeypatch.setattr(index, "build", counting)
    return counts


class Broken:
    """A gallery that cannot be read any further after some pages."""

    def __init__(self, gallery: Gallery, pages: int) -> None:
        self.gallery = gallery
        self.pages = pages

    @property
    def state(self) -> State:
        return self.gallery.state

    def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
        for page in self.gallery.fingerprints(since):
            if not self.pages:
                raise GalleryError("The disk fails.")
            self.pages -= 1
            yield page


def test_pictures_that_go_are_marked_and_no_others_taken_in_again(gallery: Gallery, built: list[int]) -> None:
    following = FollowingIndex(gallery)
    assert len(following.refresh()) == PAGES * PAGE_KEYS
    built.clear()
    gallery.delete([hashed(number).id for number in range(0, PAGES * PAGE_KEYS, 100)])
    assert len(following.refresh()) == gallery.count()
    assert built == []


def test_pictures_that_get_the_keys_of_others_are_taken_in_alone(gallery: Gallery, built: list[int]) -> None:
    following = FollowingIndex(gallery)
    following.refresh()
    built.clear()
    gallery.delete([hashed(number).id for number in (5, 1_500)])
    gallery.put([hashed(9_000), make_record("file:///without a fingerprint.jpg")])
    known = following.refresh()
    assert sum(built) == 2
    assert sorted(known.keys()) == list(range(PAGES * PAGE_KEYS))
    assert known.hash_matches(hash_of(9_000), 0).keys.tolist() == [5]
    assert known.hash_matches(hash_of(1_500), 0).keys.tolist() == []


@pytest.fixture
def saved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_PAGES_AT_ONCE", 1)
    monkeypatch.setattr(following, "_SAVED_FROM", 1)
    monkeypatch.setattr(following, "_SAVED_EVERY_S", -1.0)


@pytest.mark.usefixtures("saved_at_once")
@pytest.mark.parametrize("pages", [0, 1, 2])
def test_what_was_broken_off_is_gone_on_with_by_the_next_process(
    gallery: Gallery, tmp_path: Path, built: list[int], pages: int
) -> None:
    with pytest.raises(GalleryError):
        FollowingIndex(Broken(gallery, pages), tmp_path / "copies").refresh()
    built.clear()
    gallery.delete([hashed(7).id])
    gallery.put([hashed(PAGE_KEYS + 1, "elsewhere"), hashed(9_000)])
    known = FollowingIndex(gallery, tmp_path / "copies").refresh()
    assert sum(built) <= (PAGES - pages) * PAGE_KEYS + 3
    assert sorted(known.keys()) == list(range(PAGES * PAGE_KEYS + 1))
    assert known.hash_matches(hash_of(7), 0).keys.tolist() == []
    assert len(known.hash_matches(hash_of(PAGE_KEYS + 1), 0).keys) == 2


@pytest.mark.usefixtures("saved_at_once")
@pytest.mark.parametrize("pages", [1, PAGES])
def test_of_a_gallery_that_was_put_back_to_an_older_state_nothing_newer_is_believed(
    gallery: SqliteGallery, tmp_path: Path, pages: int
) -> None:
    gallery.close()
    shutil.copy(tmp_path / "g.gallery", tmp_path / "older.gallery")
    with SqliteGallery.open(tmp_path / "g.gallery") as newer:
        newer.put([hashed(9_000, "5")])
        with pytest.raises(GalleryError) if pages < PAGES else nullcontext():
            FollowingIndex(Broken(newer, pages), tmp_path / "copies").refresh()
    with SqliteGallery.open(tmp_path / "older.gallery") as older:
        known = FollowingIndex(older, tmp_path / "copies").refresh()
    assert known.hash_matches(hash_of(5), 0).keys.tolist() == [5]
    assert known.hash_matches(hash_of(9_000), 0).keys.tolist() == []


@pytest.mark.usefixtures("saved_at_once")
def test_a_kill_after_the_list_was_written_costs_nothing(
    gallery: Gallery, tmp_path: Path, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "_PAGES_AT_ONCE", PAGES)
    FollowingIndex(gallery, tmp_path / "copies").refresh()
    gallery.delete([hashed(1).id])
    gallery.put([hashed(9_000)])
    with monkeypatch.context() as patch:
        patch.setattr(storing, "_sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            FollowingIndex(gallery, tmp_path / "copies").refresh()
    built.clear()
    known = FollowingIndex(gallery, tmp_path / "copies").refresh()
    assert len(known) == gallery.count()
    assert built == []


@pytest.mark.usefixtures("saved_at_once")
def test_what_could_not_be_kept_is_said_and_kept_later(
    gallery: Gallery, tmp_path: Path, built: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "copies"
    folder.write_text("in the way")
    following = FollowingIndex(gallery, folder)
    with caplog.at_level(logging.WARNING):
        assert len(following.refresh()) == PAGES * PAGE_KEYS
    assert f"cannot be written to {folder}" in caplog.text
    folder.unlink()
    gallery.delete([hashed(1).id])
    following.refresh()
    built.clear()
    assert len(FollowingIndex(gallery, folder).refresh()) == gallery.count()
    assert built == []


def test_who_waits_for_another_thread_to_bring_it_up_to_date_lets_others_have_the_turn(
    gallery: Gallery, assert_steps_aside: Callable[..., None]
) -> None:
    begun, go_on = Event(), Event()

    class Slow(Broken):
        def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
            begun.set()
            go_on.wait(60)
            return super().fingerprints(since)

    index = FollowingIndex(Slow(gallery, PAGES))
    builder = Thread(target=index.refresh, daemon=True)
    builder.start()
    assert begun.wait(60)
    assert_steps_aside(index.refresh, go_on.set)
    builder.join(60)


def test_closing_ends_what_would_take_long_and_waits_for_that(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_PAGES_AT_ONCE", 1)
    begun = Event()

    class Endless(Broken):
        def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
            page = next(iter(super().fingerprints(since)))
            for number in count():
                begun.set()
                yield replace(page, number=number)

    index = FollowingIndex(Endless(gallery, PAGES))
    with ThreadPoolExecutor(1) as threads:
        refreshed = threads.submit(index.refresh)
        assert begun.wait(60)
        index.close()
        assert isinstance(refreshed.exception(60), GalleryError)

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread

import pytest
from watchfiles import Change

import lookalike.sources.watch
from lookalike.errors import NotFound
from lookalike.sources import FolderSource
from lookalike.sources.watch import _Watch, watch_folders
from lookalike.types import EmptyFolder
from lookalike.uris import local_path

pytestmark = pytest.mark.slow

WAIT_S = 20


class Watching:
    """Watches in a thread, and hands over what was found."""

    def __init__(self, paths: list[Path], exclude: list[str]) -> None:
        self._stop = Event()
        self._found: Queue[list[str]] = Queue()
        self.told: list[str] = []
        self._thread = Thread(target=self._run, args=(paths, exclude))
        self._thread.start()

    def _run(self, paths: list[Path], exclude: list[str]) -> None:
        for source in watch_folders(FolderSource(paths, exclude), self._stop, self.told.append):
            self._found.put(sorted(_outcomes(source)))

    def next(self) -> list[str]:
        return self._found.get(timeout=WAIT_S)

    def rest(self) -> None:
        """Let go by what is found until nothing more is."""
        with suppress(Empty):
            while True:
                self._found.get(timeout=4)

    def stop(self) -> bool:
        self._stop.set()
        self._thread.join(WAIT_S)
        return not self._thread.is_alive()


def _outcomes(source: FolderSource) -> Iterator[str]:
    there = {item.uri for item in source.items() if not isinstance(item, EmptyFolder)}
    yield from (local_path(uri).name for uri in there)
    gone = {prefix.rstrip("/") for prefix in source.prefixes} - there
    yield from (f"-{local_path(uri).name}" for uri in gone if not local_path(uri).exists())


@pytest.fixture
def watch():
    running: list[Watching] = []

    def start(*paths: Path, exclude: tuple[str, ...] = ()) -> Watching:
        running.append(Watching(list(paths), list(exclude)))
        return running[-1]

    yield start
    assert all(one.stop() for one in running)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pictures"
    made.mkdir()
    (made / "old.jpg").write_bytes(b"x")
    return made


def test_everything_comes_first_and_then_what_appears(watch, folder):
    watching = watch(folder)
    assert watching.next() == ["old.jpg"]
    (folder / "new.jpg").write_bytes(b"y")
    assert watching.next() == ["new.jpg"]


def test_what_vanishes_is_told(watch, folder):
    watching = watch(folder)
    watching.next()
    (folder / "old.jpg").unlink()
    assert watching.next() == ["-old.jpg"]


def test_a_folder_that_moves_in_is_listed(watch, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "inside.jpg").write_bytes(b"x")
    watching = watch(folder)
    watching.next()
    (tmp_path / "elsewhere").rename(folder / "moved")
    assert watching.next() == ["inside.jpg"]


def test_a_file_asked_for_by_name_is_watched(watch, folder):
    watching = watch(folder / "old.jpg")
    assert watching.next() == ["old.jpg"]
    (folder / "old.jpg").write_bytes(b"changed")
    assert watching.next() == ["old.jpg"]


def test_what_is_excluded_or_hidden_wakes_nobody(watch, folder):
    watching = watch(folder, exclude=("*.tmp",))
    watching.next()
    (folder / "a.tmp").write_bytes(b"x")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "b.jpg").write_bytes(b"x")
    assert watching.next() == ["b.jpg"]


def test_a_path_spelt_with_dots_or_through_a_link_is_watched_all_the_same(watch, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    for path in (folder / ".." / "pictures", tmp_path / "link"):
        watching = watch(path)
        watching.next()
        (folder / "new.jpg").write_bytes(b"x")
        assert watching.next() == ["new.jpg"]
        assert watching.stop()
        (folder / "new.jpg").unlink()


def test_a_link_to_a_folder_is_not_followed_and_a_loop_is_none(watch, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.jpg").write_bytes(b"x")
    watching = watch(folder)
    watching.next()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    (folder / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]


def test_a_name_that_is_no_utf8_has_everything_looked_at_again(watch, folder):
    watching = watch(folder)
    watching.next()
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")).write_bytes(b"x")
    assert watching.next() == ["caf\udce9.jpg", "old.jpg"]
    (folder / "after.jpg").write_bytes(b"x")
    assert watching.next() == ["after.jpg"]


def test_a_path_that_is_not_there_is_said_at_once(folder):
    with pytest.raises(NotFound):
        next(watch_folders(FolderSource([folder / "nowhere"])))


def test_what_appears_in_new_folders_and_in_folders_within_them_is_told(watch, folder):
    watching = watch(folder)
    watching.next()
    (folder / "a" / "b").mkdir(parents=True)
    assert watching.next() == []
    (folder / "a" / "b" / "c").mkdir()
    (folder / "a" / "b" / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]
    (folder / "a" / "b" / "c" / "newer.jpg").write_bytes(b"x")
    assert watching.next() == ["newer.jpg"]


def test_a_folder_that_was_deleted_and_made_again_is_watched(watch, folder):
    (folder / "below").mkdir()
    watching = watch(folder)
    watching.next()
    (folder / "below").rmdir()
    (folder / "below").mkdir()
    watching.next()
    (folder / "below" / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]


def test_a_folder_that_goes_and_comes_back_as_a_drive_does_is_watched_again(watch, folder, tmp_path):
    watching = watch(folder)
    watching.next()
    folder.rename(tmp_path / "pulled out")
    watching.rest()
    folder.mkdir()
    (folder / "other.jpg").write_bytes(b"x")
    assert watching.next() == ["other.jpg"]
    watching.rest()
    (folder / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]


def test_a_file_asked_for_by_name_may_be_replaced_again_and_again(watch, folder):
    watching = watch(folder / "old.jpg")
    watching.next()
    for _ in range(2):
        (folder / "other").write_bytes(b"another")
        (folder / "other").replace(folder / "old.jpg")
        assert watching.next() == ["old.jpg"]
        watching.rest()


def test_everything_is_looked_at_again_now_and_then(watch, folder, monkeypatch):
    monkeypatch.setattr("lookalike.sources.watch._AGAIN_S", 2.0)
    watching = watch(folder)
    assert watching.next() == watching.next() == watching.next() == ["old.jpg"]


def test_where_the_system_watches_no_more_folders_that_is_said_once_and_everything_looked_at(
    watch, folder, monkeypatch
):
    def refuse(*_, **__):
        raise OSError('OS file watch limit reached. about ["/x"] (Error { kind: MaxFilesWatch })')

    monkeypatch.setattr("lookalike.sources.watch.watch", refuse)
    monkeypatch.setattr("lookalike.sources.watch._UNWATCHED_S", 2.0)
    watching = watch(folder)
    assert watching.next() == ["old.jpg"]
    (folder / "new.jpg").write_bytes(b"x")
    assert watching.next() == watching.next() == ["new.jpg", "old.jpg"]
    (told,) = watching.told
    assert "limit reached.\n" in told
    assert "fs.inotify.max_user_watches" in told


def test_a_folder_whose_name_is_no_utf8_is_said_not_to_be_watched_and_keeps_nobody_busy(watch, folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9")).mkdir()
    watching = watch(folder)
    watching.rest()
    (folder / "new.jpg").write_bytes(b"x")
    assert "new.jpg" in watching.next()
    (told,) = watching.told
    assert "not UTF-8" in told


@pytest.fixture
def looks(monkeypatch):
    """How often watching began anew."""
    begun: list[FolderSource] = []
    begin = _Watch.begin

    def counted(self: _Watch, source: FolderSource) -> None:
        begun.append(source)
        begin(self, source)

    monkeypatch.setattr(_Watch, "begin", counted)
    return begun


def test_the_only_folder_that_has_gone_keeps_nobody_busy_until_it_comes_back(watch, folder, tmp_path, looks):
    watching = watch(folder)
    watching.next()
    folder.rename(tmp_path / "pulled out")
    watching.rest()
    assert len(looks) < 5
    (tmp_path / "pulled out").rename(folder)
    assert watching.next() == ["old.jpg"]


def test_a_folder_asked_for_whose_path_is_no_utf8_is_looked_at_once_and_keeps_nobody_busy(watch, folder, looks):
    nameless = Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9"))
    nameless.mkdir()
    (nameless / "new.jpg").write_bytes(b"x")
    watching = watch(nameless)
    assert watching.next() == ["new.jpg"]
    watching.rest()
    assert len(looks) == 1


def test_where_the_system_watches_no_folder_twice_the_old_watcher_makes_room_for_the_new(watch, folder, monkeypatch):
    opened: list[object] = []

    def only_one(*places, **options):
        if opened:
            raise OSError('OS file watch limit reached. about ["/x"] (Error { kind: MaxFilesWatch })')
        opened.append(places)
        try:
            yield from real(*places, **options)
        finally:
            opened.clear()

    real = lookalike.sources.watch.watch
    monkeypatch.setattr("lookalike.sources.watch.watch", only_one)
    watching = watch(folder)
    watching.next()
    (folder / "new").mkdir()
    watching.rest()
    (folder / "new" / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]
    assert watching.told == []


def test_changes_told_of_by_the_real_path_are_those_of_the_link_that_was_asked_for(
    watch, folder, tmp_path, monkeypatch
):
    def tell_as_macos_does(*_, stop_event, **__):
        yield set()
        yield {(Change.added, str(folder / "old.jpg"))}
        stop_event.wait()

    monkeypatch.setattr("lookalike.sources.watch.watch", tell_as_macos_does)
    (tmp_path / "link").symlink_to(folder)
    watching = watch(tmp_path / "link")
    assert watching.next() == watching.next() == ["old.jpg"]


@pytest.fixture
def places(monkeypatch):
    """What was watched, each time that watching began."""
    begun: list[set[Path]] = []

    def noted(*paths, **options):
        begun.append(set(paths))
        return real(*paths, **options)

    real = lookalike.sources.watch.watch
    monkeypatch.setattr("lookalike.sources.watch.watch", noted)
    return begun


def test_files_in_a_folder_that_is_watched_are_not_watched_themselves(watch, folder, places):
    watching = watch(folder, folder / "old.jpg")
    watching.next()
    for name in ("new.jpg", "newer.jpg", "old.jpg"):
        (folder / name).write_bytes(b"y")
        assert watching.next() == [name]
    assert places == [{folder}]


def test_where_folders_are_watched_with_all_below_only_what_lies_behind_a_link_is_besides(
    watch, folder, tmp_path, places, monkeypatch
):
    monkeypatch.setattr("lookalike.sources.watch._ONE_BY_ONE", False)
    (tmp_path / "elsewhere").mkdir()
    (folder / "below").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    watching = watch(folder, folder / "below", folder / "link")
    watching.next()
    (folder / "below" / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]
    (folder / "later").mkdir()
    watching.next()
    assert places == [{folder, folder / "link"}]


def test_a_file_asked_for_that_may_not_be_read_leaves_the_others_watched(watch, folder, tmp_path, places, monkeypatch):
    locked = tmp_path / "locked.jpg"
    locked.write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != locked)  # root may read whatever it likes
    watching = watch(folder, locked)
    watching.next()
    (folder / "new.jpg").write_bytes(b"x")
    assert watching.next() == ["new.jpg"]
    assert places == [{folder}]
    (told,) = watching.told
    assert told.endswith(f"it may not be read: {locked}")

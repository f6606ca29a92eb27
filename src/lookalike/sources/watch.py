"""What changed in these folders since a moment ago?"""

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

from watchfiles import Change, watch
from watchfiles.main import FileChange

from lookalike.disk import identity_of
from lookalike.sources.folder import FolderSource

_SETTLE_MS = 1_000
"""A file that is being copied changes many times; wait until it has been quiet for this long."""
_POLL_MS = 10_000
"""Where nothing tells of changes, as in WSL, watchfiles looks at every file; that long it rests in between."""
_AGAIN_S = 3_600.0
"""Everything is looked at again this often, as not all is told: what other machines change on a network drive is not,
nor what happens while more happens than the system keeps in mind."""
_UNWATCHED_S = 600.0
"""Everything is looked at this often where it cannot be watched."""
_ONE_BY_ONE = sys.platform == "linux"
"""inotify watches single folders. Elsewhere all that lies below is watched with a folder."""
_FIX = "On Linux, `sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024` allows more."


def watch_folders(
    everything: FolderSource, stop: Event | None = None, tell: Callable[[str], None] = lambda _: None
) -> Iterator[FolderSource]:
    """Yield everything once, then, for ever, a source of just what appeared, changed or vanished.

    The first source is yielded when watching has begun, so that nothing falls between listing and watching. Now and
    then everything is yielded again: each hour, and when a drive was pulled out and put back. Ends when `stop` is set.
    `tell` hears what is not watched, and why.

    Raises:
        NotFound: one of the paths is not there.
    """
    next(everything.items(), None)  # raises where a path is missing
    stop = stop or Event()
    with closing(_Watch(stop, tell)) as watched:
        while not stop.is_set():
            yield from _until_unsure(everything, watched)


def _until_unsure(everything: FolderSource, watched: "_Watch") -> Iterator[FolderSource]:
    """Yield everything, and then what changed, until only another look at everything can tell what did."""
    roots = {root: root.resolve() for root in everything.roots}
    identities = [identity_of(root) for root in roots]
    watched.begin(everything)
    there = everything if all(identity_of(root) for root in roots) else everything.only(roots)
    if there.roots:
        yield there
    watched.rest()
    while (changes := watched.wait()) is not None:
        if time.monotonic() > watched.due or [identity_of(root) for root in roots] != identities:
            return
        paths = {path for _, changed in changes for path in _as_asked_for(Path(changed), roots)}
        if changes and not paths:
            return
        part = everything.only(paths)
        watched.forget({Path(path) for kind, path in changes if kind is Change.deleted})
        watched.add(part)
        if part.prefixes:
            yield part


class _Watch:
    """Hears what happens in files and folders, to which more may be added."""

    def __init__(self, stop: Event, tell: Callable[[str], None]) -> None:
        self._stop = stop
        self._tell = tell
        self._told: set[str] = set()
        self._places: set[Path] = set()
        self._events: Generator[set[FileChange]] = _nothing()
        self._missed: set[FileChange] = set()
        self._has_misheard = False
        self._doubtful_s = _SETTLE_MS / 1_000
        self._pause_s = _AGAIN_S
        self.due = 0.0
        """When everything must be looked at again, on the monotonic clock."""

    def begin(self, source: FolderSource) -> None:
        """Watch what a source lists, and nothing else."""
        self.close()
        self._places = set()
        self._doubtful_s *= 2 if self._has_misheard else 1
        self._has_misheard = False
        self._pause_s = _AGAIN_S
        self.add(source)
        if not self._places:
            self._events = self._silence()
        self._missed = set()  # whoever lists everything now sees it

    def rest(self) -> None:
        """Have everything looked at again after a pause from now."""
        self.due = time.monotonic() + self._pause_s

    def add(self, source: FolderSource) -> None:
        """Watch also what this source lists, and what appears there before it is watched."""
        while new := self._watchable(source) - self._places:
            self._places |= new
            events = self._heard(self._events)
            self._missed |= next(events, set())
            self._missed |= next(self._events, set())  # of the time before the others began
            self._events.close()
            self._events = events

    def forget(self, gone: set[Path]) -> None:
        """Take note that folders are not watched any more, though others may have got their names."""
        if not gone.isdisjoint(self._places):
            self._places = {place for place in self._places if gone.isdisjoint([place, *place.parents])}

    def wait(self) -> set[FileChange] | None:
        """Give what happened since the last time, after a second at the latest; None when it was stopped."""
        missed, self._missed = self._missed, set()
        return missed or next(self._events, None)

    def close(self) -> None:
        """Watch nothing any more."""
        self._events.close()

    def _heard(self, before: Generator[set[FileChange]]) -> Generator[set[FileChange]]:
        """Watch all places, and give what happens, if only nothing; who listened `before` makes room if need be."""
        has_room = False
        while not self._stop.is_set():
            has_begun = False
            try:
                for changes in self._watching():
                    has_begun = True
                    yield changes
            except FileNotFoundError as error:
                there = {place for place in self._places if os.path.exists(place)}  # noqa: PTH110 - as in folder.py
                if there == self._places:
                    yield from self._nothing_heard(error)
                self._places = there  # without what vanished a moment ago
            except (OSError, RuntimeError) as error:
                if has_begun:
                    self._mishear()
                elif has_room:
                    yield from self._nothing_heard(error)
                else:
                    before.close()
                    has_room = True
                    self._doubt()

    def _mishear(self) -> None:
        """Take note that something happened, nobody knows what: watchfiles stops at a name that is no UTF-8.

        It does so at each look at a folder with such a name, so that one look must not bring about the next at once.
        """
        self._has_misheard = True
        self._doubt()

    def _doubt(self) -> None:
        """Have everything looked at soon."""
        self.due = min(self.due, time.monotonic() + self._doubtful_s)

    def _watching(self) -> Generator[set[FileChange]]:
        return watch(
            *self._places,
            watch_filter=None,
            debounce=_SETTLE_MS * 5,
            step=_SETTLE_MS,
            rust_timeout=_SETTLE_MS // 2,
            poll_delay_ms=_POLL_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=True,
            recursive=not _ONE_BY_ONE,
            ignore_permission_denied=False,
        )

    def _nothing_heard(self, error: Exception) -> Generator[set[FileChange]]:
        self._pause_s = _UNWATCHED_S
        self.due = min(self.due, time.monotonic() + self._pause_s)
        minutes = f"{_UNWATCHED_S / 60:g} minutes"
        reason = str(error).partition(" about [")[0]
        self._tell_once(f"The system does not watch the folders: {reason}\nThey are looked at every {minutes}. {_FIX}")
        yield from self._silence()

    def _silence(self) -> Generator[set[FileChange]]:
        while not self._stop.wait(_SETTLE_MS / 1_000):
            yield set()

    def _watchable(self, source: FolderSource) -> set[Path]:
        """Give what must be watched one by one, of which the watcher can be told.

        A file whose folder is watched need not be, and the system may refuse it: one must be allowed to read it.
        """
        found = {root for root in source.roots if os.path.isfile(root)}  # noqa: PTH113 - as in folder.py
        if _ONE_BY_ONE:
            folders = set(source.folders())
            found = folders | {file for file in found if file.parent not in self._places | folders}
        else:
            found |= {root for root in source.roots if os.path.isdir(root)}  # noqa: PTH112 - as in folder.py
            found = {path for path in found if not _lies_within(path, self._places | found)}
        unheard = {path: obstacle for path in found if (obstacle := _obstacle(path))}
        for path, obstacle in sorted(unheard.items()):
            self._tell_once(f"Looked at each hour only, as {obstacle}: {path}")
        return found - unheard.keys()

    def _tell_once(self, remark: str) -> None:
        if remark not in self._told:
            self._told.add(remark)
            self._tell(remark)


def _nothing() -> Generator[set[FileChange]]:
    yield from ()


def _as_asked_for(path: Path, roots: dict[Path, Path]) -> Iterator[Path]:
    """Spell a path as the roots are: macOS tells of changes without the links that lead there."""
    for root, real in roots.items():
        if path.is_relative_to(root):
            yield path
        elif path.is_relative_to(real):
            yield root / path.relative_to(real)


def _lies_within(path: Path, folders: set[Path]) -> bool:
    """Whether a path lies below one of some folders, and not behind a link that leads out of it."""
    real = path.resolve() if os.path.isdir(path) else path.parent.resolve()  # noqa: PTH112 - as in folder.py
    return any(above in folders and real.is_relative_to(above.resolve()) for above in path.parents)


def _obstacle(path: Path) -> str:
    """Say why the watcher cannot be told of a path; nothing where it can."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    is_locked = not os.access(path, os.R_OK) and os.path.isfile(path)  # noqa: PTH113 - as in folder.py
    return "it may not be read" if is_locked else ""

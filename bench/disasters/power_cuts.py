"""Is anything lost when the power goes?

A gallery's writes, syncs, truncations and deletions are recorded, call by call, over several openings. Then the power
is cut in the midst, again and again, each time somewhere else: what was synced is on the disk; of what was handed over
since, nothing is, or all, or some writes in any order, or of each write some sectors of 512 bytes. A file made since
may be missing, one deleted since may be back; shared memory is gone. What such a disk would hold is laid into a folder,
and a gallery opened on it.

A disk that keeps its promises is presumed: it has what it said it has synced, and a write harms no bytes beside it.
A lying disk syncs nothing; galleries on it do lose, which shows that losses are seen.
Source: Pillai et al., All File Systems Are Not Created Equal, 2014 (what may be on a disk after a crash);
https://www.sqlite.org/psow.html.
"""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from disasters.calls import SIZES, SPACE, Call, State, applied, calls, do
from disasters.losses import Losses
from disasters.recording import Cut, Deleted, Opened, Operation, Synced, Wrote, recording
from lookalike.gallery.sqlite import SqliteGallery

SECTOR = 512
_OPENINGS = 4
_GALLERY = "cut.gallery"


@dataclass(frozen=True, slots=True)
class Announced:
    """A call was about to be made."""

    call: Call


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """It returned."""


Event = Operation | Announced | Acknowledged


def recorded(folder: Path, seed: int, count: int) -> list[Event]:
    """Make so many calls to a new gallery, closed and opened in between, and give all that its disk saw."""
    chance, held, log = random.Random(seed), State(), []  # noqa: S311 - nothing secret
    with recording(log):
        for _ in range(_OPENINGS):
            with SqliteGallery.open(folder / _GALLERY, sizes=SIZES) as gallery:
                gallery.add_space(SPACE)
                for call in islice(calls(chance, held), count // _OPENINGS):
                    log.append(Announced(call))
                    do(gallery, call)
                    log.append(Acknowledged())
                    held = applied(held, call)
    return log


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Wrote | Cut] = field(default_factory=list)
    has_name: bool = False
    """Whether its name is on the disk."""


class Disk:
    """What is on the disk for certain, and what may be."""

    def __init__(self, *, is_lying: bool = False) -> None:
        """Begin with nothing; a lying disk says that it has synced, and has not."""
        self._files: dict[str, _File] = {}
        self._deleted: dict[str, bytes] = {}
        self._is_lying = is_lying

    def see(self, event: Operation) -> None:
        """Take in what happened next."""
        match event:
            case Opened(name, is_new):
                # A gallery's file is made, and its folder synced, before SQLite opens it.
                self._files.setdefault(name, _File(has_name=not is_new))
            case Wrote(name, _, _) | Cut(name, _):
                self._files[name].pending.append(event)
            case Synced(name):
                if not self._is_lying:
                    self._sync(self._files[name])
            case Deleted(name, is_synced):
                file = self._files.pop(name, _File())
                if file.has_name and not is_synced:
                    self._deleted[name] = bytes(file.durable)

    def _sync(self, file: _File) -> None:
        for change in file.pending:
            _change(file.durable, change)
        file.pending.clear()
        if not file.has_name:
            file.has_name = True
            self._deleted.clear()  # SQLite syncs the folder of a new file with it

    def after_a_cut(self, chance: random.Random) -> Iterator[tuple[str, bytes]]:
        """Give the files that might be found, one of the many ways."""
        likely = chance.choice([0.0, 0.5, 0.5, 0.9, 1.0])
        is_torn = chance.random() < 0.5
        for name, content in self._deleted.items():
            if name not in self._files and chance.random() < 0.5:
                yield name, content
        for name, file in self._files.items():
            if not file.has_name and chance.random() >= likely:
                if name in self._deleted and chance.random() < 0.5:
                    yield name, self._deleted[name]
                continue
            found = bytearray(file.durable)
            for change in file.pending:
                for part in _sectors(change) if is_torn else [change]:
                    if chance.random() < likely:
                        _change(found, part)
            yield name, bytes(found)


def _change(content: bytearray, change: Wrote | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.size :]
        return
    end = change.offset + len(change.data)
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.data


def _sectors(change: Wrote | Cut) -> Iterator[Wrote | Cut]:
    if isinstance(change, Cut):
        yield change
        return
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Wrote(change.name, start, change.data[start - change.offset : stop - change.offset])
        start = stop


class PowerCuts:
    """Cuts the power while a recorded gallery is written, and counts what is broken."""

    def __init__(self, work: Path, seed: int, count: int, *, is_lying: bool = False) -> None:
        """Record so many calls."""
        self._work = work
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._is_lying = is_lying
        with tempfile.TemporaryDirectory(dir=work) as folder:
            self._events = recorded(Path(folder), seed, count)
        self.losses = Losses()
        self.inside = 0
        self.acknowledged = sum(isinstance(event, Acknowledged) for event in self._events)

    def run(self, cuts: int) -> Iterator[int]:
        """Cut the power so many times, at moments spread over the whole; gives how often so far."""
        moments = sorted(self._chance.randrange(len(self._events) + 1) for _ in range(cuts))
        disk, held, pending, seen = Disk(is_lying=self._is_lying), State(), None, 0
        for number, moment in enumerate(moments, start=1):
            for event in self._events[seen:moment]:
                match event:
                    case Announced(call):
                        pending = call
                    case Acknowledged():
                        held, pending = applied(held, pending), None
                    case _:
                        disk.see(event)
            seen = moment
            self.inside += pending is not None
            self._cut(disk, held, pending)
            yield number

    def _cut(self, disk: Disk, held: State, pending: Call | None) -> None:
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            path = Path(folder) / _GALLERY
            for name, content in disk.after_a_cut(self._chance):
                (path.parent / name).write_bytes(content)
            self.losses.judge(path, held, pending, self._chance)
            self.losses.goes_on(path)

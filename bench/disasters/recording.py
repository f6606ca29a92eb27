"""What does a gallery's disk see? A layer between SQLite and the files writes it down.

Source: https://www.sqlite.org/vfs.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw


@dataclass(frozen=True, slots=True)
class Opened:
    """A file was opened, and made if it was not there."""

    name: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes were handed over, and may be on the disk."""

    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was made shorter."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What was handed over before is on the disk."""

    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file was deleted; `is_synced` when its folder is on the disk, too."""

    name: str
    is_synced: bool


_SYSTEMS_OWN = apsw.vfs_names()[0]

Operation = Opened | Wrote | Cut | Synced | Deleted


class RecordingDisk(apsw.VFS):
    """Passes everything on, and remembers it in `log`, which others may add to."""

    name = "recording"

    def __init__(self, log: list[Any]) -> None:
        """Stand before the system's own."""
        self.log = log
        super().__init__(self.name, _SYSTEMS_OWN, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> "_RecordedFile":  # noqa: N802 - SQLite's name
        """Open a file that is watched."""
        return _RecordedFile(self.log, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete, and remember."""
        super().xDelete(filename, syncdir)
        self.log.append(Deleted(Path(filename).name, bool(syncdir)))


class _RecordedFile(apsw.VFSFile):
    def __init__(self, log: list[Any], name: Any, flags: list[int]) -> None:
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        self._log, self._name = log, path.name
        is_new = not path.exists()
        super().__init__(_SYSTEMS_OWN, name, flags)
        log.append(Opened(self._name, is_new))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._log.append(Wrote(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._log.append(Cut(self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._log.append(Synced(self._name))


@contextmanager
def recording(log: list[Any]) -> Iterator[None]:
    """Write down, meanwhile, what all galleries that this process opens do to their disk."""
    disk = RecordingDisk(log)
    try:
        yield
    finally:
        disk.unregister()

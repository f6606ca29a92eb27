"""How is what was done to duplicates taken back?"""

import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from lookalike.duplicates.acting import bring_back
from lookalike.duplicates.journal import Action, Deed, Journal
from lookalike.duplicates.renaming import copy_file, file_sha256, move_file
from lookalike.duplicates.stopping import IsStopped, never
from lookalike.uris import shown_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What became of one deed."""

    deed: Deed
    obstacle: str = ""
    """Why it stays as it is; empty where it was taken back, or had never been done."""


def undo(journal: Journal, is_stopped: IsStopped = never, job: str | None = None) -> Generator[Undone]:
    """Take back what one job did, or all that the journal holds: the last deed first, as the iterator is used.

    An empty job stands for all that was done without one, as in older journals.

    Nothing is ever overwritten. What could not be taken back stays in the journal, and is tried again next time. So
    does a deed until the next one is asked for: whoever asks has put its record back by then. Stopped early, it leaves
    the rest to the next time, too.

    Raises:
        GalleryError: somebody else is at it, or the journal cannot be written.
    """
    with journal.alone():
        for deed in reversed(journal.deeds()):
            if is_stopped():
                return
            if job is not None and deed.job != job:
                continue
            obstacle = _take_back(deed)
            yield Undone(deed=deed, obstacle=obstacle)
            if not obstacle:
                journal.finish(deed, undone=True)


def _take_back(deed: Deed) -> str:
    """Take one deed back; gives why not, or nothing."""
    path = Path(deed.path)
    try:
        if bring_back(deed):  # whoever acted was killed
            return ""
        if os.path.lexists(path):
            if not path.is_file() or file_sha256(path) != deed.sha256:
                return f"{shown_path(path)} is another file by now."
            return _part(path, deed) if deed.action is Action.HARDLINK else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        return _move_back(path, deed) if deed.action is Action.MOVE else _make_again(path, deed)
    except OSError as error:
        return f"{error.strerror or error}."


def _move_back(path: Path, deed: Deed) -> str:
    moved = Path(deed.to)
    if not moved.is_file():
        return f"{shown_path(moved)} is not there any more."
    try:
        move_file(moved, path)
    except FileExistsError:
        raise
    except OSError:  # its folder cannot be brought to disk: both stay, so that nothing can be lost
        copy_file(moved, path)
    return ""


def _make_again(path: Path, deed: Deed) -> str:
    """Make a file that went again from the one of the same bytes that was kept."""
    kept = Path(deed.kept)
    if not kept.is_file() or file_sha256(kept) != deed.sha256:
        return f"{shown_path(kept)}, which had the same bytes, is not there any more or has changed."
    copy_file(kept, path)
    os.utime(path, ns=(deed.modified_ns, deed.modified_ns))
    return ""


def _part(path: Path, deed: Deed) -> str:
    """Make two files of the two names again."""
    kept = Path(deed.kept)
    if not kept.is_file() or not path.samefile(kept):
        return ""  # it was never linked, or somebody has parted them already
    unfinished = path.with_name(f".lookalike-undo-{deed.number}")
    unfinished.unlink(missing_ok=True)
    try:
        copy_file(path, unfinished)
        os.utime(unfinished, ns=(deed.modified_ns, deed.modified_ns))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return ""

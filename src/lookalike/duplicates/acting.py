"""What becomes of the pictures that are there more than once? Moved, deleted or linked, and never the last one."""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lookalike.disk import expand_home, sync_folder
from lookalike.duplicates.grouping import Group
from lookalike.duplicates.journal import Action, Deed, Journal
from lookalike.duplicates.keeping import KeepRules
from lookalike.duplicates.putting_back import packed
from lookalike.duplicates.renaming import UNFINISHED, file_sha256, move_file, rename, unlink
from lookalike.errors import BadInput, GalleryError
from lookalike.types import ImageRecord
from lookalike.uris import local_path, shown_path

_SET_ASIDE = ".lookalike-set-aside"
_ONE_FILE = "Both names are one file already."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be done with one picture."""

    action: Action
    record: ImageRecord
    path: Path
    kept: ImageRecord
    kept_path: Path
    to: Path | None = None
    """Where the picture is moved to."""
    obstacle: str = ""
    """Why it must be left alone; empty where nothing stands in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one step."""

    step: Step
    obstacle: str = ""
    """Why it was left alone; empty where it was done."""


def plan_steps(groups: Iterable[Group], action: Action, rules: KeepRules, folder: Path | None = None) -> Iterator[Step]:
    """Say what would be done with every picture but those kept; nothing is touched.

    `folder` is where `move` puts them.

    Raises:
        BadInput: `move` without a folder.
    """
    if action is Action.MOVE and folder is None:
        raise BadInput("Where are the pictures to be moved to?", "Name a folder.")
    target = Path(os.path.realpath(expand_home(folder))) if folder else None  # so a listing knows it by any other name
    for group in groups:
        kept_path = local_path(group.keep.uri)
        for record in group.others:
            path = local_path(record.uri)
            if path is None or kept_path is None:
                continue  # not a file that one could act on
            to = _below(target, path) if action is Action.MOVE and target else None
            obstacle = _obstacle(action, record, group.keep, rules)
            yield Step(
                action=action,
                record=record,
                path=path,
                kept=group.keep,
                kept_path=kept_path,
                to=to,
                obstacle=obstacle,
            )


def foresee(step: Step) -> Done:
    """Say what would become of a step now, without reading a file; whether one has changed is seen when it is done."""
    try:
        return Done(step=step, obstacle=step.obstacle or _hindrance(step))
    except OSError as error:
        return Done(step=step, obstacle=_said(error))


def carry_out(steps: Iterable[Step], journal: Journal, job: str = "") -> Generator[Done]:
    """Do each step, as the iterator is used, if both files are still what they were when they were indexed.

    Each is in the journal, on disk, before it is done, with the job that does it, so that what this one did can be
    taken back apart. A step that cannot be done safely is left alone, and says why.
    Nobody else who uses this journal acts meanwhile: two who keep different copies would leave none. What was set aside
    when whoever acted before was killed has its name again first.

    Raises:
        GalleryError: somebody else is at it, or the journal cannot be written.
    """
    with journal.alone():
        _bring_back_last(journal)
        for step in steps:
            yield Done(step=step, obstacle=step.obstacle or _do(step, journal, job))


def _below(folder: Path, path: Path) -> Path:
    """Repeat a file's folders below another folder: two files of one name do not meet."""
    return folder / path.relative_to(path.anchor)


def _obstacle(action: Action, record: ImageRecord, keep: ImageRecord, rules: KeepRules) -> str:
    if rules.is_protected(record):
        return "It lies in a protected folder."
    if not (record.sha256 and keep.sha256):
        return "Nobody has looked at its bytes yet; index its folder first."
    if action is not Action.MOVE and record.sha256 != keep.sha256:
        return "Its bytes differ from those of the picture that is kept; it can be moved."
    return ""


def _bring_back_last(journal: Journal) -> None:
    """Take the last deed back if it was broken off between setting the file aside and the rest; half a copy goes."""
    for deed in journal.deeds()[-1:]:
        with suppress(OSError):  # `undo` tries again, and says what is wrong
            bring_back(deed)
        with suppress(OSError):
            for path in (deed.path, deed.to) if deed.to else (deed.path,):
                for left in Path(path).parent.glob(f"{UNFINISHED}-*"):
                    left.unlink()


def _do(step: Step, journal: Journal, job: str) -> str:
    """Do one step; gives why not, or nothing."""
    try:
        danger = _danger(step)
        if danger:
            return danger
        deed = journal.begin(
            step.action,
            step.path,
            kept=str(step.kept_path),
            to=str(step.to or ""),
            sha256=step.record.sha256,
            modified_ns=step.path.stat().st_mtime_ns,
            record="" if step.action is Action.HARDLINK else packed(step.record),
            job=job,
        )
    except OSError as error:
        return _said(error)
    try:
        _DEEDS[step.action](step, deed)
    except OSError as error:
        if os.path.lexists(step.path) and not os.path.lexists(set_aside(deed)):  # else `undo` brings it back
            _finish(journal, deed, undone=True)
        return _said(error)
    with suppress(OSError):  # it is done; at worst a power cut takes it back, and nothing is lost
        sync_folder(step.path.parent)
    _finish(journal, deed)
    return ""


def _finish(journal: Journal, deed: Deed, *, undone: bool = False) -> None:
    """Write down what became of a deed, if there is room: without that line it is undone all the same."""
    with suppress(GalleryError):
        journal.finish(deed, undone=undone)


def _said(error: OSError) -> str:
    return f"{str(error.strerror or error).removesuffix('.')}."


def _danger(step: Step) -> str:
    """Look once more, right before acting: are there two files, and are they what was indexed?"""
    hindrance = _hindrance(step)
    if hindrance:
        return hindrance
    files = ((step.path, step.record), (step.kept_path, step.kept))
    return next((_changed(path) for path, record in files if file_sha256(path) != record.sha256), "")


def _hindrance(step: Step) -> str:
    """Say why a step cannot be done, as far as the names tell: are there two files, and room for one that is moved?"""
    for path in (step.path, step.kept_path):
        if path.is_symlink() or not path.is_file():
            return f"{shown_path(path)} is not there any more, or is a link."
    if step.path.samefile(step.kept_path):
        return _ONE_FILE
    if step.to is not None and os.path.lexists(step.to):
        return f"{shown_path(step.to)} is there already."
    return ""


def _changed(path: Path) -> str:
    return f"{shown_path(path)} has changed since it was indexed."


def set_aside(deed: Deed) -> Path:
    """Give the name that a file has while something is done to it, and keeps if the program is killed meanwhile.

    No other deed's is the same: other galleries, whose deeds have the same numbers, may hold the folder, too.
    """
    began = "".join(filter(str.isdigit, deed.at))
    return Path(deed.path).with_name(f"{_SET_ASIDE}-{deed.number}-{began}")


def bring_back(deed: Deed) -> bool:
    """Give a file that was set aside its name again, also where it is not what was indexed: somebody saved it last.

    Where it had just got another name, that one goes. False where none was set aside.

    Raises:
        OSError: it cannot be renamed, or its name is another file's by now.
    """
    aside, to = set_aside(deed), Path(deed.to)
    if not os.path.lexists(aside):
        return False
    if deed.to and not os.path.lexists(deed.path) and _holds(to, deed.sha256) and _holds(aside, deed.sha256):
        with suppress(OSError):  # it would be in the way when the picture is moved again
            unlink(to, twin=aside)
    _name_again(deed)
    return True


def _name_again(deed: Deed) -> None:
    """Give what was set aside its name, which may have become one more of the file that is kept, but no other file's.

    Raises:
        OSError: it cannot be renamed, or its name is another file's by now.
    """
    aside, path, kept = set_aside(deed), Path(deed.path), Path(deed.kept)
    if deed.action is Action.HARDLINK and path.exists() and kept.exists() and path.samefile(kept):
        aside.replace(path)
    else:
        rename(aside, path)


@contextmanager
def _out_of_the_way(step: Step, deed: Deed) -> Iterator[Path]:
    """Give a file another name to act on, if both it and the one kept are what they were.

    While one that is to be linked has it, its own name is the kept file's already. A file that still has the other name
    in the end, because nothing could be done to it, gets its own name back.

    Somebody may have saved it since it was looked at; and two mounts of one folder, or a pool of disks beside one of
    them, have a single file pass for two.
    """
    aside = set_aside(deed)
    try:
        step.path.rename(aside)
        if step.action is Action.HARDLINK and step.kept_path.exists():
            os.link(step.kept_path, step.path)  # at once: whoever lists the folder must not take it for gone
        if not _holds(step.kept_path, step.kept.sha256):
            raise OSError(_ONE_FILE)
        if not _holds(aside, deed.sha256):
            raise OSError(_changed(step.path))
        yield aside
    finally:
        if os.path.lexists(aside):
            _name_again(deed)


def _holds(path: Path, sha256: str) -> bool:
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False


def _move(step: Step, deed: Deed) -> None:
    to = Path(deed.to)
    to.parent.mkdir(parents=True, exist_ok=True)
    with _out_of_the_way(step, deed) as aside:
        move_file(aside, to)


def _delete(step: Step, deed: Deed) -> None:
    with _out_of_the_way(step, deed) as aside:
        unlink(aside)


_DEEDS = {Action.MOVE: _move, Action.DELETE: _delete, Action.HARDLINK: _delete}  # a linked one's name is new by then

"""What was done to files, in which order, and was it finished? A file of JSON lines, each on disk before its deed."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import apsw

from lookalike.disk import sync_file, sync_folder
from lookalike.errors import GalleryError


class Action(StrEnum):
    """What may become of a picture that is there more than once."""

    MOVE = "move"
    """Into another folder, which repeats the folders it came from."""
    DELETE = "delete"
    """Only files of the same bytes as the one kept, from which they can be made again."""
    HARDLINK = "hardlink"
    """The name stays and shares the disk space of the one kept; only for files of the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One line of the journal: what is about to be done to one file."""

    number: int
    at: str
    """UTC, ISO 8601."""
    action: Action
    path: str
    """Of the file; likewise the following two, with what is no UTF-8 as surrogates."""
    kept: str
    to: str = ""
    """Where the file is moved to."""
    sha256: str
    modified_ns: int
    record: str = ""
    """What the gallery forgets, as `putting_back` packs it; empty where it forgets nothing, and in older journals."""
    job: str = ""
    """The service's job that did it, or one run of `lookalike duplicates`; empty in older journals."""


class Journal:
    """Writes deeds down before they are done, and knows which were taken back."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, there or not."""
        self.path = path
        self._last: int | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others who use this journal from acting, until they end or are killed.

        Raises:
            GalleryError: somebody else is at it, or the journal's folder cannot be written.
        """
        try:
            lock = _lock(f"{self.path}.lock")
        except apsw.BusyError as error:
            raise GalleryError("Another program is acting on duplicates just now.", "Wait for it to end.") from error
        except apsw.Error as error:
            raise self._unwritten(error) from error
        with closing(lock):
            yield

    def begin(self, action: Action, path: Path, **facts: Any) -> Deed:
        """Write down what is about to be done; it is on disk when this returns.

        Raises:
            OSError: the file cannot be written.
        """
        if self._last is None:
            self._last = max((deed.number for deed in self.deeds()), default=0)
        number = self._last + 1
        deed = Deed(number=number, at=_now(), action=action, path=str(path), **facts)
        self._write(asdict(deed))
        self._last = number
        return deed

    def finish(self, deed: Deed, *, undone: bool = False) -> None:
        """Write down that a deed was done, or taken back.

        Raises:
            GalleryError: the file cannot be written; the deed stays in it as one that was begun, which can be undone.
        """
        try:
            self._write({"undone" if undone else "done": deed.number, "at": _now()})
        except OSError as error:
            raise self._unwritten(error.strerror or error) from error

    def _unwritten(self, why: object) -> GalleryError:
        what = f"What is done about duplicates cannot be written down in {self.path.parent}: {why}."
        return GalleryError(what, "Make room, or give the right to write there.")

    def deeds(self) -> list[Deed]:
        """Give what was begun and not taken back, oldest first.

        Raises:
            GalleryError: the file holds something else.
        """
        begun: dict[int, Deed] = {}
        for line in self._lines():
            if "undone" in line:
                begun.pop(line["undone"], None)
            elif "number" in line:
                begun[line["number"]] = self._deed(line)
        return list(begun.values())

    def lines_after(self, place: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Give each whole line from a byte on, with the byte at which the next one begins.

        Raises:
            OSError: the file cannot be read.
            ValueError: a line is no JSON.
        """
        with self.path.open("rb") as file:
            file.seek(place)
            for text in file:
                if not text.endswith(b"\n"):  # somebody is writing it, or a crash cut it off
                    return
                place += len(text)
                yield place, json.loads(text) if text.strip() else {}

    def _deed(self, line: Mapping[str, Any]) -> Deed:
        try:
            return Deed(**{**line, "action": Action(line["action"])})
        except (TypeError, KeyError, ValueError) as error:
            raise GalleryError(f"{self.path} holds a line that is no deed: {line}.", "Move the file away.") from error

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        if not self.path.exists():
            return
        texts = self.path.read_text("utf-8", "replace").split("\n")
        for place, text in enumerate(texts, start=1):
            if not text:
                continue
            try:
                line = json.loads(text)
            except ValueError as error:
                if place == len(texts):  # cut off by a crash: what it announced was not done
                    return
                raise GalleryError(f"{self.path}, line {place}, is no JSON.", "Move the file away.") from error
            if not isinstance(line, dict):
                raise GalleryError(f"{self.path}, line {place}, is no deed.", "Move the file away.")
            yield line

    def _write(self, line: Mapping[str, Any]) -> None:
        left = f"{json.dumps(line)}\n".encode()
        plain = getattr(os, "O_BINARY", 0)  # else Windows writes line ends of its own
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | plain, 0o600)
        try:
            _end_line(descriptor)
            while left:  # a disk that gets full takes a part without a word
                left = left[os.write(descriptor, left) :]
            sync_file(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self.path.parent)


def _lock(path: str) -> apsw.Connection:
    """Take a lock that every system has, and that no crash leaves behind.

    Raises:
        apsw.Error: somebody else has it, or the file cannot be written.
    """
    with ExitStack() as opened:
        lock = apsw.Connection(path)
        opened.callback(lock.close)
        if lock.readonly("main"):  # it would be granted all the same, and keep nobody out
            raise apsw.ReadOnlyError(f"{path} is read-only")
        lock.execute("BEGIN EXCLUSIVE")
        opened.pop_all()
    return lock


def _end_line(descriptor: int) -> None:
    """Drop a line that a crash cut off, so that the next one can be read."""
    size = os.fstat(descriptor).st_size
    while size:
        os.lseek(descriptor, size - 1, os.SEEK_SET)  # Windows has no pread
        if os.read(descriptor, 1) == b"\n":
            break
        size -= 1
    os.ftruncate(descriptor, size)


def _now() -> str:
    return datetime.now(UTC).isoformat()

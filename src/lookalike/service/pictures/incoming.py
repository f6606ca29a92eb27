"""Where does an uploaded file go while it is coming in? Into a temporary file, counted and hashed on the way."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from lookalike.disk import sync_file, sync_folder
from lookalike.errors import GalleryError

_LONGEST_NAME = 200


class Incoming:
    """One file that is being uploaded."""

    def __init__(self, name: str, folder: Path, max_bytes: int) -> None:
        """Open a temporary file in `folder`; of more than `max_bytes` nothing is kept.

        Raises:
            GalleryError: the folder cannot be written; likewise when writing and moving.
        """
        self.name = shown_name(name)
        self.too_large = False
        self.size = 0
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        with _said_plainly(folder):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(dir=folder, prefix="upload-")
        self._file = os.fdopen(descriptor, "wb")
        self.path = Path(path)

    @property
    def sha256(self) -> str:
        """Of what was written, hexadecimal."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size += len(data)
        with _said_plainly(self.path.parent):
            if self.size <= self._max_bytes:
                self._digest.update(data)
                self._file.write(data)
            elif not self.too_large:
                self.too_large = True
                self._file.truncate(0)

    def finish(self) -> None:
        """Close the file, of which a request may bring a thousand; it stays where it is."""
        with _said_plainly(self.path.parent):
            self._file.close()

    def note(self, path: Path) -> None:
        """Write down where the file is about to be moved, as an empty one of that name beside it."""
        with _said_plainly(self.path.parent):
            self.path.with_name(path.name).touch()

    def move(self, path: Path) -> None:
        """Put the whole file at its place for good: after this it survives a pulled plug.

        The place is named by its content. What lies there already stays where the system replaces no file that somebody
        reads, as Windows does not.
        """
        self.finish()
        with _said_plainly(path.parent):
            with self.path.open("rb+") as file:
                sync_file(file.fileno())
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                sync_folder(path.parent.parent)
            try:
                self.path.replace(path)
            except PermissionError:
                if not (path.is_file() and path.stat().st_size == self.size):
                    raise
            sync_folder(path.parent)

    def read(self) -> bytes:
        """Give all that was written."""
        self.finish()
        return self.path.read_bytes()

    def __enter__(self) -> Self:
        """Use as a context manager: what was not moved is deleted at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close and clean up."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """Give the last part of a file name as a browser sends it, without what cannot be printed.

    Source: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
    """
    for escaped, meant in (("%22", '"'), ("%0D", ""), ("%0A", "")):
        name = name.replace(escaped, meant)
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip()[:_LONGEST_NAME]


@contextmanager
def _said_plainly(folder: Path) -> Iterator[None]:
    """Turn what the disk says into one of our errors."""
    try:
        yield
    except OSError as error:
        raise GalleryError(
            f"The uploads folder {str(folder)!r} cannot be written: {error.strerror}.",
            "Make room, or give the program the right to write there.",
        ) from error

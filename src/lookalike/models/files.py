"""Are these the files that a card describes? Reads every file it names, within a limit, and checks their sha256."""

import hashlib
import os
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from lookalike.errors import BadInput, NotFound

MAX_MODEL_BYTES = 4_000_000_000
"""Of all files of a checkpoint together: they are held in memory while they are checked and loaded."""


def read_files(folder: Traversable, sums: Mapping[str, str]) -> dict[str, bytes]:
    """Read the files of {name: sha256}.

    Raises:
        BadInput: a file is not the one that the card names, or too large.
        NotFound: a file is not there.
    """
    contents: dict[str, bytes] = {}
    for name, expected in sums.items():
        contents[name] = read_file(folder, name, MAX_MODEL_BYTES - sum(map(len, contents.values())))
        actual = hashlib.sha256(contents[name]).hexdigest()
        if actual != expected:
            what = f"The file {name} in {folder} has sha256 {actual}, but its card says {expected}."
            raise BadInput(what, "Get the file again; correct the card only if you trust the file.")
    return contents


def read_file(folder: Traversable, name: str, max_bytes: int) -> bytes:
    """Read one file.

    Raises:
        BadInput: it is larger than that.
        NotFound: it is not there, or cannot be read.
    """
    if not is_file(folder, name):
        raise NotFound(f"There is no file {name} in {folder}.", "Check the path.")
    try:
        with folder.joinpath(name).open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(0)
            data = opened.read(min(size, max_bytes + 1))  # which makes room for all that it is asked for
    except OSError as error:
        raise _unreadable(folder, name, error) from None
    if len(data) > max_bytes:
        what = f"The file {name} in {folder} is past the limit of {max_bytes:,} bytes."
        raise BadInput(what, "Use a smaller one.")
    return data


def is_file(folder: Traversable, name: str) -> bool:
    """Tell whether an ordinary file of this name lies there.

    Raises:
        NotFound: nobody can tell: a name that is too long, a folder that may not be entered.
    """
    try:
        return folder.joinpath(name).is_file()
    except OSError as error:
        raise _unreadable(folder, name, error) from None


def _unreadable(folder: Traversable, name: str, error: OSError) -> NotFound:
    what = f"The file {name} in {folder} cannot be read: {error.strerror or error}."
    return NotFound(what, "Check its name and permissions.")

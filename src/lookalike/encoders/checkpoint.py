"""Is this model the one its card describes? Reads the card and every file it names, and checks their sha256."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from lookalike.encoders.card import EXAMPLE, MAX_CARD_BYTES, Card, read_card
from lookalike.errors import BadInput, NotFound

MAX_MODEL_BYTES = 4_000_000_000
"""Of all files of a checkpoint together: they are held in memory while they are checked and loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A card and the bytes that it vouches for."""

    card: Card
    model: str
    """The name of the model file among `contents`."""
    contents: Mapping[str, bytes]
    """The bytes of every file that the card names, and of no other."""


def read_checkpoint(folder: Traversable, model: str) -> Checkpoint:
    """Read the model file, the card beside it, and the other files of the card.

    Raises:
        BadInput: the card is wrong, or a file is not the one that the card names.
        NotFound: the model, its card or another file of the card is not there.
    """
    card = _read_card_beside(folder, model)
    contents: dict[str, bytes] = {}
    for name, expected in card.files.items():
        contents[name] = _read(folder, name, MAX_MODEL_BYTES - sum(map(len, contents.values())))
        actual = hashlib.sha256(contents[name]).hexdigest()
        if actual != expected:
            what = f"The file {name} in {folder} has sha256 {actual}, but its card says {expected}."
            raise BadInput(what, "Get the file again; correct the card only if you trust the file.")
    if model not in contents:
        raise BadInput(f"The card of {model} does not name {model} under [files].", "Add it with its sha256.")
    return Checkpoint(card=card, model=model, contents=contents)


def _read_card_beside(folder: Traversable, model: str) -> Card:
    stem = model.removesuffix(".onnx")
    for name in (f"{stem}.toml", f"{stem}.json"):
        if _is_file(folder, name):
            return read_card(_read(folder, name, MAX_CARD_BYTES), name)
    sha256 = hashlib.sha256(_read(folder, model, MAX_MODEL_BYTES)).hexdigest()
    example = EXAMPLE.format(file=model, sha256=sha256)
    raise NotFound(f"There is no card beside {model} in {folder}.", f"Write {stem}.toml, such as:\n\n{example}")


def _read(folder: Traversable, name: str, max_bytes: int) -> bytes:
    if not _is_file(folder, name):
        raise NotFound(f"There is no file {name} in {folder}.", "Check the path.")
    try:
        with folder.joinpath(name).open("rb") as opened:
            data = opened.read(max_bytes + 1)
    except OSError as error:
        raise _unreadable(folder, name, error) from None
    if len(data) > max_bytes:
        what = f"The file {name} in {folder} is past the limit of {max_bytes:,} bytes."
        raise BadInput(what, "Use a smaller one.")
    return data


def _is_file(folder: Traversable, name: str) -> bool:
    try:
        return folder.joinpath(name).is_file()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise _unreadable(folder, name, error) from None


def _unreadable(folder: Traversable, name: str, error: OSError) -> NotFound:
    what = f"The file {name} in {folder} cannot be read: {error.strerror or error}."
    return NotFound(what, "Check its name and permissions.")

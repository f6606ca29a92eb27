"""Is this model the one its card describes? Reads the card and every file it names, and checks their sha256."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from lookalike.encoders.card import EXAMPLE, Card, read_card
from lookalike.errors import BadInput, NotFound
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.files import MAX_MODEL_BYTES, is_file, read_file, read_files


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
    contents = read_files(folder, card.files)
    if model not in contents:
        raise BadInput(f"The card of {model} does not name {model} under [files].", "Add it with its sha256.")
    if (card.text and model in (card.text.model, card.text.tokenizer)) or (
        card.classes and model == card.classes.names
    ):
        raise BadInput(f"The card of {model} gives it two parts to play.", "Use a file of its own for each.")
    return Checkpoint(card=card, model=model, contents=contents)


def _read_card_beside(folder: Traversable, model: str) -> Card:
    stem = model.removesuffix(".onnx").removesuffix(".safetensors")
    for name in (f"{stem}.toml", f"{stem}.json"):
        if is_file(folder, name):
            return read_card(read_file(folder, name, MAX_CARD_BYTES), name)
    sha256 = hashlib.sha256(read_file(folder, model, MAX_MODEL_BYTES)).hexdigest()
    example = EXAMPLE.format(file=model, sha256=sha256)
    raise NotFound(f"There is no card beside {model} in {folder}.", f"Write {stem}.toml, such as:\n\n{example}")

"""Which encoders were exported on this machine? Graphs with their cards in a folder of the user's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from lookalike.encoders.card import read_card
from lookalike.errors import LookalikeError
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.files import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEncoder:
    """What one exported encoder is."""

    name: str
    """What `load_encoder` takes."""
    path: Path
    dim: int
    side: int
    bytes: int
    words: str
    """Languages that it understands; empty where it knows no words."""


def export_folder() -> Path:
    """Where exported encoders lie, if nobody says otherwise; there or not."""
    return user_data_path("lookalike", appauthor=False) / "encoders"


def exported_encoders() -> Iterator[ExportedEncoder]:
    """Give those in the usual folder; what is broken there is passed over."""
    folder = export_folder()
    for path in sorted(folder.glob("*/*.onnx")):
        try:
            card = read_card(read_file(path.parent, f"{path.stem}.json", MAX_CARD_BYTES), f"{path.stem}.json")
            size = sum((path.parent / name).stat().st_size for name in card.files)
        except (LookalikeError, OSError):
            continue
        yield ExportedEncoder(
            name=f"onnx:{path}",
            path=path,
            dim=card.heads[0].dim,
            side=card.input.size,
            bytes=size,
            words=", ".join(card.text.languages) if card.text else "",
        )

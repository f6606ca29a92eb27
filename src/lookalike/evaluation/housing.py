"""How do pictures get into a gallery for one evaluation? With an encoder of one's choice, and gone afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from lookalike.config import Settings
from lookalike.encoders import Encoder
from lookalike.fetch import Fetcher
from lookalike.library import Lookalike
from lookalike.sources import open_original
from lookalike.stamps import bytes_version
from lookalike.types import Described, Failure, ImageRecord, Item


class RecordsSource:
    """Offers the pictures of a gallery, with what is said of them, to another gallery."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, records: Iterable[ImageRecord], fetcher: Fetcher) -> None:
        """Offer these records; originals on the web are fetched."""
        self._records = list(records)
        self._fetcher = fetcher

    def items(self) -> Iterator[Item | Failure]:
        """List them in their order."""
        names = [field.name for field in fields(Described)]
        for record in self._records:
            words = {name: getattr(record, name) for name in names}
            yield Item(uri=record.uri, version=bytes_version(record.version), described="0", **words)

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Say that nothing is to be forgotten."""
        return True

    def open(self, item: Item) -> Path | bytes:
        """Give the path, or fetch the bytes. Raises as `open_original` does."""
        return open_original(item.uri, self._fetcher)


@contextmanager
def new_home(settings: Settings, encoder: str | Encoder = "") -> Iterator[Lookalike]:
    """Open an empty gallery of the encoder, else that of the settings, in a folder that is removed at the end."""
    with (
        TemporaryDirectory(prefix="lookalike-evaluate-", ignore_cleanup_errors=True) as folder,
        Lookalike(Path(folder) / "pictures.gallery", encoder, settings=settings) as library,
    ):
        yield library

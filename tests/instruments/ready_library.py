"""How is a service made over parts that a test has opened already, and how does one differ from another?"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from lookalike.config import Settings
from lookalike.decode import DecodePool
from lookalike.gallery import Gallery
from lookalike.library import Lookalike, ReadyParts
from lookalike.search import Searcher
from lookalike.testing import ColourEncoder
from lookalike.thumbnails import Thumbnails

_SILENT = Settings(captioner="none")


class ReadyLibrary(Lookalike):
    """A library whose jobs share its decoder: to start another one takes longer than most of what tests ask for."""

    def __init__(self, where: Path, ready: ReadyParts, **options: Any) -> None:
        """Name where the gallery would lie if it were a file, as what belongs to it lies beside it."""
        self._options: dict[str, Any] = {"encoder": ColourEncoder(), "settings": _SILENT} | options
        self._ready = ready
        self._answering: Searcher | None = None
        super().__init__(where, ready=ready, **self._options)

    def make_decoder(self) -> AbstractContextManager[DecodePool]:
        """Give the one that is there."""
        return nullcontext(self.decoder)

    def changed(self, **options: Any) -> "ReadyLibrary":
        """Make one over the same parts that differs in some options, or has another `fetcher` or `thumbnails`."""
        others = {name: options.pop(name) for name in ("fetcher", "thumbnails") if name in options}
        parts = self._ready.by_name() | others
        return type(self)(self.gallery_path, ReadyParts(**parts), **self._options | options)

    def searching_with(self, searcher: Searcher) -> "ReadyLibrary":
        """Make one over the same parts that searches with what is given."""
        made = self.changed()
        made._answering = searcher
        return made

    @property
    def searcher(self) -> Searcher:
        """What answers queries: what was given, if anything was."""
        return self._answering or super().searcher


def library_over(
    gallery: Gallery, decoder: DecodePool, thumbnails: Thumbnails, folder: Path, **options: Any
) -> ReadyLibrary:
    """Make a library of the toy encoder and without a captioner, unless `options` say otherwise."""
    ready = ReadyParts(gallery=gallery, decoder=decoder, thumbnails=thumbnails)
    return ReadyLibrary(folder / "g.gallery", ready, **options)

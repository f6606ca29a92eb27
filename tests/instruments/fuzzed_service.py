"""What is a service made of that may be sent anything? A few drawn pictures, and nothing that it could spoil."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.blocklist import BlockList
from lookalike.decode import DecodePool
from lookalike.fetch import Fetcher
from lookalike.ingest import Gate, ingest
from lookalike.search import CopyFinder, Searcher
from lookalike.service import Parts
from lookalike.sources import FolderSource
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery, picture_bytes
from lookalike.thumbnails import Thumbnails

_PICTURES = 5


@contextmanager
def spoilable_parts(folder: Path) -> Iterator[Parts]:
    """Open the parts, all of them below a folder; addresses on the web are not waited for."""
    photos = folder / "photos"
    photos.mkdir()
    for number in range(_PICTURES):
        (photos / f"picture-{number}.png").write_bytes(picture_bytes(number, file_format="png"))
    encoder, captioner = ColourEncoder(), ColourCaptioner()
    with (
        DecodePool(workers=1) as decoder,
        MemoryGallery() as gallery,
        Thumbnails(folder / "thumbnails", decoder) as thumbnails,
        BlockList(folder / "blocked", encoder, decoder) as blocklist,
    ):
        list(ingest(FolderSource([photos]), gallery, encoder, decoder))
        fetcher, copies = Fetcher(total_s=0.05), CopyFinder(gallery, thumbnails.grey)
        searcher = Searcher(gallery, encoder, decoder, fetcher, copies, captioning=lambda: captioner)
        yield Parts(
            gallery=gallery,
            searching=lambda: searcher,
            decoder=decoder,
            thumbnails=thumbnails,
            uploads=folder / "uploads",
            captioning=lambda: captioner,
            fetcher=fetcher,
            blocklist=lambda: blocklist,
            gate=lambda: Gate(lambda _: "", only_flags=False),
            index_roots=(photos,),
            journal=folder / "journal",
            hosts=("*",),
        )

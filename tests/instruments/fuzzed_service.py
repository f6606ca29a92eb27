"""What is a service made of that may be sent anything? A few drawn pictures, and nothing that it could spoil."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ready_library import library_over

from lookalike.decode import DecodePool
from lookalike.fetch import Fetcher
from lookalike.service import Parts
from lookalike.testing import ColourCaptioner, MemoryGallery, picture_bytes
from lookalike.thumbnails import Thumbnails

_PICTURES = 5


@contextmanager
def spoilable_parts(folder: Path) -> Iterator[Parts]:
    """Open the parts, all of them below a folder; addresses on the web are not waited for."""
    photos = folder / "photos"
    photos.mkdir()
    for number in range(_PICTURES):
        (photos / f"picture-{number}.png").write_bytes(picture_bytes(number, file_format="png"))
    with (
        DecodePool(workers=1) as decoder,
        MemoryGallery() as gallery,
        Thumbnails(folder / "thumbnails", decoder) as thumbnails,
    ):
        library = library_over(gallery, decoder, thumbnails, folder, captioner=ColourCaptioner())
        with library.changed(fetcher=Fetcher(total_s=0.05)) as library:
            list(library.index(photos))
            yield Parts(library=library, index_roots=(photos,), hosts=("*",))

"""How do records leave a gallery, and come into one? As Parquet, as clip-retrieval's folders, or straight across."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from lookalike.errors import BadInput, NotFound
from lookalike.exchange.clip_reading import read_clip_folder
from lookalike.exchange.clip_writing import export_clip_folder
from lookalike.exchange.copying import copy_gallery, verify_copy
from lookalike.exchange.intake import take_in
from lookalike.exchange.parquet import export_parquet, read_parquet, stream_parquet
from lookalike.exchange.rows import Row
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.types import Ingested, Space

__all__ = ["check_readable", "copy_gallery", "export_gallery", "import_gallery", "stream_parquet", "verify_copy"]


def export_gallery(
    gallery: Gallery,
    path: Path,
    where: Filter | None = None,
    layout: Literal["parquet", "clip-retrieval"] = "parquet",
) -> int:
    """Write the records that pass `where`, oldest first, to a new file or folder; returns how many.

    `parquet` gives one file with everything a gallery knows, embeddings included. `clip-retrieval` gives a folder with
    `img_emb/*.npy` and `metadata/*.parquet`, of the gallery's first space only and without the records that have no
    embedding there. It appears whole or not at all.

    Raises:
        BadInput: something lies at `path` already, or the gallery has no embeddings for clip-retrieval.
        GalleryError: the disk is full, or the folder may not be written to.
    """
    export = export_parquet if layout == "parquet" else export_clip_folder
    return export(gallery, path, where)


def import_gallery(gallery: Gallery, path: Path, space: Space | None = None) -> Iterator[Ingested]:
    """Take in what `export_gallery` wrote, or a folder that clip-retrieval wrote; yields what is durably stored.

    May be broken off and begun again: what is there already is `unchanged`. A row that cannot be is `unreadable` and
    passed over. A record that says nothing about the bytes of its picture (clip-retrieval's) adds to what the gallery
    knows of it: its caption counts before any but a person's, its metadata before entries of the same name, and its
    embedding only where there is none yet, or nobody knows the picture's bytes.

    `space` says what the embeddings are where the files do not, as clip-retrieval's do not.

    The uris are believed: whoever wrote the files decides which of your local pictures the gallery then shows.

    Raises:
        NotFound: nothing lies at `path`.
        BadInput: the files are of no layout we know, or broken; what was yielded before is stored. Or they say that
            their embeddings are of another space than `space`.
        GalleryError: the embeddings were made with another encoder than the gallery's of the same space.
    """
    spaces, batches = _begun(path, space)  # a file that cannot be read changes nothing, not even which encoder answers
    for one in spaces:
        gallery.add_space(one)
    yield from take_in(gallery, batches)


def check_readable(path: Path) -> None:
    """Refuse what `import_gallery` would refuse before it stores anything; raises as it does."""
    _begun(path, None)


def _begun(path: Path, space: Space | None) -> tuple[list[Space], Iterator[list[Row]]]:
    """Give the spaces and the rows of what lies there, the first of which have been read."""
    if not path.exists():
        raise NotFound(f"There is no file or folder {str(path)!r}.")
    spaces, batches = read_clip_folder(path, space) if path.is_dir() else read_parquet(path)
    if space and spaces and not any(_are_one(space, said) for said in spaces):
        raise BadInput(
            f"The embeddings in {str(path)!r} are of {', '.join(one.name for one in spaces)}, and not of the "
            f"{space.name} that is named, or of other weights.",
            "Name no space: the files say what they hold.",
        )
    return spaces, chain(list(islice(batches, 1)), batches)


def _are_one(space: Space, other: Space) -> bool:
    return (space.name, space.dim, space.digest) == (other.name, other.dim, other.digest)

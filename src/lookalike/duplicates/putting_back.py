"""What was said of a picture whose file is back? The journal keeps its record, and the gallery gets it again."""

from dataclasses import replace

from lookalike.describing import keep_persons_words
from lookalike.duplicates.journal import Deed
from lookalike.gallery import Gallery
from lookalike.gallery.packing import pack_record, unpack_record
from lookalike.types import ImageRecord


def packed(record: ImageRecord) -> str:
    """Write a record without its vectors and features, which are large and can be made again.

    Its version says so: whoever indexes it looks at the file once more, and keeps the words.
    """
    _, sign, described = record.version.partition(" ")
    mark = replace(record.fingerprint, features=b"")
    return pack_record(replace(record, version=sign + described, embeddings={}, fingerprint=mark)).decode()


def put_back(deed: Deed, gallery: Gallery) -> None:
    """Have the gallery know again what it forgot with a deed; if it knows the picture by now, what a person wrote.

    Raises:
        GalleryError: it cannot be written.
    """
    if not deed.record:
        return
    record = unpack_record(deed.record.encode())
    if not gallery.describe([record.id], lambda there: keep_persons_words(record, there)):
        gallery.put([record])

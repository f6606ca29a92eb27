"""How is a record kept in a row, and made from it again?"""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery.fingerprints import check_fingerprint
from lookalike.gallery.times import microseconds
from lookalike.types import Fingerprint, ImageRecord, StoredEmbedding

COLUMNS = (
    *("id", "uri", "path", "version", "sha256", "pixels", "width", "height", "format", "bytes"),
    *("taken_at", "added_at", "title", "caption", "caption_source", "tags", "label", "owner", "link", "metadata"),
    *("perceptual", "quality", "recognised", "edited"),
)
"""Of the table `image`, without the key, in the order of `to_row`."""

_KEPT = ("id", "added_at")
"""What a record that is replaced keeps."""

UPSERT = (
    f"INSERT INTO image(key, {', '.join(COLUMNS)}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))}) "
    "ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column not in _KEPT)
)
SELECT = f"SELECT key, {', '.join(COLUMNS)} FROM image"

WORDS = (
    *("version", "title", "caption", "caption_source", "tags", "label", "owner", "link", "metadata"),
    *("recognised", "edited"),
)
"""The columns that say what people, sources and machines say about a picture, in the order of `to_words_row`."""

_WORD_PLACES = tuple(COLUMNS.index(name) for name in WORDS)
UPDATE_WORDS = f"UPDATE image SET {', '.join(f'{name} = ?' for name in WORDS)} WHERE key = ?"

MAX_PIXELS = 2**32 - 1
"""What a column of the pages holds; likewise the following."""
MAX_BYTES = 2**63 - 1
MAX_TAGS = 2**16 - 1

Row = tuple[Any, ...]


def to_row(record: ImageRecord) -> Row:
    """Give a record's values in the order of COLUMNS.

    Raises:
        BadInput: a value that cannot be kept; the record and the value are named.
    """
    try:
        _check(record)
        return (
            record.id,
            record.uri,
            record.path,
            record.version,
            to_blob(record.sha256),
            to_blob(record.fingerprint.pixels),
            record.width,
            record.height,
            record.format,
            record.bytes,
            record.taken_at.isoformat() if record.taken_at else None,
            record.added_at.isoformat(),
            record.title,
            record.caption,
            record.caption_source,
            json.dumps(record.tags) if record.tags else "[]",
            record.label,
            record.owner,
            record.link,
            to_json(record.metadata) if record.metadata else "{}",
            to_blob(record.fingerprint.perceptual),
            record.fingerprint.quality,
            json.dumps(dict(record.recognised), allow_nan=False) if record.recognised else "{}",
            json.dumps(record.edited) if record.edited else "[]",
        )
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadInput(f"The record of {record.uri!r} cannot be stored: {error}.") from error


def to_words_row(record: ImageRecord) -> Row:
    """Give a record's values in the order of WORDS.

    Raises:
        BadInput: a value that cannot be kept; the record and the value are named.
    """
    row = to_row(record)
    return tuple(row[place] for place in _WORD_PLACES)


def _check(record: ImageRecord) -> None:
    for time in (record.added_at, record.taken_at):
        if time is not None:
            microseconds(time)  # a time before the year 1 or after 9999 in UTC cannot be counted
    for name, value, limit in (
        ("width", record.width, MAX_PIXELS),
        ("height", record.height, MAX_PIXELS),
        ("bytes", record.bytes, MAX_BYTES),
        ("number of tags", len(record.all_tags), MAX_TAGS),
    ):
        if not 0 <= value <= limit:
            raise BadInput(
                f"The record of {record.uri!r} has the {name} {value}.", f"It must lie within 0 and {limit}."
            )
    check_fingerprint(record)


def to_blob(hexadecimal: str) -> bytes:
    """Give the bytes of a hexadecimal text.

    Raises:
        ValueError: it is not written in pairs of the digits 0 to 9 and a to f.
    """
    blob = bytes.fromhex(hexadecimal)
    if blob.hex() != hexadecimal:
        raise ValueError(f"{hexadecimal!r} is not lower-case hexadecimal")
    return blob


def to_json(metadata: Mapping[str, Any]) -> str:
    """Write metadata so that a name is always spelled in one way, `json.dumps(name)`."""
    return json.dumps(dict(metadata), allow_nan=False)


def to_record(row: Row, embeddings: Mapping[str, StoredEmbedding], features: bytes = b"") -> ImageRecord:
    """Make the record of a row of SELECT."""
    _, id_, uri, _, version, sha256, pixels, width, height, format_, bytes_, *described = row
    taken_at, added_at, title, caption, caption_source, tags, label, owner, link, metadata, *rest = described
    perceptual, quality, recognised, edited = rest
    return ImageRecord(
        id=id_,
        uri=uri,
        version=version,
        sha256=sha256.hex(),
        fingerprint=Fingerprint(pixels=pixels.hex(), perceptual=perceptual.hex(), quality=quality, features=features),
        width=width,
        height=height,
        format=format_,
        bytes=bytes_,
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        added_at=datetime.fromisoformat(added_at),
        title=title,
        caption=caption,
        caption_source=caption_source,
        tags=() if tags == "[]" else tuple(json.loads(tags)),
        label=label,
        owner=owner,
        link=link,
        metadata={} if metadata == "{}" else json.loads(metadata),
        embeddings=embeddings,
        recognised={} if recognised == "{}" else json.loads(recognised),
        edited=() if edited == "[]" else tuple(json.loads(edited)),
    )

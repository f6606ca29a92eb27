"""How is a record kept in a row of Milvus, and made from it again?"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery.fingerprints import check_fingerprint
from lookalike.gallery.milvus.codes import code_of, is_id
from lookalike.gallery.milvus.columns import COLUMNS, TERMS, Terms, columns_of, terms_of, written_terms
from lookalike.gallery.milvus.server import Row
from lookalike.types import Fingerprint, ImageRecord, StoredEmbedding

LONGEST_TEXT = 65_535
"""Bytes of UTF-8. Source: https://milvus.io/docs/limitations.md"""
MOST_PIECES = 32
_LONGEST_KEY = 32_000
"""Bytes of a uri or path: both are read together, and browsers refuse longer ones."""
_PIECE = 16_000
"""Characters; four bytes each at most."""
_PACKED = "z:"
_JSON = json.JSONEncoder(allow_nan=False, ensure_ascii=False)

HEAD = ("id", "uri", "version", "key", "record")
"""What is read of a row to make a record without what was worked out from its pixels."""
FULL = (*HEAD, "features")


@dataclass(frozen=True, slots=True)
class Coded:
    """A record's row, and the texts that its codes stand for."""

    row: Row
    terms: Terms


def to_row(record: ImageRecord, key: int, revision: int) -> Coded:
    """Give the row of a record.

    Raises:
        BadInput: a value that cannot be kept; the record and the value are named.
    """
    if not is_id(record.id):
        raise BadInput(f"The record of {record.uri!r} has the id {record.id!r}.", "Make it with image_id(uri).")
    check_fingerprint(record)
    try:
        for text in (record.sha256, record.fingerprint.pixels, record.fingerprint.perceptual):
            if bytes.fromhex(text).hex() != text:
                raise ValueError(f"{text!r} is not lower-case hexadecimal")
        path = record.path
        for text in (record.uri, path, record.version):
            if len(text.encode()) > _LONGEST_KEY:
                raise ValueError("its uri, path or version is too long")
        said = in_pieces(_written(record))
        terms = terms_of(record, path)
        for kind in (*TERMS, "tag"):  # they are found, and sorted, by what is noted of them: all of it
            if any(len(text.encode()) > LONGEST_TEXT for text in terms.noted[kind]):
                raise ValueError(f"its {kind} is too long")
        columns = columns_of(record, terms)
        row = {
            "id": record.id,
            "key": key,
            "revision": revision,
            "uri": record.uri,
            "path": path,
            "version": record.version,
            "sha256": code_of("sha256", record.sha256),
            "pixels": code_of("pixels", record.fingerprint.pixels),
            "record": said,
            "features": _in_pieces_of_bytes(record.fingerprint.features),
            "terms": written_terms(columns["words"])[:LONGEST_TEXT],
            **columns,
            **NO_VECTOR,
        }
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadInput(f"The record of {record.uri[:200]!r} cannot be stored: {error}.") from error
    return Coded(row, terms)


def to_vector_row(row: Row, vector: Any) -> Row:
    """Give the row of a vector, with what its record's row has to filter by."""
    return {"id": row["id"], "vector": vector, **{name: row[name] for name in COLUMNS}}


NO_VECTOR = {"vector": [1.0, 0.0]}
"""Every collection must have vectors; those that need none have this one."""


def note_row(id_: str, kind: str, *, number: int = 0, name: str = "", body: str = "") -> Row:
    """Give the row of a note.

    Raises:
        ValueError: the body cannot be kept.
    """
    return {"id": id_, "kind": kind, "number": number, "name": name, "body": in_pieces(body), **NO_VECTOR}


def _written(record: ImageRecord) -> str:
    said = {
        "sha256": record.sha256,
        "pixels": record.fingerprint.pixels,
        "perceptual": record.fingerprint.perceptual,
        "quality": record.fingerprint.quality,
        "width": record.width,
        "height": record.height,
        "format": record.format,
        "bytes": record.bytes,
        "taken_at": record.taken_at.isoformat() if record.taken_at else "",
        "added_at": record.added_at.astimezone(UTC).isoformat(),
        "title": record.title,
        "caption": record.caption,
        "caption_source": record.caption_source,
        "tags": record.tags,
        "label": record.label,
        "owner": record.owner,
        "link": record.link,
        "metadata": dict(record.metadata),
        "recognised": dict(record.recognised),
        "edited": record.edited,
    }
    return _JSON.encode({name: value for name, value in said.items() if value})


def to_record(row: Mapping[str, Any], embeddings: Mapping[str, StoredEmbedding], *, features: bool) -> ImageRecord:
    """Make the record of a row that was read with HEAD, or with FULL."""
    said = json.loads(from_pieces(row["record"]))
    return ImageRecord(
        id=row["id"],
        uri=row["uri"],
        version=row["version"],
        sha256=said.get("sha256", ""),
        fingerprint=Fingerprint(
            pixels=said.get("pixels", ""),
            perceptual=said.get("perceptual", ""),
            quality=said.get("quality", 0),
            features=features_of(row) if features else b"",
        ),
        width=said.get("width", 0),
        height=said.get("height", 0),
        format=said.get("format", ""),
        bytes=said.get("bytes", 0),
        taken_at=datetime.fromisoformat(said["taken_at"]) if "taken_at" in said else None,
        added_at=datetime.fromisoformat(said["added_at"]),
        title=said.get("title", ""),
        caption=said.get("caption", ""),
        caption_source=said.get("caption_source", ""),
        tags=tuple(said.get("tags", ())),
        label=said.get("label", ""),
        owner=said.get("owner", ""),
        link=said.get("link", ""),
        metadata=said.get("metadata", {}),
        embeddings=embeddings,
        recognised=said.get("recognised", {}),
        edited=tuple(said.get("edited", ())),
    )


def features_of(row: Mapping[str, Any]) -> bytes:
    """Give the packed local features of a row."""
    return base64.b85decode("".join(row["features"]))


def _in_pieces_of_bytes(packed: bytes) -> list[str]:
    return _split(base64.b85encode(packed).decode(), LONGEST_TEXT)


def in_pieces(text: str) -> list[str]:
    """Give a text as Milvus can keep it: a few pieces, packed where it is long.

    Raises:
        ValueError: even so it is too long, or it is no Unicode.
    """
    text.encode()
    if len(text) <= _PIECE and not text.startswith(_PACKED):
        return [text]
    return _split(_PACKED + base64.b85encode(zlib.compress(text.encode())).decode(), LONGEST_TEXT)


def from_pieces(pieces: Sequence[str]) -> str:
    """Give the text that `in_pieces` was given."""
    text = "".join(pieces)
    return zlib.decompress(base64.b85decode(text[len(_PACKED) :])).decode() if text.startswith(_PACKED) else text


def _split(text: str, size: int) -> list[str]:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    if len(pieces) > MOST_PIECES:
        raise ValueError(f"it takes more than {MOST_PIECES * size / 1e6:.1f} MB")
    return pieces

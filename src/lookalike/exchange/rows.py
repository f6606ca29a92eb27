"""Which records do the rows of a file from outside hold, and which rows cannot be?"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from lookalike.copies.packing import unpack
from lookalike.describing import EDITABLE, check_depth
from lookalike.errors import BadInput, GalleryError
from lookalike.exchange.columns import FINGERPRINT, NUMBERS, SCHEMA, TEXT
from lookalike.exchange.vectors import Vectors
from lookalike.types import Fingerprint, ImageRecord, Ingested, Outcome, StoredEmbedding
from lookalike.uris import image_id, is_web, local_path

_LONGEST_URI = 8_192
"""Servers and browsers refuse longer ones; see RFC 9110, section 4.1."""

_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_799
"""Seconds from 1970 to the first and the last of the years 1 to 9999."""
_NO_TIME = object()
"""Stands where a file has a time outside of these years."""
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6}

Row = ImageRecord | Ingested
"""A record, or why there is none."""


def check_types(schema: pa.Schema, where: str) -> None:
    """Refuse a file in which a column of ours has a type that cannot be turned into it.

    Raises:
        BadInput: so, with the column named.
    """
    if "uri" not in schema.names:
        raise BadInput(f"{where} has no column 'uri'.", "Export it from Lookalike, or name the column so.")
    for field in schema:
        if schema.names.count(field.name) > 1:
            raise BadInput(f"{where} has several columns {field.name!r}.")
        if field.name in SCHEMA.names and not fits(field.type, SCHEMA.field(field.name).type):
            wanted = SCHEMA.field(field.name).type
            raise BadInput(f"The column {field.name!r} of {where} is of type {field.type}, not {wanted}.")


def fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column of one type can be read as another: text, bytes, integers, timestamps or lists of text."""
    if kinds.is_null(found):
        return True
    if kinds.is_dictionary(found):
        return fits(found.value_type, wanted)
    if kinds.is_list(wanted):
        return (kinds.is_list(found) or kinds.is_large_list(found)) and fits(found.value_type, wanted.value_type)
    if kinds.is_binary(wanted):
        return any(kind(found) for kind in (kinds.is_binary, kinds.is_large_binary))
    alike = [kinds.is_timestamp, kinds.is_integer]
    if any(kind(wanted) for kind in alike):
        return any(kind(wanted) and kind(found) for kind in alike)
    return any(kind(found) for kind in (kinds.is_string, kinds.is_large_string, kinds.is_string_view))


def read_rows(batch: pa.RecordBatch, vectors: Mapping[str, Vectors], where: str) -> list[Row]:
    """Turn rows into records, with the embeddings of each space.

    Raises:
        BadInput: a column holds what its type does not allow.
    """
    columns = {name: _values(batch, name, where) for name in SCHEMA.names if name in batch.schema.names}
    now = datetime.now(UTC)
    return [
        _read_row({name: values[i] for name, values in columns.items()}, vectors, i, now) for i in range(batch.num_rows)
    ]


def _values(batch: pa.RecordBatch, name: str, where: str) -> list[Any]:
    try:
        column = batch.column(name)
        if kinds.is_timestamp(column.type):
            return _times(column, SCHEMA.field(name).type)
        values: list[Any] = column.cast(SCHEMA.field(name).type).to_pylist()
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise BadInput(f"The column {name!r} of {where} is broken: {error}.") from error
    return values


def _times(column: pa.Array, wanted: pa.DataType) -> list[Any]:
    """Read times, to the microsecond, and _NO_TIME in place of those that Python's clock does not reach."""
    seconds = np.asarray(column.cast(pa.int64()).fill_null(0)) // _PER_SECOND[column.type.unit]
    outside = (seconds < _FIRST_S) | (seconds > _LAST_S)
    times: list[Any] = pc.if_else(pa.array(outside), None, column).cast(wanted, safe=False).to_pylist()
    return [_NO_TIME if is_outside else time for time, is_outside in zip(times, outside, strict=True)]


def _read_row(found: Mapping[str, Any], vectors: Mapping[str, Vectors], row: int, now: datetime) -> Row:
    uri = found["uri"] or ""
    try:
        fields: dict[str, Any] = {name: found.get(name) or "" for name in TEXT}
        fields["sha256"] = _checked_digest("sha256", fields["sha256"])
        fields["link"] = fields["link"] if is_web(fields["link"]) else ""
        fields |= {name: _checked_number(name, found.get(name) or 0) for name in NUMBERS}
        fields["features"] = _usable(found.get("features") or b"")
        fingerprint = Fingerprint(**{name: fields.pop(name) for name in FINGERPRINT})
        return ImageRecord(
            **fields,
            fingerprint=_checked_fingerprint(fingerprint),
            id=image_id(_checked_uri(uri)),
            uri=uri,
            taken_at=_checked_time("taken_at", found.get("taken_at")),
            added_at=(_checked_time("added_at", found.get("added_at")) or now).astimezone(UTC),
            tags=tuple(dict.fromkeys(tag for tag in found.get("tags") or () if tag)),
            metadata=_read_metadata(text) if (text := found.get("metadata")) else {},
            embeddings=_embeddings(vectors, row),
            recognised=_read_recognised(text) if (text := found.get("recognised")) else {},
            edited=tuple(sorted({*(found.get("edited") or ())} & {*EDITABLE})),
        )
    except BadInput as error:
        return Ingested(uri=uri, outcome=Outcome.UNREADABLE, reason=error.what)
    except (ValueError, OverflowError) as error:
        return Ingested(uri=uri, outcome=Outcome.UNREADABLE, reason=str(error))


def _embeddings(vectors: Mapping[str, Vectors], row: int) -> dict[str, StoredEmbedding]:
    for space, found in vectors.items():
        if not found.sound[row]:
            raise ValueError(f"its embedding in {space} has no direction")
    return {space: found.values[row].copy() for space, found in vectors.items() if found.present[row]}


def _checked_uri(uri: str) -> str:
    if not 0 < len(uri) <= _LONGEST_URI or not uri.isprintable():
        raise ValueError("its uri is empty, too long or holds control characters")
    urlsplit(uri)  # raises for what is no uri at all
    if "\0" in str(local_path(uri) or ""):
        raise ValueError("its uri is of a file whose name holds a zero byte, as none can")
    return uri


def _checked_time(name: str, value: Any) -> datetime | None:
    if value is _NO_TIME:
        raise ValueError(f"its {name} lies outside of the years 1 to 9999")
    return cast(datetime | None, value)


def _checked_number(name: str, value: int) -> int:
    if value < 0:
        raise ValueError(f"its {name} is negative")
    return value


def _checked_digest(name: str, digest: str) -> str:
    if digest and len(bytes.fromhex(digest)) != 32:
        raise ValueError(f"its {name} is none")
    return digest.lower()


def _checked_fingerprint(fingerprint: Fingerprint) -> Fingerprint:
    if fingerprint.quality > 100:
        raise ValueError("its quality is above 100")
    return replace(fingerprint, perceptual=_checked_digest("perceptual hash", fingerprint.perceptual))


def _usable(features: bytes) -> bytes:
    """Give features that this version can read, of others none: they are made again from the picture."""
    try:
        unpack(features)
    except GalleryError:
        return b""
    return features


def _read_metadata(text: str) -> dict[str, Any]:
    metadata = _read_json("metadata", text)
    check_depth(metadata)
    return metadata


def _read_recognised(text: str) -> dict[str, float]:
    content = _read_json("recognised", text)
    if not all(isinstance(sure, int | float) and 0 <= sure <= 1 for sure in content.values()):
        raise ValueError("what was recognised in it has a confidence outside of 0 and 1")
    return {name: float(sure) for name, sure in content.items()}


def _read_json(name: str, text: str) -> dict[str, Any]:
    """Read an object that can be written again: no NaN, no infinity, no half characters."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {name} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"its {name} is no JSON object")
    return content

"""Which Arrow columns does a record become?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from lookalike.errors import BadInput
from lookalike.types import ImageRecord, Space

EMBEDDING = "embedding:"
"""What the name of a column of embeddings begins with; the space's name follows."""
HASHES = ("pixels", "perceptual")
TEXT = ("version", "sha256", "format", "title", "caption", "caption_source", "label", "owner", "link", *HASHES)
NUMBERS = ("width", "height", "bytes", "quality")
FINGERPRINT = (*HASHES, "quality", "features")
JSON = ("metadata", "recognised")
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("uri", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in TEXT),
        *(pa.field(name, pa.int64()) for name in NUMBERS),
        pa.field("taken_at", pa.timestamp("us")),
        pa.field("added_at", pa.timestamp("us", "UTC")),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("metadata", pa.string()),
        pa.field("recognised", pa.string()),
        pa.field("edited", pa.list_(pa.string())),
        pa.field("features", pa.binary()),
    ]
)
"""A column for each field of ImageRecord and of its fingerprint, but for the embeddings; JSON are `metadata` and
`recognised`."""

_MOST_DIMENSIONS = 65_536
"""Of a space: some ten times as many as encoders have."""
_KEY = b"lookalike"
_VERSION = 1


def schema_of(spaces: Sequence[Space], *, embeddings: bool = True) -> pa.Schema:
    """Give the schema of records in these spaces; it carries their definitions, without what a gallery has learned."""
    noted = {"version": _VERSION, "spaces": [asdict(space.untaught()) for space in spaces]}
    schema = SCHEMA
    for space in spaces if embeddings else ():
        schema = schema.append(pa.field(EMBEDDING + space.name, pa.list_(pa.float16(), space.dim)))
    return schema.with_metadata({_KEY: json.dumps(noted).encode()})


def spaces_in(schema: pa.Schema, where: str) -> list[Space]:
    """Read the definitions of the spaces that a file carries; none where it was not written by Lookalike.

    Raises:
        BadInput: they are broken, or written by a newer version.
    """
    noted = (schema.metadata or {}).get(_KEY)
    if noted is None:
        return []
    try:
        content = json.loads(noted)
        version = content["version"]
        spaces = [_read_space(one) for one in content["spaces"]] if version == _VERSION else []
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise BadInput(f"The definitions of the spaces in {where} are broken: {error!r}.") from error
    if version != _VERSION:
        raise BadInput(f"{where} has the layout {version!r}, which this Lookalike does not know.", "Update Lookalike.")
    return spaces


def _read_space(content: Mapping[str, Any]) -> Space:
    slope, offset = content["calibration"]
    space = Space(
        name=content["name"],
        dim=int(content["dim"]),
        encoder=content["encoder"],
        digest=content["digest"],
        calibration=(float(slope), float(offset)),
    )
    if not all(isinstance(text, str) and text.isprintable() for text in (space.name, space.encoder, space.digest)):
        raise ValueError("a name is no text")
    if not (space.name and 1 <= space.dim <= _MOST_DIMENSIONS and np.isfinite(space.calibration).all()):
        raise ValueError(f"{space.name!r} is no space")
    return space


def to_table(records: Sequence[ImageRecord], schema: pa.Schema) -> pa.Table:
    """Turn records into rows of a schema that `schema_of` made."""
    return pa.Table.from_arrays([_to_column(records, field) for field in schema], schema=schema)


def _to_column(records: Sequence[ImageRecord], field: pa.Field) -> pa.Array:
    values: list[Any]
    if field.name.startswith(EMBEDDING):
        return _to_vectors(records, field.name.removeprefix(EMBEDDING), field.type)
    if field.name in FINGERPRINT:
        values = [getattr(record.fingerprint, field.name) for record in records]
    elif field.name in JSON:
        values = [json.dumps(dict(getattr(record, field.name)), ensure_ascii=False) for record in records]
    else:
        values = [getattr(record, field.name) for record in records]
    return pa.array(values, field.type)


def _to_vectors(records: Sequence[ImageRecord], space: str, kind: pa.DataType) -> pa.Array:
    missing = np.zeros(kind.list_size, np.float16)
    vectors = np.concatenate([missing[:0], *(record.embeddings.get(space, missing) for record in records)])
    lacking = pa.array([space not in record.embeddings for record in records], pa.bool_())
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors, pa.float16()), type=kind, mask=lacking)

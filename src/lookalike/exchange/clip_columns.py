"""What do the columns that clip-retrieval writes say about a picture?

Source: https://github.com/rom1504/clip-retrieval, clip_inference/writer.py: `image_path` and `caption`, and besides
whatever the pictures came with, from img2dataset for instance `url`, `key` and `original_width`.
"""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds

from lookalike.errors import BadInput
from lookalike.exchange.rows import fits
from lookalike.uris import is_web

_NAMED = ("image_path", "caption", "url")


def check_clip_columns(schema: pa.Schema, where: str) -> None:
    """Refuse a file that does not say which pictures it means.

    Raises:
        BadInput: so, with the column named.
    """
    if "image_path" not in schema.names and "url" not in schema.names:
        raise BadInput(f"{where} has neither a column 'image_path' nor 'url'.")
    for field in schema:
        if schema.names.count(field.name) > 1:
            raise BadInput(f"{where} has several columns {field.name!r}.")
        if field.name in _NAMED and not fits(field.type, pa.string()):
            raise BadInput(f"The column {field.name!r} of {where} is of type {field.type}, not string.")


def plain_columns(schema: pa.Schema) -> list[str]:
    """Name the columns that hold texts or numbers; the others are not read."""
    return [field.name for field in schema if fits(field.type, pa.string()) or _is_number(field.type)]


def from_clip_columns(batch: pa.RecordBatch, home: Path, where: str) -> pa.RecordBatch:
    """Turn rows into ours: uri, caption, and all plain values else as metadata.

    The widths and digests of img2dataset are those of its resized copies, and so no facts about the picture.

    Raises:
        BadInput: a column holds what its type does not allow.
    """
    try:
        rows = batch.to_pylist()
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise BadInput(f"The columns of {where} are broken: {error}.") from error
    return pa.RecordBatch.from_pydict(
        {
            "uri": pa.array([_uri(row, home) for row in rows], pa.string()),
            "caption": pa.array([row.get("caption") or "" for row in rows], pa.string()),
            "caption_source": pa.array(["source" if row.get("caption") else "" for row in rows], pa.string()),
            "metadata": pa.array([_metadata(row) for row in rows], pa.string()),
        }
    )


def _uri(row: Mapping[str, Any], home: Path) -> str:
    """Give the URL, else the path; empty where there is neither."""
    url, path = row.get("url") or "", row.get("image_path") or ""
    if is_web(url):
        return url
    if not path or "://" in path:
        return path
    return Path(os.path.abspath(home / path)).as_uri()  # noqa: PTH100 - resolve() would follow links


def _metadata(row: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in row.items() if name not in _NAMED and _is_plain(value)}
    return json.dumps(plain, ensure_ascii=False)


def _is_number(kind: pa.DataType) -> bool:
    kind = kind.value_type if kinds.is_dictionary(kind) else kind
    return any(test(kind) for test in (kinds.is_integer, kinds.is_floating, kinds.is_boolean))


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))

"""How do rows become messages that Milvus takes? In columns, as its protocol has them, and as many as one may hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = dict[str, Any]

_BYTES_A_MESSAGE = 8_000_000
"""The server takes 64 MB, and Pulsar 5 MB a part."""
_FIRST_FIELD_OF_BYTES = b"\x0a"
"""What a list of numbers begins with. Source: https://protobuf.dev/programming-guides/encoding/#packed"""


@dataclass(frozen=True, slots=True)
class Packed:
    """A message that stores rows, ready to be sent."""

    collection: str
    ids: tuple[str, ...]
    request: Any


def pack(collection: str, fields: Sequence[Mapping[str, Any]], rows: Iterable[Row]) -> Iterator[Packed]:
    """Make the messages that store rows in a collection with these fields."""
    from pymilvus.grpc_gen.milvus_pb2 import UpsertRequest

    for batch in _batches(rows):
        columns = [_column(field, [row[field["name"]] for row in batch]) for field in fields]
        request = UpsertRequest(collection_name=collection, fields_data=columns, num_rows=len(batch))
        yield Packed(collection, tuple(row["id"] for row in batch), request)


def _column(field: Mapping[str, Any], values: Sequence[Any]) -> Any:
    """Give the values of a field; vectors in the precision that the field has.

    Source: https://github.com/milvus-io/milvus-proto/blob/master/proto/schema.proto
    """
    from pymilvus import DataType
    from pymilvus.grpc_gen.schema_pb2 import FieldData, LongArray, ScalarField, StringArray

    column: Any = FieldData(type=field["type"], field_name=field["name"])
    match field["type"], field.get("element_type"):
        case DataType.INT64, _:
            column.scalars.long_data.data.extend(values)
        case DataType.VARCHAR, _:
            column.scalars.string_data.data.extend(values)
        case DataType.ARRAY, DataType.INT64:
            column.scalars.array_data.data.extend([ScalarField(long_data=LongArray(data=one)) for one in values])
        case DataType.ARRAY, _:
            column.scalars.array_data.data.extend([ScalarField(string_data=StringArray(data=one)) for one in values])
        case DataType.FLOAT16_VECTOR, _:
            vectors = np.asarray(values, "<f2")
            column.vectors.dim = vectors.shape[1]
            column.vectors.float16_vector = vectors.tobytes()
        case _:
            vectors = np.asarray(values, "<f4")
            column.vectors.dim = vectors.shape[1]
            # As bytes, which is how they travel: one number after the other takes twenty times as long.
            column.vectors.float_vector.MergeFromString(
                _FIRST_FIELD_OF_BYTES + _varint(vectors.nbytes) + vectors.tobytes()
            )
    return column


def _varint(number: int) -> bytes:
    """Write a number as protobuf does. Source: https://protobuf.dev/programming-guides/encoding/#varints"""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        weight = _weight(row)
        if batch and size + weight > _BYTES_A_MESSAGE:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


def _weight(row: Row) -> int:
    """Give about the bytes that a row takes, signs of texts counted as four."""
    texts = sum(len(text) for name in ("record", "features", "body") for text in row.get(name, ()))
    codes = sum(len(row.get(name, ())) for name in ("words", "tags", "meta"))
    return 4 * (texts + len(row["vector"])) + 32 * codes

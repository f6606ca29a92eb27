"""How do records and their embeddings lie in one Parquet file?"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from lookalike.errors import BadInput
from lookalike.exchange.batches import large_batches
from lookalike.exchange.columns import EMBEDDING, SCHEMA, schema_of, spaces_in, to_table
from lookalike.exchange.landing import landing_file
from lookalike.exchange.rows import Row, check_types, read_rows
from lookalike.exchange.vectors import from_column, holds_vectors
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.serving import in_turn
from lookalike.gallery.walking import each_page
from lookalike.sources.table.parquet import open_parquet
from lookalike.types import ImageRecord, Space

_ROW_GROUP = 5_000
"""Records written at a time: 5 MB of 512 dimensions, small enough to hold and large enough to compress."""
_REPEATING = ["format", "caption_source", "label", "owner", "tags.list.element"]


def export_parquet(gallery: Gallery, path: Path, where: Filter | None) -> int:
    """Write the records that pass to a new file."""
    schema = schema_of(in_turn(gallery.spaces, gallery.serving))
    count = 0
    with landing_file(path) as file, open_writer(file, schema) as writer:
        for records in portions(gallery, where):
            writer.write_table(to_table(records, schema))
            count += len(records)
    return count


def stream_parquet(gallery: Gallery, where: Filter | None) -> Generator[bytes, None, None]:
    """Give the same file bit by bit, as it is written; a row group at a time lies in memory."""
    schema = schema_of(in_turn(gallery.spaces, gallery.serving))
    sink = _Sink()
    with open_writer(cast(BinaryIO, pa.PythonFile(sink, "w")), schema) as writer:
        for records in portions(gallery, where):
            writer.write_table(to_table(records, schema))
            yield sink.take()
    yield sink.take()


class _Sink:
    """A file that is read while it is written."""

    closed = False

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """Give what was written since."""
        taken, self._bytes = bytes(self._bytes), bytearray()
        return taken


def portions(gallery: Gallery, where: Filter | None) -> Iterator[tuple[ImageRecord, ...]]:
    """Give the records that pass, oldest first, a row group at a time."""
    return each_page(lambda after: gallery.scan(where, order="added", after=after, limit=_ROW_GROUP, embeddings=True))


def open_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a Parquet file with checksums; embeddings are split by byte, which makes them a sixth smaller."""
    vectors = [f"{name}.list.element" for name in schema.names if name.startswith(EMBEDDING)]
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=_REPEATING,
        use_byte_stream_split=vectors or False,
        write_page_checksum=True,
    )


def read_parquet(path: Path) -> tuple[list[Space], Iterator[list[Row]]]:
    """Give the spaces of a file, and its rows as records a batch at a time.

    Raises:
        BadInput: a column is of the wrong type; while the rows are read, that the file is broken.
    """
    with open_parquet(path) as file:
        schema = file.schema_arrow
        spaces = spaces_in(schema, str(path))
    check_types(schema, str(path))
    _check_spaces(schema, spaces, str(path))
    return spaces, _batches(path, spaces)


def _check_spaces(schema: pa.Schema, spaces: list[Space], where: str) -> None:
    known = {EMBEDDING + space.name for space in spaces}
    found = {name for name in schema.names if name.startswith(EMBEDDING)}
    if known != found:
        raise BadInput(f"The columns {', '.join(sorted(known ^ found))} of {where} belong to no space, or lack.")
    for name in sorted(found):
        if not holds_vectors(schema.field(name).type):
            raise BadInput(f"The column {name!r} of {where} is of type {schema.field(name).type}, not lists of floats.")


def _batches(path: Path, spaces: list[Space]) -> Iterator[list[Row]]:
    with open_parquet(path) as file:
        wanted = [name for name in file.schema_arrow.names if name in SCHEMA.names or name.startswith(EMBEDDING)]
        for batch in large_batches(file, wanted):
            vectors = {
                space.name: from_column(batch.column(EMBEDDING + space.name), space.dim, str(path)) for space in spaces
            }
            yield read_rows(batch, vectors, str(path))

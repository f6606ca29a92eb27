"""Which rows does a Parquet file hold? A batch at a time, without the columns that hold pictures or embeddings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as kinds

from lookalike.errors import BadInput
from lookalike.sources.table.columns import MAX_TAGS
from lookalike.sources.table.rows import BadRow, Row, Rows, Table, refuse_twice

_ROWS = 32
"""Read at a time: a text that is stored once may stand in each of them."""
_MAX_ROW_BYTES = 1_000_000
"""As long as a line may be. Few bytes on disk may hold far longer texts."""
_MAX_ENTRIES = MAX_TAGS + 1
"""Of a list in a longer row: more than are kept of any."""
_MAX_FOOTER_BYTES = 100_000_000


def parquet_table(path: Path) -> Table:
    """Give a file's columns and rows.

    Raises:
        BadInput: it is broken; also while the rows are read.
    """
    with open_parquet(path) as file:
        names = [field.name for field in file.schema_arrow if _is_plain(field.type)]
    refuse_twice(names, str(path))
    return Table(tuple(names), _rows(path, names))


def _rows(path: Path, names: list[str]) -> Rows:
    number = 0
    with open_parquet(path) as file:
        for batch in all_batches(file, _ROWS, names):
            for part in _small_parts(batch):
                if part.nbytes > _MAX_ROW_BYTES:
                    number += 1
                    yield BadRow(f"row={number}", f"the row has more than {_MAX_ROW_BYTES:,} bytes")
                    continue
                for values in part.to_pylist():
                    number += 1
                    yield Row(f"row={number}", values)


def _small_parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Give long rows one by one, so that no more of them become Python's texts at a time; too long ones without the
    ends of their lists, which would not be kept."""
    if batch.nbytes <= _MAX_ROW_BYTES:
        yield batch
        return
    for number in range(batch.num_rows):
        row = batch.slice(number, 1)
        yield row if row.nbytes <= _MAX_ROW_BYTES else _with_short_lists(row)


def _with_short_lists(row: pa.RecordBatch) -> pa.RecordBatch:
    columns = [pc.list_slice(one, 0, _MAX_ENTRIES) if _is_list(one.type) else one for one in row.columns]
    return pa.RecordBatch.from_arrays(columns, names=row.schema.names)


def _spelt_out(column: pa.Array) -> pa.Array:
    """Write texts of a dictionary where they are meant; round times of nanoseconds, which Python has none of."""
    kind = column.type
    if kinds.is_dictionary(kind):
        return column.dictionary_decode()
    if _is_list(kind) and kinds.is_dictionary(kind.value_type):
        return column.cast(pa.large_list(kind.value_type.value_type))
    if getattr(kind, "unit", "") != "ns":
        return column
    if kinds.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column.cast(pa.duration("us") if kinds.is_duration(kind) else pa.time64("us"), safe=False)


@contextmanager
def open_parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file that may be broken, or made to do harm.

    Raises:
        BadInput: while it is opened or read.
    """
    try:
        with pq.ParquetFile(
            path,
            memory_map=False,
            buffer_size=1 << 20,
            page_checksum_verification=True,
            thrift_string_size_limit=_MAX_FOOTER_BYTES,
            thrift_container_size_limit=_MAX_FOOTER_BYTES,
        ) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        reason = str(error).rstrip(".")
        raise BadInput(f"{str(path)!r} is no sound Parquet file: {reason}.", "Write it again.") from error


def all_batches(file: pq.ParquetFile, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Give some columns of all rows, so many at a time, with texts of dictionaries where they are meant.

    Raises:
        ArrowException: a column is broken.
        ValueError: some do not come. The header of a page has no checksum, and a broken one may end a column early.
    """
    came = 0
    for batch in file.iter_batches(rows, columns=columns):
        came += batch.num_rows
        batch.validate(full=True)
        yield pa.RecordBatch.from_arrays([_spelt_out(one) for one in batch.columns], names=batch.schema.names)
    if came != file.metadata.num_rows:
        raise ValueError(f"of its {file.metadata.num_rows:,} rows {came:,} can be read")


def _is_plain(kind: pa.DataType) -> bool:
    """Whether a column holds texts, numbers, times or lists of texts."""
    if kinds.is_dictionary(kind) or _is_list(kind):
        return bool(kinds.is_string(kind.value_type) or kinds.is_large_string(kind.value_type))
    tests = (kinds.is_string, kinds.is_large_string, kinds.is_string_view, kinds.is_integer, kinds.is_floating)
    return any(test(kind) for test in (*tests, kinds.is_boolean, kinds.is_temporal))


def _is_list(kind: pa.DataType) -> bool:
    return bool(kinds.is_list(kind) or kinds.is_large_list(kind))

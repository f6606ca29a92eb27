"""How many rows of a file are read and stored at a time? A thousand, or fewer where they are long."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from lookalike.sources.table.parquet import all_batches

_ROWS = 1_000
_FEW = 100
"""Rows read at a time: a text that is stored once may stand in each of them. Fewer take longer."""
_MAX_BYTES = 16_000_000
"""Of the rows, before Python makes its own objects of them; a thousand usual ones take up to 12 million."""


def large_batches(file: pq.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Give all rows; raises as `all_batches` does."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in all_batches(file, _FEW, columns):
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= _ROWS or size > _MAX_BYTES:
            yield from _joined(held)
            held, rows, size = [], 0, 0
    if held:
        yield from _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Make one of several batches; of texts of gigabytes, as few as can be."""
    joined: list[pa.RecordBatch] = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined

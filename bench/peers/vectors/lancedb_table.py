"""How does LanceDB do?"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa

from peers.vectors.engine import Batch


class LanceDb:
    """LanceDB: columns in files; IVF with RaBitQ codes, and the best compared exactly."""

    has_filters = True

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Write the table in batches, then train the index."""
        table = None
        for start, vectors, labels in rows:
            flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
            numbers = range(start, start + len(vectors))
            columns = {"number": numbers, "vector": flat, "label": labels, "caption": [f"picture {n}" for n in numbers]}
            batch = pa.table({name: pa.array(values) if name != "vector" else flat for name, values in columns.items()})
            if table is None:
                table = lancedb.connect(folder).create_table("pictures", batch)
            else:
                table.add(batch)
        assert table is not None
        table.create_index(metric="dot", vector_column_name="vector", index_type="IVF_RQ")
        table.create_scalar_index("label", index_type="BITMAP")
        table.optimize(cleanup_older_than=timedelta(0))  # else all versions of a week would count as its disk

    def open(self, folder: Path) -> None:
        """Open the table."""
        self._table = lancedb.connect(folder).open_table("pictures")

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Ask 40 partitions, and compare ten times as many exactly."""
        query = self._table.search(vector).distance_type("dot").nprobes(40).refine_factor(10)
        if label:
            query = query.where(f"label = '{label}'", prefilter=True)
        return query.select(["number", "label", "caption"]).limit(k).to_arrow()["number"].to_pylist()

    def add(self, number: int, vector: np.ndarray) -> int:
        """Add a row; it is not in the index, and so compared exactly."""
        self._table.add([{"number": number, "vector": vector, "label": "new", "caption": f"picture {number}"}])
        return number

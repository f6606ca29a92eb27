"""How does zvec do?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import zvec

from peers.vectors.engine import Batch


class Zvec:
    """zvec: Alibaba's engine inside the process; a graph, and columns with inverted lists."""

    has_filters = True

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Insert batch after batch, then optimise."""
        collection = None
        for start, vectors, labels in rows:
            collection = collection or zvec.create_and_open(str(folder / "zvec"), self._schema(vectors.shape[1]))
            numbered = zip(range(start, start + len(vectors)), vectors, labels, strict=True)
            collection.insert([_document(number, vector, label) for number, vector, label in numbered])
        assert collection is not None
        collection.optimize()
        collection.flush()
        collection.close()

    def _schema(self, dim: int) -> Any:
        graph = zvec.HnswIndexParam(zvec.MetricType.IP, m=32, ef_construction=200)
        return zvec.CollectionSchema(
            "pictures",
            fields=[
                zvec.FieldSchema("label", zvec.DataType.STRING, index_param=zvec.InvertIndexParam()),
                zvec.FieldSchema("caption", zvec.DataType.STRING),
            ],
            vectors=[zvec.VectorSchema("vector", zvec.DataType.VECTOR_FP32, dim, index_param=graph)],
        )

    def open(self, folder: Path) -> None:
        """Open the collection."""
        self._collection = zvec.open(str(folder / "zvec"))

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Search the graph with 100 candidates."""
        query = zvec.Query("vector", vector=vector.tolist(), param=zvec.HnswQueryParam(ef=100))
        where = f"label = '{label}'" if label else None
        found = self._collection.query(query, topk=k, filter=where, output_fields=["label", "caption"])
        return [int(one.id) for one in found]

    def add(self, number: int, vector: np.ndarray) -> int:
        """Insert one document."""
        self._collection.insert([_document(number, vector, "new")])
        return number


def _document(number: int, vector: np.ndarray, label: str) -> Any:
    return zvec.Doc(
        id=str(number), vectors={"vector": vector.tolist()}, fields={"label": label, "caption": f"picture {number}"}
    )

"""How does Qdrant do inside the process?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as qdrant

from peers.vectors.engine import Batch


class QdrantEdge:
    """Qdrant Edge: Qdrant's shard inside the process; a graph, bytes in memory, the best compared exactly."""

    has_filters = True

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Upsert batch after batch, then let the optimiser build the graph."""
        shard = None
        for start, vectors, labels in rows:
            if shard is None:
                shard = qdrant.EdgeShard.create(str(folder), self._configuration(vectors.shape[1]))
                keyword = qdrant.UpdateOperation.create_field_index("label", qdrant.PayloadSchemaType.Keyword)
                shard.update(keyword)
            numbered = zip(range(start, start + len(vectors)), vectors.tolist(), labels, strict=True)
            points = [_point(number, vector, label) for number, vector, label in numbered]
            shard.update(qdrant.UpdateOperation.upsert_points(points))
        assert shard is not None
        shard.optimize()
        shard.flush()
        shard.close()

    def _configuration(self, dim: int) -> Any:
        return qdrant.EdgeConfig(
            vectors=qdrant.EdgeVectorParams(size=dim, distance=qdrant.Distance.Dot),
            quantization_config=qdrant.ScalarQuantizationConfig(type=qdrant.ScalarType.Int8, always_ram=True),
            optimizers=qdrant.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=1_000),
        )

    def open(self, folder: Path) -> None:
        """Load the shard."""
        self._shard = qdrant.EdgeShard.load(str(folder))

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Search the graph, with the payload."""
        condition = qdrant.FieldCondition(key="label", match=qdrant.MatchValue(value=label)) if label else None
        request = qdrant.QueryRequest(
            limit=k,
            query=qdrant.Query.Nearest(vector.tolist()),
            with_payload=True,
            filter=qdrant.Filter(must=[condition]) if condition else None,
        )
        return [int(point.id) for point in self._shard.query(request)]

    def add(self, number: int, vector: np.ndarray) -> int:
        """Upsert one point."""
        self._shard.update(qdrant.UpdateOperation.upsert_points([_point(number, vector.tolist(), "new")]))
        return number


def _point(number: int, vector: list[float], label: str) -> Any:
    return qdrant.Point(number, vector, {"label": label, "caption": f"picture {number}"})

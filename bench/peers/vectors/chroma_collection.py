"""How does Chroma do?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import chromadb
import numpy as np

from peers.vectors.engine import Batch


class Chroma:
    """Chroma: SQLite for what is said, hnswlib for vectors."""

    has_filters = True

    def _client(self, folder: Path) -> Any:
        return chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Add batch after batch."""
        client = self._client(folder)
        self._collection = client.create_collection(
            "pictures", configuration={"hnsw": {"space": "ip"}}, embedding_function=None
        )
        for start, vectors, labels in rows:
            numbers = range(start, start + len(vectors))
            self._collection.add(
                ids=[str(number) for number in numbers],
                embeddings=vectors,
                metadatas=[{"label": label} for label in labels],
                documents=[f"picture {number}" for number in numbers],
            )

    def open(self, folder: Path) -> None:
        """Open the collection."""
        self._collection = self._client(folder).get_collection("pictures", embedding_function=None)

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Query, with what is said of the hits."""
        where = {"label": label} if label else None
        found = self._collection.query(
            query_embeddings=vector[None], n_results=k, where=where, include=["metadatas", "documents"]
        )
        return [int(one) for one in found["ids"][0]]

    def add(self, number: int, vector: np.ndarray) -> int:
        """Add one row."""
        self._collection.add(ids=[str(number)], embeddings=vector[None], metadatas=[{"label": "new"}])
        return number

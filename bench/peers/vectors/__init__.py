"""How do the peers of vector search keep vectors with labels, and find the nearest?

Each as its documentation says for this size, with the settings that its makers give or that reach about the same
recall. Vectors are of length 1 and compared by their inner product; a hit comes with its label and caption where the
engine keeps such things.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Where an engine is, and how much is asked of it."""

    entry: str
    package: str
    most_rows: int
    """Above, building alone takes more than an hour, or more memory than most machines have."""


ENGINES = {
    "FAISS flat": Known("faiss_index:Flat", "faiss-cpu", 10_000_000),
    "FAISS HNSW-SQ8": Known("faiss_index:Hnsw", "faiss-cpu", 10_000_000),
    "LanceDB IVF_RQ": Known("lancedb_table:LanceDb", "lancedb", 10_000_000),
    "Qdrant Edge": Known("qdrant_shard:QdrantEdge", "qdrant-edge-py", 1_000_000),
    "Chroma": Known("chroma_collection:Chroma", "chromadb", 200_000),
    "usearch f16": Known("usearch_index:Usearch", "usearch", 10_000_000),
    "zvec": Known("zvec_collection:Zvec", "zvec", 1_000_000),
    "DeepSearchLite": Known("deepsearchlite:DeepSearchLite", "DeepSearchLite", 100_000),
}

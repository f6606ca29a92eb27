"""How does a single query keep to its own thread?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep FAISS from starting threads for a single query: waiting for them takes longer than the scan.

    FAISS' setting is the calling thread's own, so other threads do not notice.
    """
    import faiss as typed_faiss

    faiss: Any = typed_faiss
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)

"""How many threads are of use, and how does a single query keep to its own?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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

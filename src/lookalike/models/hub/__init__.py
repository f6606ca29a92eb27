"""How do models come from a hub? By the Hugging Face client's protocol, safe files only, each held to its sum.

What was fetched lies where every program that uses the client looks for it (`HF_HOME`), and is fetched once.
"""

from lookalike.models.hub.allowed import refuse_unsafe
from lookalike.models.hub.cache import Snapshot, fetched_bytes, find_repository
from lookalike.models.hub.fetching import Step, fetch_repository, following, list_files, staying_offline

__all__ = [
    "Snapshot",
    "Step",
    "fetch_repository",
    "fetched_bytes",
    "find_repository",
    "following",
    "list_files",
    "refuse_unsafe",
    "staying_offline",
]

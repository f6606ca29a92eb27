"""What was made or learnt last, and may be needed again?"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """Keeps what belongs to the keys that were last asked for. May be shared by threads."""

    def __init__(self, most: int) -> None:
        """Begin with nothing, and never keep more than so much."""
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def get(self, key: str) -> Kept | None:
        """Give what is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get_or_make(self, key: str, make: Callable[[], Kept]) -> Kept:
        """Give what is kept, or make it and keep it; two threads at a time may make it twice."""
        kept = self.get(key)
        if kept is None:
            kept = make()
            self.put(key, kept)
        return kept

    def put(self, key: str, kept: Kept) -> None:
        """Keep something, and forget what was not asked for for longest."""
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

"""How much lies on disk? Counted at most once a minute."""

import shutil
import time
from pathlib import Path
from threading import Lock

from lookalike.service.parts import Parts
from lookalike.service.schemas.status import Disk

_SIZES_S = 60.0
"""How old sizes may be: counting a million uploads takes a while."""


class Sizes:
    """How much lies on disk. May be shared by threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._counted_at = -_SIZES_S
        self._counting = Lock()
        self._uploads = self._thumbnails = 0

    def now(self) -> Disk:
        """Give them, no older than a minute; while somebody counts, others get what was counted before."""
        if time.monotonic() - self._counted_at >= _SIZES_S and self._counting.acquire(blocking=False):
            try:
                self._uploads = sum(map(_size, self._parts.library.uploads.rglob("*")))
                self._thumbnails = self._parts.library.thumbnails.size_bytes()
                self._counted_at = time.monotonic()
            finally:
                self._counting.release()
        return Disk(
            gallery=self._parts.gallery.size_bytes(),
            uploads=self._uploads,
            thumbnails=self._thumbnails,
            free=_free(self._parts.library.uploads),
        )


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size if path.is_file() else 0
    except OSError:  # it has just gone
        return 0


def _free(folder: Path) -> int:
    """Give what is free on the disk of a folder that may not be there yet."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    return shutil.disk_usage(there).free

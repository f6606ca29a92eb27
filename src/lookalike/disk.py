"""How does a new name in a folder outlive a power cut?"""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk; Windows cannot open folders, and needs no such thing.

    Raises:
        OSError: the folder cannot be read, or the disk fails.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

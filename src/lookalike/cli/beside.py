"""How does what lies beside a gallery, uploads and blocked pictures, come to lie beside a copy of it?"""

import os
import shutil
from pathlib import Path

from lookalike.disk import replacing, sweep_unfinished, sync_folder


def copy_blocked(source: Path, target: Path) -> None:
    """Copy a block list and its small pictures, where there is one.

    The pictures come first, so that wherever the list is they are, too; then those that were blocked meanwhile.
    """
    from lookalike.gallery import open_gallery

    if source.exists():
        copy_uploads(Path(f"{source}.pictures"), Path(f"{target}.pictures"))
        with open_gallery(source, create=False) as blocked:
            blocked.backup(target)
        copy_uploads(Path(f"{source}.pictures"), Path(f"{target}.pictures"))


def copy_uploads(source: Path, target: Path) -> int:
    """Link, or where that cannot be copy, what `target` has not yet, durably; returns how many files there are.

    Uploads are named for their bytes and never change, so that a link is as good as a copy. What is deleted
    meanwhile is passed over.
    """
    count, reached = 0, set[Path]()
    for folder, folders, names in os.walk(source):
        if "incoming" in folders:  # what is not whole yet
            folders.remove("incoming")
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        sweep_unfinished(there)
        reached |= {there, there.parent}
        for name in names:
            count += (there / name).exists() or _copy(Path(folder) / name, there / name)
    for path in reached:
        sync_folder(path)
    return count


def _copy(source: Path, target: Path) -> bool:
    """Link or copy a file; false where it is there no longer."""
    try:
        _link_or_copy(source, target)
    except FileNotFoundError:
        if source.exists():
            raise
        return False
    return True


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        with source.open("rb") as original, replacing(target, mode=0o600) as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            shutil.copystat(source, copy.name)

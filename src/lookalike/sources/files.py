"""What is a file to a source, and what a folder? Looked at now, by names that need be no UTF-8."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from lookalike.decode.formats import is_picture
from lookalike.sources.excluding import SKIPPED
from lookalike.types import Failure, Item, Outcome

_HEAD_BYTES = 4_096
BESIDE_PICTURES = re.compile(
    r"\.(txt|md|rtf|log|csv|tsv|jsonl?|xml|xmp|aae|ya?ml|toml|ini|cfg|html?|css|js|py|sh|bat|url|lnk|exe|dll|msi|app|apk"
    r"|pdf|docx?|odt|xlsx?|ods|pptx?|odp|epub|zip|tar|t?gz|bz2|xz|7z|rar|iso|dmg|db(-wal|-shm)?|sqlite3?|parquet|np[yz]"
    r"|mp4|m4v|mov|avi|mkv|webm|mpe?g|m2?ts|wmv|3gp|flv|mp3|m4a|aac|wav|flac|ogg|opus|wma|part|tmp|bak)",
    re.IGNORECASE,
)
"""Endings of what lies beside pictures in people's folders. A file so called is offered only if its bytes begin like a
picture's, and is no failure otherwise: nobody asked for it."""


def lies_beside(entry: os.DirEntry[str] | Path) -> bool:
    """Say whether a file is called like something else than a picture, and is no picture, as far as can be told."""
    try:
        return _is_named_beside(entry) and not _begins_like_a_picture(entry)
    except OSError:
        return True


def may_be_a_picture(path: Path) -> bool:
    """Say whether a file is called like something else, and its bytes, which would tell, cannot be read now."""
    try:
        if _is_named_beside(path):
            _begins_like_a_picture(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


def _is_named_beside(entry: os.DirEntry[str] | Path) -> bool:
    return BESIDE_PICTURES.fullmatch(Path(entry.name).suffix) is not None


def _begins_like_a_picture(entry: os.DirEntry[str] | Path) -> bool:
    if not S_ISREG(entry.stat().st_mode):  # a pipe would keep whoever opens it waiting
        return False
    with open(entry, "rb", buffering=0) as file:  # noqa: PTH123 - what a folder lists is no Path
        return is_picture(file.read(_HEAD_BYTES))


def offered(entry: os.DirEntry[str] | Path, uri: str) -> Item | Failure | None:
    """Offer a file; None where it has vanished, or is none."""
    try:
        found = entry.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return unreachable(uri, f"the file cannot be looked at: {error.strerror}")
    return Item(uri=uri, version=version_of(found)) if S_ISREG(found.st_mode) else None


def version_of(found: os.stat_result) -> str:
    """Give the version of a file."""
    return f"{found.st_size}-{found.st_mtime_ns}"


def unreachable(uri: str, reason: str) -> Failure:
    """Say why a file or a folder cannot be looked at now."""
    return Failure(uri=uri, version="", outcome=Outcome.UNREACHABLE, reason=reason, at=datetime.now(UTC))


def is_missing(path: Path) -> bool:
    """Say whether a path names nothing; what is there but may not be looked at is not missing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it is there, and listing it will say what is wrong with it
        return False
    return False


def is_dangling(path: Path) -> bool:
    """Say whether a link leads to what may lie on a drive that is away: to nothing, and nothing else is there."""
    if not os.path.islink(path) or not is_missing(path):  # noqa: PTH114 - Path.is_symlink raises where a folder above may not be entered
        return False
    try:
        return all(map(SKIPPED.match, os.listdir(os.path.dirname(os.path.realpath(path)))))  # noqa: PTH120, PTH208 - likewise
    except OSError:
        return True


def emptied_at(folder: Path) -> datetime | None:
    """Say when the last name went from a folder; None where one is left, or it has gone."""
    try:
        changed = folder.stat().st_mtime
        is_bare = next(folder.iterdir(), None) is None
    except OSError:
        return None
    return datetime.fromtimestamp(changed, UTC) if is_bare else None


def standing(folder: Path) -> Path:
    """Give a folder, or where it has gone the next one above it that is there."""
    while is_missing(folder):
        folder = folder.parent
    return folder


def uri_of(path: Path) -> str:
    """Give the uri without a slash at the end, for the root of all folders too."""
    return path.as_uri().removesuffix("/")

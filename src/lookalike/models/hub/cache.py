"""Where does a repository lie on this machine? In the Hugging Face client's own cache, laid out as it does.

Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lookalike.disk import write_whole
from lookalike.errors import BadInput
from lookalike.models.hub.allowed import WEIGHTS, choose, suffices
from lookalike.models.hub.environment import cache

COMMIT = re.compile(r"[0-9a-f]{40}")

_REPO = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,95}/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*){0,4}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

_PULL = re.compile(r"refs/pr/\d+")
_CONVERSION = "lookalike-conversion"
"""A file that the client passes over."""

_FORMAT = 1
"""Of a listing. Source: `huggingface_hub`, _tree_cache.py"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was fetched of a repository, as it was at one commit."""

    repo: str
    path: Path
    """The folder that holds the files."""
    commit: str
    files: Mapping[str, str]
    """Each file that was wanted, by its path within the folder → its sha256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file of a repository, as the hub lists it."""

    name: str
    bytes: int
    digest: str
    """sha256 of what is kept apart (64 digits), else the sum that git keeps (40 digits)."""


class Home:
    """The folder of one repository in the cache.

    Raises:
        BadInput: the name or the revision cannot be one.
    """

    def __init__(self, repo: str, revision: str) -> None:
        if not _REPO.fullmatch(repo) or "--" in repo or ".." in repo:
            what = f"{repo!r} is no repository of a hub."
            raise BadInput(what, "Write it like google/siglip2-base-patch16-256.")
        if not _REVISION.fullmatch(revision) or ".." in revision or len(revision) > 200:
            raise BadInput(f"{revision!r} is no revision of {repo}.", "Give a branch, a tag or a commit.")
        self.repo, self.revision = repo, revision
        self.folder = cache() / f"models--{repo.replace('/', '--')}"

    def commit(self) -> str:
        """Give the commit that the revision was when it was fetched last; empty where it never was."""
        if COMMIT.fullmatch(self.revision):
            return self.revision
        found = _text(self._ref).strip()
        return found if COMMIT.fullmatch(found) else ""

    @property
    def _ref(self) -> Path:
        return self.folder / "refs" / self.revision

    def snapshot(self, commit: str) -> Path:
        """Where the files of a commit are."""
        return self.folder / "snapshots" / commit

    def blob(self, file: RemoteFile) -> Path:
        """Where the bytes of a file are, once for all commits."""
        return self.folder / "blobs" / file.digest

    def part(self, file: RemoteFile) -> Path:
        """Where the bytes of a file are as long as they are not all there."""
        return self.folder / "blobs" / f"{file.digest}.part"

    def missing_bytes(self, file: RemoteFile, commit: str) -> int:
        """Say how much of a file of a commit has yet to come."""
        if self.blob(file).is_file() or (self.snapshot(commit) / file.name).is_file():
            return 0
        part = self.part(file)
        return file.bytes - (min(part.stat().st_size, file.bytes) if part.is_file() else 0)

    def listed(self, commit: str) -> list[str]:
        """Name all files of a commit; where nobody kept the list, those that are there."""
        try:
            found = json.loads(_text(self._listing(commit)))
            return [name for name in found["files"] if isinstance(name, str)]
        except (ValueError, KeyError, TypeError):
            folder = self.snapshot(commit)
            return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]

    def is_listed(self, commit: str) -> bool:
        """Tell whether somebody kept the list of a commit's files."""
        return self._listing(commit).is_file()

    def keep_listing(self, commit: str, files: Iterable[RemoteFile]) -> None:
        """Keep the list of a commit's files, as the client does and reads it."""
        listed = {
            file.name: {"size": file.bytes, "blob_id": file.digest}
            | ({"lfs_sha256": file.digest, "lfs_size": file.bytes} if _SHA256.fullmatch(file.digest) else {})
            for file in files
        }
        _write(self._listing(commit), json.dumps({"format_version": _FORMAT, "files": listed}, indent=1))

    def _listing(self, commit: str) -> Path:
        return self.folder / "trees" / f"{commit}.json"

    def keep_commit(self, commit: str) -> None:
        """Keep which commit the revision is."""
        if self.revision != commit:
            _write(self._ref, commit)

    def conversion(self) -> str:
        """Give the revision that `keep_conversion` kept; empty where it kept none."""
        found = _text(self.folder / _CONVERSION).strip()
        return found if _PULL.fullmatch(found) else ""

    def keep_conversion(self, revision: str) -> None:
        """Keep in which revision the hub has converted a repository, such as `refs/pr/3`."""
        _write(self.folder / _CONVERSION, revision)

    def forget_conversion(self) -> None:
        """Forget what `keep_conversion` kept, if it kept any."""
        if self.conversion():
            with suppress(OSError):  # of a cache that may only be read
                (self.folder / _CONVERSION).unlink(missing_ok=True)

    def place(self, file: RemoteFile, commit: str) -> None:
        """Give the bytes of a file its name in a commit: a link, or the file itself where there are no links."""
        named, blob = self.snapshot(commit) / file.name, self.blob(file)
        named.parent.mkdir(parents=True, exist_ok=True)
        if named.exists():
            return
        named.unlink(missing_ok=True)  # a link to what was deleted
        try:
            named.symlink_to(os.path.relpath(blob, named.parent))
        except FileExistsError:
            return  # another process was quicker
        except OSError:
            blob.replace(named)


def find_repository(repo: str, revision: str, wanted: Sequence[str]) -> Snapshot | None:
    """Give what was fetched before; None where anything that is wanted is missing. Asks nothing of the network.

    `wanted` are patterns of file names, as `fetch_repository` takes them.

    Raises:
        BadInput: the name or the revision cannot be one.
    """
    return found_in(Home(repo, revision), wanted)


def fetched_bytes(repo: str) -> int:
    """Give how much of a repository was fetched, of whichever commits; 0 where no weights were.

    Raises:
        BadInput: the name cannot be one.
    """
    there: set[Path] = set()
    for snapshot in (Home(repo, "main").folder / "snapshots").glob("*"):
        files = [path for path in snapshot.rglob("*") if path.is_file()]
        if any(path.name.endswith(WEIGHTS) for path in files):
            there |= {path.resolve() for path in files}  # what commits have in common lies there once
    return sum(path.stat().st_size for path in there)


def found_in(home: Home, wanted: Sequence[str], commit: str = "") -> Snapshot | None:
    """Give the snapshot of a commit, if not said of the one that was fetched last; None as `find_repository` says."""
    commit = commit or home.commit()
    if not commit:
        return None
    folder = home.snapshot(commit)
    names = choose(home.listed(commit), wanted)
    if not suffices(names, wanted) or not all((folder / name).is_file() for name in names):
        return None
    return Snapshot(repo=home.repo, path=folder, commit=commit, files={name: _sha256(folder / name) for name in names})


def lacking(home: Home, wanted: Sequence[str]) -> list[str]:
    """Name the files of the commit that was fetched last which are wanted, and not there."""
    commit = home.commit()
    folder = home.snapshot(commit)
    return [name for name in choose(home.listed(commit), wanted) if not (folder / name).is_file()] if commit else []


def _sha256(path: Path) -> str:
    """Give the sum of a file: the name of what it links to is one, and was checked when that came."""
    blob = path.readlink() if path.is_symlink() else path  # which may be a link, too, to what repositories share
    if blob.parent.name == "blobs" and _SHA256.fullmatch(blob.name):
        return blob.name
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, text: str) -> None:
    """Put a text where readers see the whole of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())

"""Which files has a repository, and which commit is it? What the hub lists, believed as little as can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from lookalike.models.hub.allowed import is_allowed
from lookalike.models.hub.asking import ask
from lookalike.models.hub.cache import COMMIT, RemoteFile
from lookalike.models.hub.environment import endpoint
from lookalike.models.hub.faults import nonsense, telling_faults

_MAX_FILES = 10_000
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A repository at one commit."""

    commit: str
    files: Mapping[str, RemoteFile]


def list_repository(repo: str, revision: str) -> Listing:
    """Ask the hub for the commit of a revision, and its files.

    Raises:
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable: as `telling_faults` says.
    """
    with telling_faults(repo, revision):
        info = ask(f"{endpoint()}/api/models/{repo}/revision/{quote(revision, safe='')}", blobs=True)
        siblings = list(info.get("siblings") or [])
        commit = str(info["sha"])
    if not COMMIT.fullmatch(commit):
        raise nonsense(repo, "it names no commit")
    if COMMIT.fullmatch(revision) and commit != revision:
        raise nonsense(repo, f"asked for the commit {revision}, it gives {commit}")
    if len(siblings) > _MAX_FILES:
        raise nonsense(repo, f"{len(siblings):,} files in one repository")
    with telling_faults(repo, revision):
        files = {file.name: file for file in (_read(repo, sibling) for sibling in siblings)}
    placed = filter(is_allowed, files)
    if both := next((name for name in placed if any(str(one) in files for one in PurePosixPath(name).parents)), ""):
        raise nonsense(repo, f"a file {both[:100]!r} within a file")
    return Listing(commit=commit, files=files)


def _read(repo: str, sibling: Mapping[str, Any]) -> RemoteFile:
    name, size = sibling["rfilename"], sibling.get("size")
    digest = sibling["lfs"]["sha256"] if sibling.get("lfs") else sibling.get("blobId")
    if not isinstance(name, str) or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise nonsense(repo, f"a file {str(name)[:100]!r} without a sum")
    if not isinstance(size, int) or size < 0:
        raise nonsense(repo, f"a file {name[:100]!r} without a size")
    return RemoteFile(name=name, bytes=size, digest=digest)

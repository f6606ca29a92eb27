"""How does one file come? In pieces, going on where it stopped, and held to its sum before it has its name."""

import hashlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lookalike.disk import sync_file
from lookalike.errors import LookalikeError, TooOften, Unreachable
from lookalike.models.hub.asking import asking
from lookalike.models.hub.cache import Home, RemoteFile
from lookalike.models.hub.environment import endpoint
from lookalike.models.hub.faults import telling_faults

if TYPE_CHECKING:
    import httpx2

_PIECE_BYTES = 1 << 20
_TRIES = 5
"""In a row without a byte more."""
_PAUSE_S = 0.1
"""Before the next try, doubled with each."""
_LONGEST_WAIT_S = 30.0
"""That a hub may ask for by Retry-After; when it asks for more, the person is told."""

Received = Callable[[int], None]
"""Is told how many bytes came; fewer than none where a file must begin anew."""


def download(home: Home, file: RemoteFile, commit: str, received: Received) -> None:
    """Fetch the bytes of one file into the cache, if they are not there.

    What came of it before, in this process or another, is kept, and counts as received. Raises as `fetch_repository`
    does.
    """
    from huggingface_hub.utils import WeakFileLock

    blob, part = home.blob(file), home.part(file)
    blob.parent.mkdir(parents=True, exist_ok=True)
    lock = home.folder.parent / ".locks" / home.folder.name / f"{file.digest}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(lock):
        if blob.is_file():
            received(file.bytes)
            return
        download_ = _Download(home, file, commit, received)
        if not download_.into(part) and not download_.into(part):  # what came before may have been spoilt
            raise _wrong_sum(home.repo, file)
        part.replace(blob)


class _Download:
    def __init__(self, home: Home, file: RemoteFile, commit: str, received: Received) -> None:
        from huggingface_hub import hf_hub_url

        self._home, self._file, self._received = home, file, received
        self._url = hf_hub_url(home.repo, file.name, revision=commit, endpoint=endpoint())

    def into(self, part: Path) -> bool:
        """Fetch what is missing of a file; if it then is not what it should be, delete it and say so."""
        with part.open("ab+") as opened:
            self._fill(opened)
            opened.flush()
            sync_file(opened.fileno())
            good = _sum(opened, self._file) == self._file.digest
            if not good:
                self._received(-self._reached(opened))
        if not good:
            part.unlink()
        return good

    def _fill(self, opened: BinaryIO) -> None:
        self._received(self._reached(opened))
        left, furthest = _TRIES, self._reached(opened)
        while self._reached(opened) < self._file.bytes:
            try:
                with telling_faults(self._home.repo, self._home.revision):
                    self._receive(opened)
            except TooOften as error:
                left -= 1
                if not left or error.retry_after_s > _LONGEST_WAIT_S:
                    raise
                time.sleep(error.retry_after_s)
            except Unreachable as error:
                left = _TRIES if self._reached(opened) > furthest else left - 1
                furthest = max(furthest, self._reached(opened))
                if not left:
                    raise self._broken_off(opened, error) from None
                time.sleep(_PAUSE_S * 2 ** (_TRIES - left))

    def _receive(self, opened: BinaryIO) -> None:
        """Ask once for all that is missing, and keep what comes of it."""
        start = self._reached(opened)
        with asking(self._url, {"Range": f"bytes={start}-"}) as response:
            self._go_on(response, opened)
            for chunk in response.iter_bytes():
                if self._reached(opened) + len(chunk) > self._file.bytes:
                    raise Unreachable(f"{self._url} sends more than the {self._file.bytes:,} bytes that it has.")
                opened.write(chunk)
                self._received(len(chunk))
            if self._reached(opened) == start:
                raise Unreachable(f"{self._url} sends nothing.")

    def _go_on(self, response: "httpx2.Response", opened: BinaryIO) -> None:
        """See where the answer begins; one that begins anew makes the file begin anew."""
        reached = self._reached(opened)
        begins = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        goes_on = response.status_code == 206 and begins is not None and int(begins[1]) == reached
        if not goes_on:
            opened.truncate(0)
            self._received(-reached)

    @staticmethod
    def _reached(opened: BinaryIO) -> int:
        return opened.seek(0, os.SEEK_END)

    def _broken_off(self, opened: BinaryIO, error: LookalikeError) -> Unreachable:
        came = f"{self._reached(opened):,} of {self._file.bytes:,} bytes"
        what = f"{self._file.name} of {self._home.repo} came only in part, {came}: {error.what}"
        return Unreachable(what, "Run it again; it goes on from there.")


def _sum(opened: BinaryIO, file: RemoteFile) -> str:
    """Give the sum of the kind that the hub gave."""
    digest: Any = hashlib.sha256()
    if len(file.digest) == 40:
        # Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
        digest = hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)
    opened.seek(0)
    while chunk := opened.read(_PIECE_BYTES):
        digest.update(chunk)
    return str(digest.hexdigest())


def _wrong_sum(repo: str, file: RemoteFile) -> Unreachable:
    what = f"{file.name} of {repo} is not the file that the hub lists: its sum is another."
    return Unreachable(what, "Try again later; if it stays so, something between here and the hub changes it.")

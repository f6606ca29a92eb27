"""Where are the bytes of a picture that the gallery knows?"""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from threading import Thread
from time import monotonic

from lookalike.errors import NotFound, Unreachable
from lookalike.fetch import Fetcher
from lookalike.sources.files import version_of
from lookalike.stamps import bytes_version
from lookalike.threads import going_out, waiting
from lookalike.uris import is_web, local_path

_SOON_S = 0.05
"""In which drives answer that are awake; from then on others have the turn."""
_LOOK_S = 15.0
"""How long a drive may take to answer; some that have gone to sleep take ten seconds to turn again."""


def open_original(uri: str, fetcher: Fetcher | None = None, *, version: str = "") -> Path | bytes:
    """Give the local file, or the bytes, of a record's uri; those of a URL where there is a fetcher.

    With `version`, the record's, a link is followed only to the file that it led to when it was indexed.

    Raises:
        NotFound: the file has moved or gone, its drive says so, or this kind of uri cannot be read back.
        Unreachable: its drive says nothing for long; else, and TooLarge, as `Fetcher.get` says.
        Overloaded: many wait for other sites already.
    """
    if fetcher is not None and is_web(uri):
        with going_out():
            return fetcher.get(uri)
    path = local_path(uri)
    if path is None:
        raise NotFound(f"The original of {uri} cannot be read back from its source.")
    look = _look_at(path)
    if look.found is None or not S_ISREG(look.found.st_mode):
        raise NotFound(
            f"The file {str(path)!r} is not there any more.",
            "Mount its drive; if it was moved, run `lookalike index` on its new place, then `lookalike forget` on the "
            "old.",
        )
    if version and look.is_link and version_of(look.found) != bytes_version(version):
        raise NotFound(
            f"{str(path)!r} is a link to another file than the one that was indexed.",
            "Run `lookalike index` on its folder to take that one in.",
        )
    return path


class _Look(Thread):
    """A look at a file, in a thread of its own: a drive that hangs keeps whoever looks there waiting for ever."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="look", daemon=True)
        self.is_link = False
        self.found: os.stat_result | None = None
        self._path = path
        self._until = monotonic() + _LOOK_S

    def wait(self) -> None:
        """Wait until it comes back, or has taken too long, while others have the turn."""
        with waiting():
            self.join(max(0.0, self._until - monotonic()))

    def run(self) -> None:
        with suppress(OSError, ValueError):  # a drive that has gone says so in many ways
            self.is_link, self.found = self._path.is_symlink(), self._path.stat()


_hanging: dict[Path, _Look] = {}
"""The last look into each folder that takes long: until it comes back, no other is begun there, and whoever comes
waits for that one, but nobody once it has taken too long."""


def _look_at(path: Path) -> _Look:
    """Look at a file, while others have the turn if it takes long.

    Raises:
        Unreachable: the drive says nothing.
    """
    before = _hanging.get(path.parent)
    if before is not None and before.is_alive():
        before.wait()
    if before is None or not before.is_alive():
        _hanging.pop(path.parent, None)
        look = _Look(path)
        look.start()
        look.join(_SOON_S)
        if look.is_alive():
            _hanging[path.parent] = look
            look.wait()
        if not look.is_alive():
            return look
    raise Unreachable(f"The drive of {str(path)!r} does not answer.", "Mount it anew, or try again in a while.")

"""Where are the bytes of a picture that the gallery knows?"""

from pathlib import Path
from stat import S_ISREG

from lookalike.errors import NotFound
from lookalike.fetch import Fetcher
from lookalike.sources.files import version_of
from lookalike.threads import going_out
from lookalike.types import local_path


def open_original(uri: str, fetcher: Fetcher | None = None, *, version: str = "") -> Path | bytes:
    """Give the local file, or the bytes, of a record's uri; those of a URL where there is a fetcher.

    With `version`, the record's, a link is followed only to the file that it led to when it was indexed.

    Raises:
        NotFound: the file has moved or gone, its drive does not answer, or this kind of uri cannot be read back.
        Unreachable, TooLarge: as `Fetcher.get` says.
        Overloaded: many wait for other sites already.
    """
    if fetcher is not None and uri.startswith(("http://", "https://")):
        with going_out():
            return fetcher.get(uri)
    path = local_path(uri)
    if path is None:
        raise NotFound(f"The original of {uri} cannot be read back from its source.")
    gone = NotFound(
        f"The file {str(path)!r} is not there any more.",
        "Mount its drive; if it was moved, run `lookalike index` on its new place, then `lookalike forget` on the old.",
    )
    try:
        is_link, found = path.is_symlink(), path.stat()
    except (OSError, ValueError) as error:  # a drive that does not answer says so in many ways
        raise gone from error
    if not S_ISREG(found.st_mode):
        raise gone
    if version and is_link and version_of(found) != version.partition(" ")[0]:
        raise NotFound(
            f"{str(path)!r} is a link to another file than the one that was indexed.",
            "Run `lookalike index` on its folder to take that one in.",
        )
    return path

"""Do the parts work? Formats and store."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from lookalike.cli.checkup.finding import Finding
from lookalike.cli.checkup.samples import COLOUR, make_sample
from lookalike.cli.terminal import plural
from lookalike.decode import Fit
from lookalike.decode.formats import FORMATS
from lookalike.errors import LookalikeError, NotFound
from lookalike.gallery import Gallery, OnServer, open_gallery

if TYPE_CHECKING:
    from lookalike.library import Lookalike

_SOUND_SQLITE = (3, 51, 3)
"""Older ones may corrupt a database when its write-ahead log is reset. Source: https://sqlite.org/wal.html#walresetbug"""
_COLOUR_TOLERANCE = 12
"""Of 255, in each channel: what lossy formats at their default quality may change in a plain area."""
_RESTORE = (
    "First move it away, and with it the files of its name and -wal or -shm, which hold changes to it; "
    "then put the last backup there, or begin anew."
)


def check_formats(library: "Lookalike") -> Iterator[Finding]:
    """Decode a sample of each format in a worker, as any picture is."""
    for name in FORMATS:
        try:
            decoded = library.decoder.decode(make_sample(name), Fit(size=32, mode="inside"))
        except (LookalikeError, OSError, KeyError) as error:
            yield Finding(state="error", subject=name, what=f"cannot be read: {error}", fix="Install Lookalike again.")
            continue
        off = np.abs(decoded.pixels.mean((0, 1)) - COLOUR).max()
        if name != "raw" and off > _COLOUR_TOLERANCE:
            yield Finding(state="error", subject=name, what=f"colours come out wrong, by {off:.0f} of 255")
        else:
            yield Finding(state="ok", subject=name, what="can be read")


def check_store(library: "Lookalike") -> Iterator[Finding]:
    """Look at SQLite, and at the gallery where there is one."""
    import apsw

    version = apsw.sqlite_lib_version()
    sound = tuple(int(part) for part in version.split(".")) >= _SOUND_SQLITE
    yield Finding(
        state="ok" if sound else "error",
        subject="sqlite",
        what=version if sound else f"{version} may damage galleries",
        fix="" if sound else "Run `pip install --upgrade apsw`.",
    )
    try:
        if isinstance(library.gallery, OnServer):
            yield Finding(state="ok", subject="server", what=library.gallery.server)
            yield from map(_outgrown, library.gallery.outgrown())
        yield from _damage("gallery", library.gallery)
    except NotFound:
        yield Finding(state="ok", subject="gallery", what=f"none at {library.gallery_name} yet")
    if library.blocked.exists():
        with open_gallery(library.blocked, create=False) as blocked:
            yield from _damage("block list", blocked)


def _outgrown(space: str) -> Finding:
    return Finding(
        state="warning",
        subject="server",
        what=f"each search compares all vectors of {space}, which are too many for that",
        fix="Move the gallery with `lookalike copy` to another name, with ?pictures= in its URL.",
    )


def _damage(subject: str, gallery: Gallery) -> Iterator[Finding]:
    damage = gallery.check()
    on_server = isinstance(gallery, OnServer)
    fix = "" if on_server else _RESTORE
    for finding in damage:
        yield Finding(state="error", subject=subject, what=finding, fix=fix)
    if not damage:
        yield Finding(state="ok", subject=subject, what=f"{plural(gallery.count(), 'picture')} in {gallery.url}, sound")

"""What changed in these folders since a moment ago?"""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from watchfiles import watch

from lookalike.sources.folder import FolderSource

_SETTLE_MS = 1_000
"""A file that is being copied changes many times; wait until it has been quiet for this long."""


def watch_folders(everything: FolderSource, stop: Event | None = None) -> Iterator[FolderSource]:
    """Yield everything once, then, for ever, a source of just what appeared, changed or vanished.

    The first source is yielded when watching has begun, so that nothing falls between listing and watching.
    Ends when `stop` is set.

    Raises:
        NotFound: one of the paths is not there.
    """
    next(everything.items(), None)  # raises where a path is missing
    while True:
        try:
            yield from _changes(everything, stop)
        except RuntimeError as error:
            # watchfiles stops at a name that is no UTF-8; all it can be made to say is that something changed.
            if "decode path" not in str(error):
                raise
        else:
            return


def _changes(everything: FolderSource, stop: Event | None) -> Iterator[FolderSource]:
    started = False
    for changes in watch(
        *everything.roots,
        watch_filter=None,
        debounce=_SETTLE_MS * 5,
        step=_SETTLE_MS,
        rust_timeout=500,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if not started:
            started = True
            yield everything
        part = everything.only(Path(path) for _, path in changes)
        if part.prefixes:
            yield part

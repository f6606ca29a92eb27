"""What does it mean when a folder for models cannot be written?"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.errors import MachineError

FULL = {errno.ENOSPC, errno.EDQUOT}
"""Numbers of errors that say: there is no room."""


@contextmanager
def telling_disk(folder: Path, elsewhere: str = "") -> Iterator[None]:
    """Turn what the disk raises that holds a folder into our errors; `elsewhere` says how to choose another one.

    Raises:
        MachineError: it is full, or nothing can be written there.
    """
    try:
        yield
    except BrokenPipeError:  # of whoever is told how far it is
        raise
    except OSError as error:
        reason = f"{folder} cannot be written: {error.strerror or error}."
        if error.errno in FULL:
            raise MachineError(reason, _joined("Make room", elsewhere, "on a larger disk")) from None
        raise MachineError(reason, _joined("Correct its rights", elsewhere, "that you may write to")) from None


def _joined(here: str, elsewhere: str, of_which_kind: str) -> str:
    return f"{here}, or {elsewhere} {of_which_kind}." if elsewhere else f"{here}."

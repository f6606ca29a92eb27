"""How is work held back, so that no more pictures a second are begun than wanted? Until nobody wants any more of it."""

import time
from math import inf
from threading import Event

from lookalike.errors import BadInput

_BATCH = 16
_LOOK_S = 0.5
"""How often whoever interrupts is heard on Windows, where a wait does not end by Ctrl-C."""


class Pace:
    """Says when the next batch may begin."""

    def __init__(self, throttle: float | None = None, stopped: Event | None = None) -> None:
        """Begin no more than `throttle` pictures a second, or as many as go; once `stopped` is set, nothing waits.

        Raises:
            BadInput: as `require_pace` says.
        """
        require_pace(throttle)
        self.rate = throttle
        self.batch = _BATCH if throttle is None else max(1, min(_BATCH, int(throttle)))
        """Pictures in a batch: few where one a second would otherwise mean a long silence."""
        self._stopped = stopped or Event()
        self._due = time.monotonic()

    def wait(self, count: int) -> None:
        """Wait until so many may be begun."""
        if self.rate is not None:
            while (left_s := self._due - time.monotonic()) > 0 and not self._stopped.wait(min(left_s, _LOOK_S)):
                pass
            self._due = max(self._due, time.monotonic()) + count / self.rate


def require_pace(throttle: float | None) -> None:
    """Refuse a throttle that is none.

    Raises:
        BadInput: it is not more than 0, or has no end.
    """
    if throttle is not None and not 0 < throttle < inf:
        raise BadInput(f"The throttle is {throttle:g}.", "Give the pictures a second, more than 0; or leave it away.")

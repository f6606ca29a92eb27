"""Which answers were given to requests that may come again? Kept for a day, across restarts, and not too many.

An answer that promises a job is good as long as there are jobs: until the service ends, and for this service alone.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.service.ledger import Ledger

_PROMISED = 202
_KEEP_S = 86_400
_MOST = 5_000
MAX_ANSWER_BYTES = 1_000_000
"""A longer answer is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """An answer, and to which request it was given."""

    request: str
    """Digest of the request's method, address and body."""
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Replays:
    """The answers that may be given again, by key. May be shared by threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._lasting, self._passing = ledger, Ledger()

    def get(self, key: str) -> Replay | None:
        """Give the answer that was kept under a key.

        Raises:
            GalleryError: the ledger cannot be read.
        """
        return _found(key, self._passing) or _found(key, self._lasting)

    def put(self, key: str, replay: Replay) -> None:
        """Keep an answer, and let go of old ones.

        Raises:
            GalleryError: the ledger cannot be written.
        """
        _keep(key, replay, self._passing if replay.status == _PROMISED else self._lasting)


def _found(key: str, ledger: Ledger) -> Replay | None:
    with ledger.transaction() as connection:
        row = connection.execute(
            "SELECT body, status, headers, answer FROM replays WHERE key = ? AND kept > ?",
            (key, time.time() - _KEEP_S),
        ).fetchone()
    if row is None:
        return None
    request, status, headers, body = row
    return Replay(request=request, status=status, headers=[(a, b) for a, b in json.loads(headers)], body=body)


def _keep(key: str, replay: Replay, ledger: Ledger) -> None:
    now = time.time()
    row = (key, replay.request, now, replay.status, json.dumps(list(replay.headers)), replay.body)
    with ledger.transaction() as connection:
        connection.execute("DELETE FROM replays WHERE kept <= ?", (now - _KEEP_S,))
        connection.execute("INSERT OR REPLACE INTO replays VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.execute(
            "DELETE FROM replays WHERE key IN (SELECT key FROM replays ORDER BY kept DESC LIMIT -1 OFFSET ?)",
            (_MOST,),
        )

"""How far is a piece of work, and what happened so far?"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from secrets import token_hex
from threading import Event as Flag
from threading import RLock
from typing import Any

from lookalike.service.problems import Problem
from lookalike.service.wordings import Wording, wording_of
from lookalike.types import Ingested, Outcome
from lookalike.uris import uri_path

_EVENTS = 500
"""Events that wait for a watcher who comes back; whoever misses more learns the sum from the next progress."""
_COMING = 20_000
"""Events that wait for a watcher who is there: when a batch is stored or a folder has vanished, many come at once."""
_FACTS = (
    *("id", "kind", "about", "state", "created_at", "started_at", "ended_at"),
    *("done", "failed", "total", "detail", "fix", "wording", "problem"),
)
_TELL_S = 0.25
"""How often watchers hear how far it is."""


class JobKind(StrEnum):
    """What kind of work it is."""

    INDEX = "index"
    RETRY = "retry"
    CAPTION = "caption"
    REENCODE = "reencode"
    DUPLICATES = "duplicates"
    APPLY = "apply"
    UNDO = "undo"


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, numbered from 1 within its job."""

    number: int
    kind: str
    """`progress`, `outcome`, or `done`, which is the last."""
    data: Mapping[str, Any]


class Job:
    """A piece of work. Whoever does it says how far it is; any thread may ask and cancel."""

    def __init__(self, kind: JobKind, about: str, name: str = "") -> None:
        """Begin to wait; `about` says in a few words what is worked on, `name` which work it is and no other."""
        self.id = token_hex(8)
        self.name = name
        self.kind = kind
        self.about = about
        self.state = JobState.WAITING
        self.created_at = datetime.now(UTC)
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.done = 0
        self.failed = 0
        self.total: int | None = None
        """How much there is to do; None while nobody knows."""
        self.counts: Counter[str] = Counter()
        self.detail = ""
        """What went wrong; empty where nothing did."""
        self.fix = ""
        self.wording: Wording | None = None
        """What `detail` says."""
        self.problem = ""
        """Which kind of problem that is, as its `type` says."""
        self.cancelled = Flag()
        """Set when somebody wants the work to stop."""
        self._events: deque[Event] = deque(maxlen=_EVENTS)
        self._watchers: list[deque[Event]] = []
        """What each has not taken yet."""
        self._number = 0
        self._told_at = 0.0
        self._lock = RLock()

    def start(self) -> None:
        """Note that the work begins."""
        self.state, self.started_at = JobState.RUNNING, datetime.now(UTC)
        self._add("progress", self.facts())

    def add(self, outcome: str, facts: Mapping[str, Any] | None = None, *, failed: bool = False) -> None:
        """Note that one thing more is done; watchers hear what became of it where facts are given.

        They get what a `reason` among the facts says, too, for those who say it in other words.
        """
        self.counts[outcome] += 1
        self.failed += failed
        self.done += outcome != Outcome.REMOVED  # which no listing counted
        if facts is not None:
            wording = wording_of(facts.get("reason", ""))
            self._add("outcome", {**facts, "wording": wording and wording.model_dump()})
        if time.monotonic() - self._told_at >= _TELL_S:
            self._told_at = time.monotonic()
            self._add("progress", self.facts())

    def add_ingested(self, one: Ingested) -> None:
        """Note what became of one picture; of those unchanged only how many there were."""
        facts = {"uri": one.uri, "path": uri_path(one.uri), "outcome": one.outcome, "reason": one.reason, "id": one.id}
        said = None if one.outcome is Outcome.UNCHANGED else facts
        self.add(one.outcome, said, failed=one.outcome.failed)

    def end(self, state: JobState, problem: Problem | None = None) -> None:
        """Note that the work is over, and what went wrong if it failed."""
        if problem is not None:
            self.detail, self.fix, self.problem = problem.detail, problem.fix, problem.type
            self.wording = problem.wording
        self.ended_at = datetime.now(UTC)
        with self._lock:  # whoever sees that it is over finds this event, too
            self.state = state
            self._add("done", self.facts())

    def facts(self) -> dict[str, Any]:
        """Give all that is known of it."""
        facts = {name: getattr(self, name) for name in _FACTS}
        return facts | {"counts": dict(self.counts)}

    def events_after(self, number: int) -> list[Event]:
        """Give what happened after an event, as far as it is still kept."""
        with self._lock:
            return [event for event in self._events if event.number > number]

    @contextmanager
    def watched(self, number: int) -> Iterator[Callable[[], list[Event]]]:
        """Let somebody ask again and again what happened after an event, and then since they asked last."""
        with self._lock:
            coming = deque(self.events_after(number), maxlen=_COMING)
            self._watchers.append(coming)

        def take() -> list[Event]:
            with self._lock:
                taken = list(coming)
                coming.clear()
            return taken

        try:
            yield take
        finally:
            with self._lock:
                self._watchers = [one for one in self._watchers if one is not coming]

    def _add(self, kind: str, data: Mapping[str, Any]) -> None:
        with self._lock:
            self._number += 1
            event = Event(self._number, kind, data)
            for events in (self._events, *self._watchers):
                events.append(event)

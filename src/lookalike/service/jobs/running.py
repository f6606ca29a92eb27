"""Which jobs are there, and whose turn is it? One of a kind works at a time; the others wait, and not too many."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from lookalike.errors import LookalikeError, NotFound, Overloaded
from lookalike.service.jobs.job import Job, JobKind, JobState
from lookalike.service.problems import SURPRISE, problem_of

_KEPT = 50
"""Jobs that are over and still listed."""
_WAITING = 16

_LANE = {
    JobKind.INDEX: "index",
    JobKind.RETRY: "index",
    JobKind.CAPTION: "caption",
    JobKind.REENCODE: "reencode",
    JobKind.DUPLICATES: "duplicates",
    JobKind.APPLY: "duplicates",
    JobKind.UNDO: "duplicates",
}
"""Kind → what may not be worked on twice at a time."""

Work = Callable[[Job], None]
"""Does a job; it looks at `job.cancelled` often, and returns early when that is set."""

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one service, newest first. May be shared by threads; `close` asks all of them to stop."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lanes: dict[str, deque[tuple[Job, Work]]] = {}
        """What waits, in the order of its turn."""
        self._threads: list[Thread] = []
        self._lock = Condition()
        self.closed = False
        """Whether the service ends, so that nobody needs to watch any longer."""
        self._waits_until = 0.0
        self.watchers = 0
        """How many watch; belongs to the event loop."""

    def __iter__(self) -> Iterator[Job]:
        """Give the jobs, the newest first."""
        with self._lock:
            return iter(list(reversed(self._jobs.values())))

    def get(self, id_: str) -> Job:
        """Give a job.

        Raises:
            NotFound: there is none of that id, or not any more.
        """
        with self._lock:
            if id_ not in self._jobs:
                raise NotFound(f"There is no job {id_[:64]!r}.", f"The last {_KEPT} are kept, until the service ends.")
            return self._jobs[id_]

    def under_way(self, name: str) -> Job | None:
        """Give the job of that name that waits or works, and shall; None where there is none, or no name."""
        with self._lock:
            named = (job for job in self._jobs.values() if name and job.name == name)
            return next((job for job in named if not (job.state.is_over or job.cancelled.is_set())), None)

    def submit(self, kind: JobKind, about: str, work: Work, *, name: str = "") -> Job:
        """Have work done when its turn comes; where a job of the same name is under way, give that one.

        Raises:
            Overloaded: too many wait already, or the service ends.
        """
        with self._lock:
            if (doing := self.under_way(name)) is not None:
                return doing
            if self.closed:
                raise Overloaded("The service is ending.", "Ask again when it is back.")
            waiting = sum(map(len, self._lanes.values()))
            if waiting >= _WAITING:
                raise Overloaded(f"{waiting} jobs are waiting already.", "Wait for one to end, or cancel one.")
            job = self._list(Job(kind, about, name))
            self._lane(_LANE[kind]).append((job, work))
            self._lock.notify_all()
        return job

    @contextmanager
    def listed(self, kind: JobKind, about: str) -> Iterator[Job]:
        """List work that the caller does in this very block."""
        with self._lock:
            job = self._list(Job(kind, about))
            job.start()
        with _ending(job):
            yield job

    def cancel(self, id_: str) -> Job:
        """Ask a job to stop; one that waits is over at once, one that is over stays as it is.

        Raises:
            NotFound: as `get` says.
        """
        job = self.get(id_)
        with self._lock:
            job.cancelled.set()
            if job.state is JobState.WAITING:
                job.end(JobState.CANCELLED)
                lane = self._lanes[_LANE[job.kind]]
                lane.remove(next(entry for entry in lane if entry[0] is job))
        return job

    def close(self, wait_s: float = 5.0) -> None:
        """Ask all jobs to stop, and wait until they have: for so long in all, also if asked more than once."""
        with self._lock:
            if not self.closed:
                self.closed, self._waits_until = True, time.monotonic() + wait_s
            for job in self._jobs.values():
                job.cancelled.set()
                if job.state is JobState.WAITING:
                    job.end(JobState.CANCELLED)
            for lane in self._lanes.values():
                lane.clear()
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(max(0.0, self._waits_until - time.monotonic()))

    def _list(self, job: Job) -> Job:
        self._jobs[job.id] = job
        over = [one.id for one in self._jobs.values() if one.state.is_over]
        for id_ in over[: max(0, len(over) - _KEPT)]:
            del self._jobs[id_]
        return job

    def _lane(self, name: str) -> deque[tuple[Job, Work]]:
        if name not in self._lanes:
            self._lanes[name] = deque()
            # Daemons: a picture that takes long to look at must not keep the program from ending.
            self._threads.append(Thread(target=self._drive, args=(self._lanes[name],), daemon=True, name=f"job-{name}"))
            self._threads[-1].start()
        return self._lanes[name]

    def _next(self, lane: deque[tuple[Job, Work]]) -> tuple[Job, Work] | None:
        """Wait for the next turn, and begin it; None when the service ends."""
        with self._lock:
            self._lock.wait_for(lambda: lane or self.closed)
            if not lane:
                return None
            job, work = lane.popleft()
            job.start()
            return job, work

    def _drive(self, lane: deque[tuple[Job, Work]]) -> None:
        while self._take_turn(lane):
            pass

    def _take_turn(self, lane: deque[tuple[Job, Work]]) -> bool:
        """Do what is next, and keep nothing of it: what a job works with may be large; False when the service ends."""
        turn = self._next(lane)
        if turn is None:
            return False
        job, work = turn
        try:
            with _ending(job):
                work(job)
        except LookalikeError:
            pass  # whoever watches the job has been told
        except BaseException:  # noqa: BLE001 - whatever it is, a library's panic, too, the next job must have its turn
            if not self.closed:  # else the parts were closed under it
                _log.exception("The job %s (%s) failed.", job.id, job.kind)
        return True


@contextmanager
def _ending(job: Job) -> Iterator[None]:
    """Note on a job how its work ends."""
    try:
        yield
    except LookalikeError as error:
        job.end(JobState.FAILED, problem_of(error))
        raise
    except BaseException:
        job.end(JobState.FAILED, SURPRISE)
        raise
    job.end(JobState.CANCELLED if job.cancelled.is_set() else JobState.DONE)

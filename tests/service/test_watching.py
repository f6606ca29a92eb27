"""Does a watcher hear of a job while it works, and let go when the service ends?"""

import time
from threading import Event, Thread

import httpx2
import pytest

from lookalike.errors import Overloaded
from lookalike.service import BoundServer, create_app
from lookalike.service.jobs import Job, JobKind, Jobs, JobState
from lookalike.service.jobs.watching import watch

pytestmark = pytest.mark.slow


@pytest.fixture
def live(parts):
    """A service on a real socket, and the server that it is behind."""
    app = create_app(parts)
    server = BoundServer(app)
    thread = Thread(target=server.run)
    thread.start()
    assert server.ready.wait(20)
    yield app.state.service.jobs, server
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_events_come_while_the_work_goes_on_and_the_stream_ends_with_it(live):
    jobs, server = live
    go, came = Event(), []

    def work(job) -> None:
        for number in range(3):
            job.add("added", {"n": number})
        go.wait(20)

    job = jobs.submit(JobKind.INDEX, "x", work)
    with httpx2.stream("GET", f"{server.url}v1/jobs/{job.id}/events", timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        for line in answer.iter_lines():
            came.append(line)
            if came.count("event: outcome") == 3:
                go.set()
    assert "event: done" in came
    assert came.index("event: done") > came.index("event: outcome")


def test_whoever_watches_hears_of_every_outcome_though_many_come_at_once(live):
    jobs, server = live
    go, told = Event(), []

    def work(job) -> None:
        go.wait(20)
        for number in range(3_000):
            job.add("added", {"n": number})

    job = jobs.submit(JobKind.INDEX, "x", work)
    with httpx2.stream("GET", f"{server.url}v1/jobs/{job.id}/events", timeout=20) as answer:
        for line in answer.iter_lines():
            go.set()  # on the first that is heard
            told.append(line)
    numbers = [int(line.removeprefix("id: ")) for line in told if line.startswith("id: ")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert told.count("event: outcome") == 3_000


def test_a_stream_without_events_is_kept_alive(live, monkeypatch):
    jobs, server = live
    monkeypatch.setattr("lookalike.service.jobs.watching._HEARTBEAT_S", 0.2)
    job = jobs.submit(JobKind.INDEX, "x", lambda job: job.cancelled.wait(100) and None)
    with httpx2.stream("GET", f"{server.url}v1/jobs/{job.id}/events", timeout=20) as answer:
        assert any(line.startswith(":") for line in answer.iter_lines())
    httpx2.delete(f"{server.url}v1/jobs/{job.id}")


def test_a_service_that_ends_lets_its_watchers_go(live):
    jobs, server = live
    lines: list[str] = []
    job = jobs.submit(JobKind.INDEX, "x", lambda job: job.cancelled.wait(30) and None)

    def listen() -> None:
        with httpx2.stream("GET", f"{server.url}v1/jobs/{job.id}/events", timeout=30) as answer:
            lines.extend(answer.iter_lines())

    watcher = Thread(target=listen)
    watcher.start()
    while jobs.watchers == 0:
        time.sleep(0.02)
    began = time.monotonic()
    server.stop()
    watcher.join(20)
    assert time.monotonic() - began < 8
    assert jobs.watchers == 0
    assert job.state == "cancelled"


def test_whoever_sees_that_a_job_is_over_finds_its_last_event():
    seen = []

    class Watched(Job):
        def facts(self):
            if self.state.is_over:
                watcher.start()
                watcher.join(0.2)
            return super().facts()

    def watch():
        is_over = job.state.is_over
        seen.append((is_over, [event.kind for event in take()]))

    job, watcher = Watched(JobKind.INDEX, "a"), Thread(target=watch)
    with job.watched(0) as take:
        job.end(JobState.DONE)
        watcher.join(20)
    assert seen == [(True, ["done"])]


def test_too_many_watchers_are_told_to_come_back():
    jobs = Jobs()
    jobs.watchers = 100
    with jobs.listed(JobKind.INDEX, "x") as job, pytest.raises(Overloaded):
        watch(jobs, job, "")

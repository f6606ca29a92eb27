"""Does work in the background tell how far it is, end when asked to, and never work where it may not?"""

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event, Semaphore
from weakref import ref

import httpx2
import pytest

from lookalike.describing import Edit
from lookalike.errors import GalleryError, Overloaded
from lookalike.gallery.filters import parse_filter
from lookalike.service import Parts
from lookalike.service.jobs import JobKind, Jobs, JobState
from lookalike.testing import ColourCaptioner, picture_bytes


def wait(client, id_: str) -> dict:
    """A job when it is over."""
    for _ in range(1_500):
        job = client.get(f"/v1/jobs/{id_}").json()
        if job["state"] not in {"waiting", "running"}:
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def events(text: str) -> list[tuple[int, str, dict]]:
    """The events of a stream."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


@pytest.fixture
def rooted(parts, photos, calling):
    """A caller who may have the photos indexed."""
    with calling(replace(parts, index_roots=(photos,))) as client:
        yield client


@pytest.mark.slow
def test_a_folder_is_indexed_and_its_events_tell_of_each_picture(rooted, photos):
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    job = rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos)})
    assert job.status_code == 202, job.text
    ended = wait(rooted, job.json()["id"])
    assert (ended["state"], ended["done"], ended["failed"], ended["total"]) == ("done", 11, 1, 11)
    assert ended["counts"] == {"added": 10, "unreadable": 1}
    told = events(rooted.get(f"/v1/jobs/{ended['id']}/events").text)
    assert [number for number, *_ in told] == list(range(1, len(told) + 1))
    assert [one["outcome"] for _, kind, one in told if kind == "outcome"].count("added") == 10
    assert told[-1][1] == "done"
    assert told[-1][2] == ended
    assert rooted.get("/v1/info").json()["images"] == 10
    assert rooted.get("/v1/jobs").json()["jobs"] == [ended]


@pytest.mark.slow
def test_a_drive_that_hangs_keeps_jobs_waiting_and_nothing_else(parts, photos, serving, monkeypatch):
    hung, go_on = Semaphore(0), Event()

    def resolve(path: Path) -> Path:
        hung.release()
        go_on.wait(60)
        return path

    def ask(_: int) -> int:
        return httpx2.post(f"{server.url}v1/jobs", json={"kind": "index", "path": str(photos)}, timeout=60).status_code

    with serving(replace(parts, index_roots=(photos,))) as server, ThreadPoolExecutor(50) as callers:
        monkeypatch.setattr(Path, "resolve", resolve)
        answers = callers.map(ask, range(50))
        for _ in range(4):
            assert hung.acquire(timeout=20)
        try:
            assert httpx2.get(f"{server.url}v1/images/unknown", timeout=20).status_code == 404
        finally:
            go_on.set()
        assert set(answers) <= {202, 503}


@pytest.mark.slow
def test_a_folder_of_an_odd_name_behind_a_link_is_indexed_and_jobs_are_listed_as_ever(rooted, photos):
    odd = photos / os.fsdecode(b"odd \xff")
    (photos / "holiday").rename(odd)
    (photos / "link").symlink_to(odd)
    job = rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos / "link")})
    assert job.status_code == 202, job.text
    assert wait(rooted, job.json()["id"])["counts"] == {"added": 3}
    (listed,) = rooted.get("/v1/jobs").json()["jobs"]
    assert listed["about"] == f"{photos}/odd �"


@pytest.mark.slow
def test_a_watcher_who_comes_back_gets_only_what_happened_since(rooted, photos):
    job = rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos / "holiday")}).json()
    wait(rooted, job["id"])
    told = events(rooted.get(f"/v1/jobs/{job['id']}/events").text)
    again = events(rooted.get(f"/v1/jobs/{job['id']}/events", headers={"last-event-id": str(told[-2][0])}).text)
    assert again == told[-1:]
    odd = rooted.get(f"/v1/jobs/{job['id']}/events", headers={"last-event-id": b"\xb2"})
    assert events(odd.text) == told


@pytest.mark.parametrize("path", ["/etc", "/", "relative", "{photos}/..", "{photos}/link", "{photos}\0"])
def test_nothing_outside_of_the_roots_is_indexed_and_nobody_learns_what_is_there(rooted, photos, path, problem):
    (photos / "link").symlink_to("/etc")
    said = problem(rooted.post("/v1/jobs", json={"kind": "index", "path": path.format(photos=photos)}), 403)
    assert "index_roots" in said["fix"]
    missing = problem(rooted.post("/v1/jobs", json={"kind": "index", "path": "/no/such"}), 403)
    assert said["type"] == missing["type"]


@pytest.mark.slow
def test_a_link_that_leads_out_of_the_roots_is_not_followed(rooted, photos, tmp_path):
    (tmp_path / "private.png").write_bytes(picture_bytes(77))
    (photos / "holiday" / "link.png").symlink_to(tmp_path / "private.png")
    ended = wait(rooted, rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos / "holiday")}).json()["id"])
    assert ended["counts"] == {"added": 3, "unreachable": 1}
    (failure,) = rooted.get("/v1/failures").json()["failures"]
    assert "leads out" in failure["reason"]
    retried = wait(rooted, rooted.post("/v1/failures/retry").json()["id"])
    assert retried["counts"] == {"unreachable": 1}


def test_a_path_that_is_not_there_is_said_at_once(rooted, photos, problem):
    problem(rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos / "no")}), 404, says="no file or folder")


def test_without_roots_nothing_is_indexed(client, photos, problem):
    problem(client.post("/v1/jobs", json={"kind": "index", "path": str(photos)}), 403)


@pytest.mark.parametrize(
    "body", ["{}", '{"kind":"sing"}', '{"kind":"index"}', '{"kind":"index","path":"/","more":1}', "[]", "{", "\xff"]
)
def test_a_job_that_is_none_is_refused(client, body, problem):
    answer = client.post("/v1/jobs", content=body.encode("latin-1"), headers={"content-type": "application/json"})
    problem(answer, 400)


def test_a_job_in_another_form_is_refused(client, problem):
    problem(client.post("/v1/jobs", data={"kind": "index"}), 415)


def test_an_unknown_job_is_a_problem(client, problem):
    for answer in (client.get("/v1/jobs/x"), client.delete("/v1/jobs/x"), client.get("/v1/jobs/x/events")):
        problem(answer, 404)


@pytest.mark.slow
def test_what_failed_is_listed_and_tried_again(rooted, photos):
    broken = photos / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff broken")
    (photos / "worse.jpg").write_bytes(b"nothing")
    wait(rooted, rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos)}).json()["id"])
    page = rooted.get("/v1/failures", params={"limit": 1}).json()
    assert (page["total"], [one["path"] for one in page["failures"]]) == (2, [str(broken)])
    rest = rooted.get("/v1/failures", params={"cursor": page["cursor"]}).json()
    assert ([one["outcome"] for one in rest["failures"]], rest["cursor"]) == (["unreadable"], "")
    broken.write_bytes(picture_bytes(50))
    ended = wait(rooted, rooted.post("/v1/failures/retry").json()["id"])
    assert (ended["kind"], ended["counts"]) == ("retry", {"added": 1, "unreadable": 1})
    assert rooted.get("/v1/failures").json()["total"] == 1


@pytest.fixture
def jobs():
    """Jobs that end with the test."""
    with ExitStack() as held:
        made = Jobs()
        held.callback(made.close)
        yield made


def over(job) -> JobState:
    for _ in range(2_000):
        if job.state.is_over:
            return job.state
        time.sleep(0.01)
    return job.state


def test_one_of_a_kind_works_at_a_time_and_others_beside_it(jobs):
    begun, go = Event(), Event()

    def work(_) -> None:
        begun.set()
        go.wait(20)

    first = jobs.submit(JobKind.INDEX, "a", work)
    assert begun.wait(20)
    second = jobs.submit(JobKind.RETRY, "b", lambda _: None)
    other = jobs.submit(JobKind.DUPLICATES, "c", lambda _: None)
    assert over(other) is JobState.DONE
    assert (first.state, second.state) == (JobState.RUNNING, JobState.WAITING)
    go.set()
    assert over(second) is JobState.DONE
    assert [job.id for job in jobs] == [other.id, second.id, first.id]


def test_a_job_that_is_cancelled_stops_and_one_that_waits_never_begins(jobs):
    done: list[str] = []
    first = jobs.submit(JobKind.INDEX, "a", lambda job: job.cancelled.wait(20) and None)
    second = jobs.submit(JobKind.INDEX, "b", lambda _: done.append("b"))
    assert jobs.cancel(second.id).state is JobState.CANCELLED
    jobs.cancel(first.id)
    assert over(first) is JobState.CANCELLED
    third = jobs.submit(JobKind.INDEX, "c", lambda _: done.append("c"))
    assert over(third) is JobState.DONE
    assert done == ["c"]
    assert jobs.cancel(third.id).state is JobState.DONE


def test_a_job_that_is_cancelled_while_it_waits_leaves_the_queue_with_all_that_it_held(jobs):
    def work(_, held=frozenset({"much"})):
        pass

    go = Event()
    jobs.submit(JobKind.INDEX, "a", lambda _: go.wait(20) and None)
    held = ref(work)
    waiting = [jobs.submit(JobKind.INDEX, "b", work) for _ in range(3)]
    del work
    for job in waiting[:2]:
        jobs.cancel(job.id)
    assert held() is not None
    jobs.cancel(waiting[2].id)
    assert held() is None
    go.set()


def test_nothing_is_held_of_a_job_that_is_over(jobs):
    def work(_, held=frozenset({"much"})):
        pass

    held, job = ref(work), jobs.submit(JobKind.INDEX, "a", work)
    del work
    assert over(job) is JobState.DONE
    for _ in range(500):
        if held() is None:
            break
        time.sleep(0.01)
    assert held() is None


@pytest.mark.slow
def test_jobs_that_do_not_stop_are_waited_for_no_longer_than_one_would_be(jobs):
    go = Event()
    for kind in (JobKind.INDEX, JobKind.CAPTION, JobKind.REENCODE, JobKind.DUPLICATES):
        jobs.submit(kind, "a", lambda _: go.wait(20) and None)
    since = time.monotonic()
    for _ in range(5):
        jobs.close(wait_s=2)
    assert time.monotonic() - since < 7
    go.set()


def test_a_job_that_fails_says_why_and_the_next_goes_on(jobs):
    def fail(job):
        raise GalleryError("The disk is full.", "Make room.")

    def break_(job):
        raise ZeroDivisionError("secret")

    failed, broken = jobs.submit(JobKind.INDEX, "a", fail), jobs.submit(JobKind.INDEX, "b", break_)
    assert over(broken) is JobState.FAILED
    assert (failed.state, failed.detail, failed.fix) == (JobState.FAILED, "The disk is full.", "Make room.")
    assert "secret" not in broken.detail + broken.fix


class Panic(BaseException):
    """What a library that is not written in Python may raise."""


@pytest.mark.parametrize("how", [Panic, SystemExit, KeyboardInterrupt])
def test_a_job_that_would_end_the_program_fails_and_the_next_goes_on(jobs, how):
    def panic(job):
        raise how

    failed, following = jobs.submit(JobKind.INDEX, "a", panic), jobs.submit(JobKind.INDEX, "b", lambda _: None)
    assert over(following) is JobState.DONE
    assert (failed.state, failed.problem) == (JobState.FAILED, "about:blank")


@pytest.mark.slow
def test_too_many_jobs_are_told_to_come_back_and_old_ones_are_forgotten(jobs):
    blocker = jobs.submit(JobKind.INDEX, "a", lambda job: job.cancelled.wait(10) and None)
    while blocker.state is JobState.WAITING:
        time.sleep(0.01)
    waiting = [jobs.submit(JobKind.INDEX, "b", lambda _: None) for _ in range(16)]
    with pytest.raises(Overloaded):
        jobs.submit(JobKind.INDEX, "c", lambda _: None)
    jobs.cancel(blocker.id)
    over(waiting[-1])
    for _ in range(80):
        over(jobs.submit(JobKind.DUPLICATES, "d", lambda _: None))
    assert len(list(jobs)) <= 51


def test_whoever_comes_while_the_service_ends_is_told_so(jobs):
    jobs.close()
    with pytest.raises(Overloaded, match="The service is ending"):
        jobs.submit(JobKind.INDEX, "a", lambda _: None)


def test_events_are_bounded_and_end_with_the_whole(jobs):
    def count(job):
        for n in range(3_000):
            job.add("added", {"n": n})

    job = jobs.submit(JobKind.INDEX, "a", count)
    over(job)
    kept = job.events_after(0)
    assert len(kept) == 500
    assert kept[-1].kind == "done"
    assert kept[-1].data["done"] == 3_000


@pytest.mark.slow
def test_whatever_is_in_a_name_stays_inside_its_event(rooted, photos):
    hostile = photos / "a\n\nevent: done\ndata: {}\n\n<script>.png"
    shutil.copy(photos / "picture-4.png", hostile)
    job = rooted.post("/v1/jobs", json={"kind": "index", "path": str(photos)}).json()
    wait(rooted, job["id"])
    told = events(rooted.get(f"/v1/jobs/{job['id']}/events").text)
    assert [kind for _, kind, _ in told].count("done") == 1
    assert str(hostile) in [one.get("path") for _, _, one in told]


@pytest.mark.slow
def test_pictures_are_captioned_again_but_for_what_people_wrote(filled, calling):
    first = filled.gallery.scan().records[0]
    filled.gallery.describe([first.id], Edit(caption="Grandma").apply)
    with calling(Parts(library=filled.library.changed(captioner=ColourCaptioner()))) as client:
        job = client.post("/v1/jobs", json={"kind": "caption", "where": "format:png"}).json()
        ended = wait(client, job["id"])
        pictures = filled.gallery.count(parse_filter("format:png"))
        assert (ended["state"], ended["total"], ended["failed"]) == ("done", pictures, 0)
        captioned = filled.gallery.scan(limit=100).records
        by_machine = [one for one in captioned if one.caption_source == ColourCaptioner().name]
        assert len(by_machine) == ended["counts"]["updated"]
        assert {one.format for one in by_machine} == {"png"}
        assert filled.gallery.get([first.id])[0].caption == "Grandma"
        again = wait(client, client.post("/v1/jobs", json={"kind": "caption"}).json()["id"])
        assert again["counts"]["unchanged"] == len(by_machine) + 1


def test_captions_that_nobody_can_write_are_refused_at_once(filled, calling):
    with calling(filled) as client:
        refused = client.post("/v1/jobs", json={"kind": "caption"})
        assert (refused.status_code, refused.json()["detail"]) == (400, "This service has no captioner.")
        assert client.post("/v1/jobs", json={"kind": "caption", "where": "("}).status_code == 400

"""Are duplicates found, planned, acted upon and put back over HTTP, and nothing that must not be touched?"""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from lookalike.errors import NotFound
from lookalike.keys import KeyFile
from lookalike.service.access import Access
from lookalike.service.duplicates.groups import Groups
from lookalike.service.duplicates.plans import make_plan
from lookalike.service.jobs import Job, JobKind
from lookalike.service.jobs.duplicates import forget_spares, look_for_groups, take_back
from lookalike.service.ledger import Ledger
from lookalike.service.parts import ServiceLimits
from lookalike.service.schemas import Deed, PlanRequest
from lookalike.service.schemas.jobs import DuplicatesRequest

pytestmark = pytest.mark.slow


def run(client, answer) -> dict:
    """A job that was started, when it is over."""
    assert answer.status_code == 202, answer.text
    while True:
        job = client.get(f"/v1/jobs/{answer.json()['id']}").json()
        if job["state"] not in {"waiting", "running"}:
            assert job["state"] == "done", job
            return job
        time.sleep(0.02)


@pytest.fixture
def able(parts, doubled, tmp_path):
    """A service that may act on the photos."""
    with Ledger(tmp_path / "ledger") as ledger:
        yield replace(parts, index_roots=(doubled,), ledger=ledger)


@pytest.fixture
def found(able, doubled, calling):
    """A caller of a service that has found the duplicates."""
    with calling(able) as client:
        run(client, client.post("/v1/jobs", json={"kind": "index", "path": str(doubled)}))
        run(client, client.post("/v1/jobs", json={"kind": "duplicates"}))
        yield client


def names(images: list[dict]) -> set[str]:
    return {image["path"].rpartition("/")[2] for image in images}


def test_before_anybody_looked_there_are_none(client, problem):
    problem(client.get("/v1/duplicates"), 404, says="duplicates")


def test_groups_are_listed_in_pages(found):
    page = found.get("/v1/duplicates", params={"limit": 1}).json()
    rest = found.get("/v1/duplicates", params={"limit": 1, "cursor": page["cursor"]}).json()
    groups = page["groups"] + rest["groups"]
    assert (page["total"], page["tiers"]) == (2, {"identical": 1, "edited": 1, "similar": 0})
    assert {(one["tier"], frozenset(names([one["keep"], *one["spare"]]))) for one in groups} == {
        ("identical", frozenset({"picture-4.png", "copy one.png", "copy two.png"})),
        ("edited", frozenset({"picture-5.png", "small.png"})),
    }
    assert all(spare["reason"] for one in groups for spare in one["spare"])


def test_pictures_that_were_compared_with_nothing_are_told_of(found, able, doubled):
    (doubled / "small.png").unlink()
    job = run(found, found.post("/v1/jobs", json={"kind": "duplicates"}))
    assert (job["failed"], job["counts"]) == (1, {"group": 1, "unreachable": 1})
    assert found.get("/v1/duplicates").json()["tiers"] == {"identical": 1, "edited": 0, "similar": 0}


def test_groups_are_there_by_the_time_that_it_is_told_what_was_compared_with_nothing(able, found, doubled):
    class Watched(Job):
        def add(self, outcome, *given, **facts):
            super().add(outcome, *given, **facts)
            if outcome == "unreachable":
                seen.append(groups.finding())

    (doubled / "small.png").unlink()
    groups, job, seen = Groups(able.ledger), Watched(JobKind.DUPLICATES, ""), []
    look_for_groups(able, groups, DuplicatesRequest(kind="duplicates"))(job)
    assert [one.job for one in seen] == [job.id]


def test_groups_of_one_tier_are_listed_apart(found, problem):
    for tier, count in (("identical", 1), ("edited", 1), ("similar", 0)):
        page = found.get("/v1/duplicates", params={"tier": tier}).json()
        assert ([one["tier"] for one in page["groups"]], page["total"]) == ([tier] * count, 2)
    problem(found.get("/v1/duplicates", params={"tier": "nearly"}), 400)


def test_groups_outlive_a_restart_and_pass_over_what_has_gone(found, able, calling):
    whole = found.get("/v1/duplicates").json()
    with calling(able) as client:
        assert client.get("/v1/duplicates").json() == whole
        (edited,) = [one for one in whole["groups"] if one["tier"] == "edited"]
        client.delete(f"/v1/images/{edited['spare'][0]['id']}")
        assert [one["tier"] for one in client.get("/v1/duplicates").json()["groups"]] == ["identical"]


def test_a_plan_touches_nothing_and_says_what_stands_in_the_way(found, doubled):
    before = {path: path.read_bytes() for path in doubled.rglob("*.png")}
    plan = found.post("/v1/duplicates/plan", json={"action": "delete"}).json()
    assert (plan["total"], plan["left_alone"]) == (2, 1)
    (left,) = [one for one in plan["steps"] if one["obstacle"]]
    assert "bytes differ" in left["obstacle"]
    assert {path: path.read_bytes() for path in doubled.rglob("*.png")} == before
    assert found.post("/v1/duplicates/plan", json={"action": "delete"}).json() == plan


def test_what_was_planned_is_done_and_undone(found, doubled, able):
    asked = {"action": "delete"}
    kept_words = {"tags": ["mine"]}
    groups = found.get("/v1/duplicates").json()["groups"]
    identical = next(group for group in groups if group["tier"] == "identical")
    spare = identical["spare"][0]
    found.patch(f"/v1/images/{spare['id']}", json=kept_words)
    plan = found.post("/v1/duplicates/plan", json=asked).json()["plan"]
    done = run(found, found.post("/v1/duplicates/apply", json={**asked, "plan": plan}))
    assert (done["counts"], done["failed"]) == ({"done": 2, "left": 1}, 1)
    assert found.get("/v1/info").json()["images"] == 11
    left = [name for name in ("picture-4.png", "copy one.png", "holiday/copy two.png") if (doubled / name).exists()]
    assert len(left) == 1
    assert found.get(f"/v1/images/{identical['keep']['id']}").json()["tags"] == ["mine"]
    undone = run(found, found.post("/v1/duplicates/undo"))
    assert undone["counts"] == {"undone": 2, "restored": 2}
    assert found.get("/v1/info").json()["images"] == 13
    same = ("picture-4.png", "copy one.png", "holiday/copy two.png")
    assert len({(doubled / name).read_bytes() for name in same}) == 1
    assert found.get(f"/v1/images/{spare['id']}").json()["tags"] == ["mine"]


def test_who_cancels_in_the_middle_of_an_undo_has_the_rest_undone_next_time(found):
    class Impatient(Job):
        def add(self, *given, **facts):
            super().add(*given, **facts)
            self.cancelled.set()

    plan = found.post("/v1/duplicates/plan", json={"action": "delete"}).json()["plan"]
    run(found, found.post("/v1/duplicates/apply", json={"action": "delete", "plan": plan}))
    job, service = Impatient(JobKind.UNDO, ""), found.app.state.service
    take_back(service.parts, service.trash, service.jobs)(job)
    assert job.counts == {"undone": 1, "restored": 1}
    assert run(found, found.post("/v1/duplicates/undo"))["counts"] == {"undone": 1, "restored": 1}


@pytest.mark.parametrize("action", ["move", "forget"])
def test_what_one_job_did_is_taken_back_and_what_was_done_before_stays_done(found, doubled, problem, action):
    def tidy(tier: str) -> str:
        (group,) = found.get("/v1/duplicates", params={"tier": tier}).json()["groups"]
        asked = {"action": action, "groups": [group["number"]], "to": str(doubled / "spare")}
        plan = found.post("/v1/duplicates/plan", json=asked).json()["plan"]
        return run(found, found.post("/v1/duplicates/apply", json={**asked, "plan": plan}))["id"]

    first, second = tidy("identical"), tidy("edited")
    run(found, found.post("/v1/duplicates/undo", params={"job": second}))
    assert found.get("/v1/info").json()["images"] == 11
    assert (doubled / "small.png").exists()
    problem(found.post("/v1/duplicates/undo", params={"job": second}), 404, says=second)
    problem(found.post("/v1/duplicates/undo", params={"job": first[:4]}), 400)
    assert found.get("/v1/duplicates").json()["may_undo"] is True
    run(found, found.post("/v1/duplicates/undo", params={"job": first}))
    assert found.get("/v1/info").json()["images"] == 13
    assert found.get("/v1/duplicates").json()["may_undo"] is False


def test_a_job_that_is_still_at_it_is_not_taken_back(found, problem):
    go = Event()
    job = found.app.state.service.jobs.submit(JobKind.APPLY, "forget 1", lambda _: go.wait(5) and None)
    try:
        problem(found.post("/v1/duplicates/undo", params={"job": job.id}), 409, says="still at it")
    finally:
        go.set()


def test_looking_that_was_cancelled_leaves_the_groups_as_they_were(filled):
    groups, job = Groups(filled.ledger), Job(JobKind.DUPLICATES, "")
    job.cancelled.set()
    look_for_groups(filled, groups, DuplicatesRequest(kind="duplicates"))(job)
    with pytest.raises(NotFound):
        groups.finding()


@pytest.mark.parametrize("action", ["delete", "forget"])
def test_what_can_be_taken_back_is_known_after_a_restart_to_whoever_may(found, able, calling, tmp_path, action):
    assert found.get("/v1/duplicates").json()["may_undo"] is False
    plan = found.post("/v1/duplicates/plan", json={"action": action}).json()["plan"]
    run(found, found.post("/v1/duplicates/apply", json={"action": action, "plan": plan}))
    keys = KeyFile(tmp_path / "keys")
    readers = {"Authorization": f"Bearer {keys.add('reader', 'read')[1]}"}
    writers = {"Authorization": f"Bearer {keys.add('writer', 'write')[1]}"}
    with calling(replace(able, access=Access(keys=keys.path, login=True))) as client:
        assert client.get("/v1/duplicates", headers=readers).json()["may_undo"] is False
        assert client.get("/v1/duplicates", headers=writers).json()["may_undo"] is True
    with calling(able) as client:
        run(client, client.post("/v1/duplicates/undo"))
        assert client.get("/v1/duplicates").json()["may_undo"] is False


def test_groups_are_shown_though_the_journal_cannot_be_read(found, able):
    able.library.journal.write_text("no journal\n")
    page = found.get("/v1/duplicates").json()
    assert (len(page["groups"]), page["may_undo"]) == (2, True)


def test_what_a_person_wrote_comes_back_also_when_the_trash_was_emptied(able, doubled, calling):
    with calling(replace(able, limits=ServiceLimits(keep_deleted_s=0))) as client:
        run(client, client.post("/v1/jobs", json={"kind": "index", "path": str(doubled)}))
        run(client, client.post("/v1/jobs", json={"kind": "duplicates"}))
        groups = client.get("/v1/duplicates").json()["groups"]
        spare = next(one for group in groups if group["tier"] == "identical" for one in group["spare"])
        client.patch(f"/v1/images/{spare['id']}", json={"tags": ["mine"]})
        plan = client.post("/v1/duplicates/plan", json={"action": "delete"}).json()["plan"]
        run(client, client.post("/v1/duplicates/apply", json={"action": "delete", "plan": plan}))
        undone = run(client, client.post("/v1/duplicates/undo"))
        assert undone["counts"] == {"undone": 2, "updated": 2}
        assert client.get(f"/v1/images/{spare['id']}").json()["tags"] == ["mine"]


def test_another_plan_than_the_one_that_was_seen_is_not_done(found, problem):
    plan = found.post("/v1/duplicates/plan", json={"action": "delete"}).json()["plan"]
    groups = found.get("/v1/duplicates").json()["groups"]
    (edited,) = [one for one in groups if one["tier"] == "edited"]
    problem(found.post("/v1/duplicates/apply", json={"action": "forget", "plan": plan}), 409, says="Plan again")
    found.delete(f"/v1/images/{edited['spare'][0]['id']}")
    problem(found.post("/v1/duplicates/apply", json={"action": "delete", "plan": plan}), 409)


def test_spares_are_moved_below_the_roots_only(found, doubled, problem, tmp_path):
    for to in ("/elsewhere", str(tmp_path / "other"), str(doubled / ".." / "x"), "relative"):
        problem(found.post("/v1/duplicates/plan", json={"action": "move", "to": to}), 403)
    problem(found.post("/v1/duplicates/plan", json={"action": "move"}), 400, says="moved")
    asked = {"action": "move", "to": str(doubled / "spare")}
    plan = found.post("/v1/duplicates/plan", json=asked).json()
    run(found, found.post("/v1/duplicates/apply", json={**asked, "plan": plan["plan"]}))
    assert len(list((doubled / "spare").rglob("*.png"))) == 3
    assert all(Path(one["to"]).exists() for one in plan["steps"])


def test_a_name_that_is_no_utf8_is_planned_and_told_as_far_as_it_can_be_read(able, doubled, calling):
    odd = doubled / os.fsdecode(b"copy \xff.png")
    shutil.copy(doubled / "picture-4.png", odd)
    with calling(able) as client:
        run(client, client.post("/v1/jobs", json={"kind": "index", "path": str(doubled)}))
        run(client, client.post("/v1/jobs", json={"kind": "duplicates"}))
        (group,) = [one for one in client.get("/v1/duplicates").json()["groups"] if one["tier"] == "identical"]
        (kept,) = [one["id"] for one in (group["keep"], *group["spare"]) if one["path"].endswith("picture-4.png")]
        asked = {"action": "move", "to": str(doubled / "spare"), "groups": [group["number"]]}
        asked["keep"] = {str(group["number"]): kept}
        plan = client.post("/v1/duplicates/plan", json=asked).json()
        assert [one["to"].endswith("/copy \ufffd.png") for one in plan["steps"]].count(True) == 1
        odd.unlink()
        done = run(client, client.post("/v1/duplicates/apply", json={**asked, "plan": plan["plan"]}))
        assert done["counts"] == {"done": 2, "left": 1}


def test_a_person_chooses_what_to_keep_and_which_groups(found):
    groups = found.get("/v1/duplicates").json()["groups"]
    (edited,) = [one for one in groups if one["tier"] == "edited"]
    small, number = edited["spare"][0]["id"], edited["number"]
    asked = {"action": "forget", "groups": [number], "keep": {str(number): small}}
    plan = found.post("/v1/duplicates/plan", json=asked).json()
    assert [(one["id"], one["kept"]) for one in plan["steps"]] == [(edited["keep"]["id"], small)]
    run(found, found.post("/v1/duplicates/apply", json={**asked, "plan": plan["plan"]}))
    assert found.get(f"/v1/images/{edited['keep']['id']}").status_code == 404
    run(found, found.post("/v1/duplicates/undo"))
    assert found.get(f"/v1/images/{edited['keep']['id']}").status_code == 200


def test_of_two_plans_that_keep_another_copy_each_one_copy_is_left(found):
    (edited,) = [one for one in found.get("/v1/duplicates").json()["groups"] if one["tier"] == "edited"]
    first, second, number = edited["keep"]["id"], edited["spare"][0]["id"], edited["number"]
    go = Event()
    found.app.state.service.jobs.submit(JobKind.APPLY, "", lambda _: go.wait(20) and None)
    answers = []
    for kept in (first, second):
        asked = {"action": "forget", "groups": [number], "keep": {str(number): kept}}
        plan = found.post("/v1/duplicates/plan", json=asked).json()["plan"]
        answers.append(found.post("/v1/duplicates/apply", json={**asked, "plan": plan}))
    go.set()
    assert [run(found, one)["counts"] for one in answers] == [{"done": 1}, {"left": 1}]
    assert "moved-gone" in found.get(f"/v1/jobs/{answers[1].json()['id']}/events").text
    assert [found.get(f"/v1/images/{id_}").status_code for id_ in (first, second)] == [200, 404]


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "forget", "groups": [999]},
        {"action": "forget", "keep": {"1": "nobody"}, "groups": [1]},
        {"action": "burn"},
        {"action": "forget", "groups": [0]},
        {"action": "forget", "more": 1},
    ],
)
def test_a_plan_that_cannot_be_is_refused(found, asked, problem):
    problem(found.post("/v1/duplicates/plan", json=asked), 400)


def test_a_folder_to_protect_must_be_there_and_nobody_learns_what_else_is(found, doubled, problem):
    missing = {"action": "forget", "protect": [str(doubled / "no")]}
    problem(found.post("/v1/duplicates/plan", json=missing), 400, says="no folder")
    for folder in ("/etc", "/no/such/folder", "relative"):
        said = problem(found.post("/v1/duplicates/plan", json={"action": "forget", "protect": [folder]}), 403)
        assert "index_roots" in said["fix"]


def test_a_folder_whose_name_no_disk_can_hold_is_not_there(found, doubled, problem):
    protect = [str(doubled / ("a" * 300))]
    problem(found.post("/v1/duplicates/plan", json={"action": "delete", "protect": protect}), 400, says="no folder")


def test_files_outside_of_the_roots_and_in_protected_folders_are_left_alone(found, able, doubled, calling):
    with calling(replace(able, index_roots=(doubled / "holiday",))) as client:
        plan = client.post("/v1/duplicates/plan", json={"action": "delete"}).json()
        assert all(one["obstacle"] for one in plan["steps"] if "/holiday/" not in one["path"])
    asked = {"action": "hardlink", "protect": [str(doubled)]}
    assert found.post("/v1/duplicates/plan", json=asked).json()["total"] == 0


def test_a_plan_that_is_pressed_twice_is_carried_out_once(found):
    go, asked = Event(), {"action": "forget"}
    found.app.state.service.jobs.submit(JobKind.APPLY, "", lambda _: go.wait(20) and None)
    asked["plan"] = found.post("/v1/duplicates/plan", json=asked).json()["plan"]
    first, second = (found.post("/v1/duplicates/apply", json=asked) for _ in range(2))
    go.set()
    assert first.json()["id"] == second.json()["id"]
    assert run(found, first)["counts"] == {"done": 3}


def test_what_is_forgotten_by_now_is_not_forgotten_again(found):
    service = found.app.state.service
    asked = PlanRequest(action=Deed.FORGET)
    planned = make_plan(service.parts, service.groups, asked, ())
    told = []
    for _ in range(2):
        job = Job(JobKind.APPLY, "")
        forget_spares(service.parts, service.trash, planned)(job)
        told.append((job.counts, {one.data["reason"] for one in job.events_after(0) if one.kind == "outcome"}))
    assert told == [
        ({"done": 3}, {""}),
        ({"left": 3}, {f"{one.record.path} is not there any more." for one in planned}),
    ]


def test_a_page_of_groups_asks_the_gallery_once(found, monkeypatch):
    asked, gallery = [], found.app.state.service.parts.gallery
    get = gallery.get
    monkeypatch.setattr(gallery, "get", lambda ids, **how: asked.append(list(ids)) or get(ids, **how))
    assert len(found.get("/v1/duplicates").json()["groups"]) == 2
    assert [len(ids) for ids in asked] == [5]


def test_groups_that_an_older_version_found_are_counted(found, able):
    with able.ledger.transaction() as connection:
        connection.execute("UPDATE notes SET text = json_remove(text, '$.tiers') WHERE name = 'duplicates'")
    assert found.get("/v1/duplicates").json()["tiers"] == {"identical": 1, "edited": 1, "similar": 0}

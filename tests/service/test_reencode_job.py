"""Does the service change to another encoder while it answers, for those alone who may?"""

import time
from dataclasses import replace

import pytest

from lookalike.keys import KeyFile
from lookalike.service import Parts
from lookalike.service.access import Access
from lookalike.service.jobs import JobKind
from lookalike.service.jobs.duplicates import FORGOTTEN
from lookalike.service.jobs.job import Job
from lookalike.service.jobs.reencoding import catch_up
from lookalike.testing import ColourEncoder, picture_bytes

pytestmark = pytest.mark.slow

OLD, NEW = "colour:64", "colour:32"


@pytest.fixture
def changing(filled, monkeypatch):
    """A service that follows its gallery from one toy encoder to another."""
    known = {name: ColourEncoder(int(name.partition(":")[2])) for name in (OLD, NEW)}
    monkeypatch.setattr("lookalike.library.parts.load_encoder", lambda name, _: known[name])
    return Parts(library=filled.library.changed(encoder=""))


@pytest.fixture
def caller(changing, calling):
    with calling(changing) as client:
        yield client


def wait(client, id_: str) -> dict:
    """Give a job when it is over."""
    deadline = time.monotonic() + 20
    while not (job := client.get(f"/v1/jobs/{id_}").json())["ended_at"]:
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    return job


def run(client, **asked) -> dict:
    """Have the encoder changed, and give the job when it is over."""
    started = client.post("/v1/jobs", json={"kind": "reencode", **asked})
    assert started.status_code == 202, started.text
    return wait(client, started.json()["id"])


def roles(client) -> dict[str, tuple[str, int]]:
    return {one["name"]: (one["role"], one["lacking"]) for one in client.get("/v1/info").json()["spaces"]}


def test_another_encoder_is_filled_and_answers_then_and_the_first_one_returns_at_once(caller):
    ended = run(caller, encoder=NEW)
    assert (ended["state"], ended["done"], ended["total"], ended["failed"]) == ("done", 10, 10, 0)
    assert caller.get("/v1/info").json()["encoder"] == NEW
    assert roles(caller) == {"colour:32@1/colour": ("now", 0), "colour:64@1/colour": ("before", 0)}
    assert caller.get("/readyz").status_code == 200
    back = run(caller, encoder=OLD)
    assert (back["state"], back["done"]) == ("done", 0)
    assert caller.get("/v1/status").json()["encoder"]["name"] == OLD


def test_a_picture_that_was_forgotten_before_the_change_is_encoded_when_it_comes_back(caller):
    id_ = caller.get("/v1/images?limit=1").json()["images"][0]["id"]
    caller.delete(f"/v1/images/{id_}")
    run(caller, encoder=NEW)
    caller.post("/v1/images/restore", json={"ids": [id_]})
    wait(caller, caller.get("/v1/jobs").json()["jobs"][0]["id"])
    assert roles(caller)["colour:32@1/colour"] == ("now", 0)


def test_a_duplicate_that_was_forgotten_before_the_change_is_encoded_when_that_is_undone(caller):
    id_ = caller.get("/v1/images?limit=1").json()["images"][0]["id"]
    caller.app.state.service.trash.throw([id_], FORGOTTEN)
    run(caller, encoder=NEW)
    undone = wait(caller, caller.post("/v1/duplicates/undo").json()["id"])
    assert undone["counts"] == {"restored": 1}
    wait(caller, caller.get("/v1/jobs").json()["jobs"][0]["id"])
    assert roles(caller)["colour:32@1/colour"] == ("now", 0)


def test_it_may_be_filled_only_and_goes_on_when_nobody_is_named(caller):
    run(caller, encoder=NEW, switch=False)
    assert roles(caller) == {"colour:64@1/colour": ("now", 0), "colour:32@1/colour": ("filling", 0)}
    run(caller)
    assert roles(caller)["colour:32@1/colour"] == ("now", 0)


def test_a_cancelled_change_ends_at_once_however_long_a_picture_would_wait_and_leaves_the_old_encoder_in_office(
    caller, changing, monkeypatch
):
    monkeypatch.setattr("lookalike.ingest.storing._BATCH_S", 0)
    job = caller.post("/v1/jobs", json={"kind": "reencode", "encoder": NEW, "throttle": 0.01}).json()
    while not caller.get(f"/v1/jobs/{job['id']}").json()["done"]:
        time.sleep(0.01)
    assert changing.gallery.serving.filling
    caller.delete(f"/v1/jobs/{job['id']}")
    assert wait(caller, job["id"])["state"] == "cancelled"
    assert caller.get("/v1/info").json()["encoder"] == OLD


def test_pictures_that_cannot_be_encoded_fail_the_job_with_the_fix(caller, photos):
    (photos / "picture-3.png").unlink()
    ended = run(caller, encoder=NEW)
    assert (ended["state"], ended["failed"]) == ("failed", 1)
    assert "1 of 10" in ended["detail"]
    assert caller.get("/v1/info").json()["encoder"] == OLD
    ended = run(caller, encoder=NEW, anyway=True)
    assert (ended["state"], ended["total"], ended["done"], ended["failed"]) == ("done", 1, 1, 1)


@pytest.mark.parametrize(
    "name", ["onnx:/etc/passwd.onnx", "onnx:model.onnx", "torch:weights.safetensors", "torch:hf:a/b.safetensors"]
)
def test_no_file_is_opened_that_the_gallery_does_not_know(caller, name, problem):
    said = problem(caller.post("/v1/jobs", json={"kind": "reencode", "encoder": name}), 403)
    assert "lookalike reencode" in said["fix"]


@pytest.mark.parametrize("wrong", [{"throttle": 0}, {"throttle": -1}, {"encoder": 7}, {"encoder": "x" * 1_001}])
def test_what_cannot_be_is_refused(caller, wrong, problem):
    problem(caller.post("/v1/jobs", json={"kind": "reencode", **wrong}), 400)


def test_it_takes_an_administrator(changing, calling, tmp_path, problem):
    file = KeyFile(tmp_path / "keys")
    writer, admin = (file.add(scope, scope)[1] for scope in ("write", "admin"))
    with calling(replace(changing, access=Access(keys=tmp_path / "keys"))) as client:
        asked = {"kind": "reencode", "switch": False}
        refused = client.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {writer}"})
        problem(refused, 403, says="admin")
        assert client.post("/v1/jobs", json=asked, headers={"Authorization": f"Bearer {admin}"}).status_code == 202


def test_what_is_uploaded_while_the_new_encoder_still_loads_gets_its_vectors_soon(changing, calling):
    late = changing.library.changed(encoder=changing.library.encoder)  # as it answers until the new one is loaded
    with calling(Parts(library=late)) as client:
        run(client, encoder=NEW)
        picture = picture_bytes(91, file_format="png")
        uploaded = client.post("/v1/images", files={"image": ("late.png", picture)})
        assert uploaded.status_code == 201, uploaded.text
        wait(client, client.get("/v1/jobs").json()["jobs"][0]["id"])
        id_ = uploaded.json()["images"][0]["image"]["id"]
        assert len(changing.gallery.get([id_], embeddings=True)[0].embeddings) == 2


def test_what_is_indexed_with_the_encoder_before_is_encoded_with_the_new_one_in_the_end(changing, calling, photos):
    late = changing.library.changed(encoder=changing.library.encoder)
    (photos / "late.png").write_bytes(picture_bytes(92, file_format="png"))
    with calling(Parts(library=late, index_roots=(photos,))) as client:
        run(client, encoder=NEW)
        job = client.post("/v1/jobs", json={"kind": "index", "path": str(photos / "late.png")}).json()
        assert wait(client, job["id"])["counts"] == {"added": 1}, "what came in is counted once"
    assert changing.gallery.count_lacking(changing.gallery.serving.now) == 0


def test_what_came_in_late_is_encoded_by_the_encoder_that_answers_and_no_second_one_is_loaded(changing, monkeypatch):
    loaded: list[ColourEncoder] = []

    def load(name: str, _: object) -> ColourEncoder:
        loaded.append(ColourEncoder(int(name.partition(":")[2])))
        return loaded[-1]

    monkeypatch.setattr("lookalike.library.parts.load_encoder", load)
    library = changing.library
    assert library.encoder.name == OLD
    catch_up(changing, Job(JobKind.REENCODE, ""))
    assert [one.name for one in loaded] == [OLD]
    assert library.prepare_encoder(OLD) is loaded[0], "though it had to be loaded to see that it is the same"

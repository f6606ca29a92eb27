"""Does a repository come whole and only once, whatever the hub and the way to it do?"""

import errno
import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from hub_server import listing

from lookalike.errors import LoginNeeded, MachineError, MissingExtra, NotAllowed, NotFound, TooOften, Unreachable
from lookalike.models.hub import (
    Step,
    fetch_repository,
    fetched_bytes,
    find_repository,
    following,
    list_files,
    staying_offline,
)
from lookalike.models.hub.allowed import choose
from lookalike.models.hub.converted import find_converted

WANTED = ("*.json", "*.safetensors")


def read(snapshot):
    return {name: (snapshot.path / name).read_bytes() for name in snapshot.files}


def ranges(hub):
    return [headers["range"] for headers in hub.asked_for("/model.safetensors") if "range" in headers]


def test_what_is_wanted_comes_and_nothing_else(hub, model):
    snapshot = fetch_repository("org/model", wanted=WANTED)
    assert snapshot.commit == model.commit
    assert read(snapshot) == {name: model.files[name] for name in ("config.json", "model.safetensors")}
    assert snapshot.files["model.safetensors"] == hashlib.sha256(model.files["model.safetensors"]).hexdigest()
    assert snapshot.files["config.json"] == hashlib.sha256(model.files["config.json"]).hexdigest()


def test_what_is_there_is_taken_without_asking(hub):
    fetched = fetch_repository("org/model", wanted=WANTED)
    asked = len(hub.asked)
    assert fetch_repository("org/model", wanted=WANTED) == fetched
    assert find_repository("org/model", "main", WANTED) == fetched
    assert len(hub.asked) == asked


def test_nothing_is_found_before_it_was_fetched(hub):
    assert find_repository("org/model", "main", WANTED) is None


@pytest.mark.parametrize("ask", [fetch_repository, list_files, find_converted])
def test_where_no_hub_may_be_asked_none_is(hub, ask):
    with staying_offline(), pytest.raises(Unreachable):
        ask("org/model")
    assert not hub.asked


def test_more_of_a_repository_may_be_wanted_later(hub):
    fetch_repository("org/model", wanted=WANTED)
    assert find_repository("org/model", "main", ("onnx/*.onnx",)) is None
    assert list(fetch_repository("org/model", wanted=("onnx/*.onnx",)).files) == ["onnx/model.onnx"]


def test_a_refresh_follows_the_branch_and_the_commit_stays_to_be_had(hub, model):
    old = fetch_repository("org/model", wanted=WANTED)
    model.commit, model.files = "f" * 40, {**model.files, "config.json": b"{}"}
    assert fetch_repository("org/model", wanted=WANTED) == old
    with following(lambda _: None, refresh=True):
        new = fetch_repository("org/model", wanted=WANTED)
    assert (new.commit, read(new)["config.json"]) == ("f" * 40, b"{}")
    assert find_repository("org/model", old.commit, WANTED) == old
    assert find_repository("org/model", "main", WANTED) == new


def test_how_much_was_fetched_is_known_once_weights_are_there(hub, model):
    assert fetched_bytes("org/model") == 0
    fetch_repository("org/model", wanted=("*.json",))
    assert fetched_bytes("org/model") == 0
    fetch_repository("org/model", wanted=WANTED)
    assert fetched_bytes("org/model") == len(model.files["config.json"]) + len(model.files["model.safetensors"])


def test_how_much_was_fetched_is_known_also_of_a_commit_that_was_named_and_counts_once(hub, model):
    old = model.commit
    fetch_repository("org/model", old, WANTED)
    size = len(model.files["config.json"]) + len(model.files["model.safetensors"])
    assert fetched_bytes("org/model") == size
    model.commit, model.files = "f" * 40, {**model.files, "config.json": b"{}"}
    fetch_repository("org/model", wanted=WANTED)
    assert fetched_bytes("org/model") == size + len(b"{}")


def test_progress_is_told_to_the_last_byte(hub, model):
    steps: list[Step] = []
    with following(steps.append):
        fetch_repository("org/model", wanted=WANTED)
    total = len(model.files["config.json"]) + len(model.files["model.safetensors"])
    assert steps[-1] == Step(repo="org/model", file="model.safetensors", received_bytes=total, total_bytes=total)
    assert [step.received_bytes for step in steps] == sorted(step.received_bytes for step in steps)


def test_a_broken_connection_is_taken_up_where_it_broke(hub, model):
    model.cut_after["model.safetensors"] = [1_000, 5_000]
    assert read(fetch_repository("org/model", wanted=WANTED))["model.safetensors"] == model.files["model.safetensors"]
    assert {*ranges(hub)} == {"bytes=0-", "bytes=1000-", "bytes=6000-"}


def test_a_second_run_goes_on_where_the_first_was_stopped(hub, model):
    def stop(step: Step) -> None:
        if step.file == "model.safetensors" and step.received_bytes > 500:
            raise KeyboardInterrupt

    model.cut_after["model.safetensors"] = [700_000]
    with pytest.raises(KeyboardInterrupt), following(stop):
        fetch_repository("org/model", wanted=WANTED)
    assert find_repository("org/model", "main", WANTED) is None
    hub.asked.clear()
    assert read(fetch_repository("org/model", wanted=WANTED))["model.safetensors"] == model.files["model.safetensors"]
    assert not {"bytes=0-"} & {*ranges(hub)}


def test_where_there_are_no_links_files_lie_in_the_snapshot_itself(hub, model, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    snapshot = fetch_repository("org/model", wanted=WANTED)
    assert read(snapshot)["model.safetensors"] == model.files["model.safetensors"]
    assert not (snapshot.path / "model.safetensors").is_symlink()
    assert snapshot.files["model.safetensors"] == hashlib.sha256(model.files["model.safetensors"]).hexdigest()
    asked = len(hub.asked)
    with following(lambda _: None, refresh=True):
        assert fetch_repository("org/model", wanted=WANTED) == snapshot
    assert len(hub.asked) == asked + 1


def test_a_link_to_what_repositories_share_keeps_its_sum(hub, model, tmp_path):
    snapshot = fetch_repository("org/model", wanted=WANTED)
    blob = (snapshot.path / "model.safetensors").resolve()
    shared = tmp_path / "home/hub/blobs/ab" / ("ab" * 32)  # as the client has it: by another sum
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    blob.symlink_to(shared)
    assert find_repository("org/model", "main", WANTED) == snapshot


def test_two_who_want_the_same_at_once_fetch_it_once(hub, model):
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: fetch_repository("org/model", wanted=WANTED), range(2))
    assert one == other
    assert len(hub.asked_for(f"{hub.storage}/org/model/model.safetensors")) == 1


def test_a_hub_that_knows_no_ranges_begins_anew(hub, model):
    model.ranges, model.cut_after["model.safetensors"] = False, [1_000]
    assert read(fetch_repository("org/model", wanted=WANTED))["model.safetensors"] == model.files["model.safetensors"]


def test_a_file_that_never_comes_whole_is_an_error_that_says_how_much_came(hub, model, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.download._PAUSE_S", 0.001)
    model.spoilt["model.safetensors"] = model.files["model.safetensors"][:10]
    with pytest.raises(Unreachable, match=r"only in part, 10 of 1,024,000 bytes"):
        fetch_repository("org/model", wanted=WANTED)
    assert find_repository("org/model", "main", WANTED) is None


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_file_other_than_the_one_listed_is_refused_and_not_kept(hub, model, name):
    model.spoilt[name] = bytes(len(model.files[name]))
    with pytest.raises(Unreachable, match="its sum is another"):
        fetch_repository("org/model", wanted=WANTED)
    model.spoilt.clear()
    assert read(fetch_repository("org/model", wanted=WANTED))[name] == model.files[name]


def test_what_came_spoilt_before_is_fetched_anew(hub, model, tmp_path):
    digest = hashlib.sha256(model.files["model.safetensors"]).hexdigest()
    blobs = tmp_path / "home/hub/models--org--model/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{digest}.part").write_bytes(b"spoilt")
    assert read(fetch_repository("org/model", wanted=WANTED))["model.safetensors"] == model.files["model.safetensors"]


def test_a_busy_hub_is_waited_for(hub, model):
    model.busy = ["0", "0"]
    assert read(fetch_repository("org/model", wanted=WANTED))["config.json"] == model.files["config.json"]
    assert not model.busy


@pytest.mark.parametrize("asked_for", ["busy", "busy_listing"])
def test_a_hub_that_is_too_busy_says_when_to_come_again(hub, model, asked_for):
    getattr(model, asked_for).append("300")
    with pytest.raises(TooOften, match="in 300 s") as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert caught.value.retry_after_s == 300


def test_a_hub_that_stays_busy_is_not_waited_for_without_end(hub, model):
    model.busy = ["0"] * 100
    with pytest.raises(TooOften):
        fetch_repository("org/model", wanted=WANTED)


def test_what_is_private_needs_a_token_which_storage_never_sees(hub, model, monkeypatch):
    model.token = "hf_secret"  # noqa: S105 - it opens nothing
    with pytest.raises(LoginNeeded, match="private, or not there"):
        fetch_repository("org/model", wanted=WANTED)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch_repository("org/model", wanted=WANTED)
    assert all("authorization" not in headers for headers in hub.asked_for(hub.storage))


def test_what_is_gated_says_where_to_accept_the_terms(hub, model):
    model.gated = True
    with pytest.raises(NotAllowed, match="The owners of org/model want to be asked first") as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert f"{hub.endpoint}/org/model" in caught.value.fix


def test_a_revision_that_is_not_there_is_named(hub):
    with pytest.raises(NotFound, match="no revision 'v9'"):
        fetch_repository("org/model", "v9", WANTED)


def test_a_repository_that_is_not_there_may_be_private(hub):
    with pytest.raises(LoginNeeded, match="org/other"):
        fetch_repository("org/other", wanted=WANTED)


def test_without_the_client_the_extra_is_named(hub, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.environment.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="need its client") as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert "lookalike[hub]" in caught.value.fix


def test_a_hub_that_is_not_there_is_named(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        fetch_repository("org/model", wanted=WANTED)


def test_offline_only_what_is_there_is_to_be_had(hub, monkeypatch):
    fetched = fetch_repository("org/model", wanted=WANTED)
    asked = len(hub.asked)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with following(lambda _: None, refresh=True):
        assert fetch_repository("org/model", wanted=WANTED) == fetched
    with pytest.raises(Unreachable, match="HF_HUB_OFFLINE"):
        fetch_repository("org/model", wanted=("onnx/*.onnx",))
    assert len(hub.asked) == asked


def test_a_disk_that_is_too_small_is_said_before_anything_comes(hub, model, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(MachineError, match="org/model needs 1 MB"):
        fetch_repository("org/model", wanted=WANTED)
    assert not hub.asked_for("/resolve/")


def test_a_disk_needs_room_only_for_what_has_yet_to_come(hub, model, tmp_path, monkeypatch):
    data = model.files["model.safetensors"]
    blobs = tmp_path / "home/hub/models--org--model/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{hashlib.sha256(data).hexdigest()}.part").write_bytes(data[:-1_000])
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000))
    fetched = fetch_repository("org/model", wanted=WANTED)
    assert read(fetched)["model.safetensors"] == data
    for path in fetched.path.iterdir():  # as they lie where there are no links
        path.resolve().replace(path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    assert fetch_repository("org/model", wanted=(*WANTED, "vocab.txt")).files.keys() > fetched.files.keys()


def test_a_star_stands_for_no_slash_and_weights_come_last():
    names = ["a.safetensors", "z.json", "onnx/b.onnx", "onnx/deep/c.onnx"]
    assert choose(names, ("*", "onnx/*.onnx")) == ["z.json", "a.safetensors", "onnx/b.onnx"]


def test_the_client_finds_what_we_fetched_and_we_find_what_it_fetched(hub, model, tmp_path):
    import huggingface_hub

    ours = fetch_repository("org/model", wanted=WANTED)
    cache = tmp_path / "home/hub"
    theirs = huggingface_hub.snapshot_download(
        "org/model", cache_dir=cache, allow_patterns=[*WANTED], local_files_only=True, endpoint=hub.endpoint
    )
    assert theirs == str(ours.path)
    huggingface_hub.hf_hub_download("org/model", "vocab.txt", cache_dir=cache, endpoint=hub.endpoint)
    found = find_repository("org/model", "main", ("vocab.txt",))
    assert found is not None
    assert read(found) == {"vocab.txt": b"a\nb\n"}


@pytest.mark.parametrize("before", [True, False])
def test_the_hub_is_told_nothing_but_who_asks(hub, monkeypatch, before):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", before)  # by who loaded the client first
    monkeypatch.setattr("huggingface_hub.utils._headers.is_torch_available", lambda: True)
    monkeypatch.setattr("huggingface_hub.utils._headers.get_torch_version", lambda: "2")
    fetch_repository("org/model", wanted=WANTED)
    assert not hub.asked_for("agent-harnesses")
    agents = {headers["user-agent"] for headers in hub.asked_for("/resolve/")}
    assert all("torch" not in agent for agent in agents), agents


def test_a_pinned_commit_is_never_another_one(hub, model):
    model.revisions, model.says = (*model.revisions, "a" * 40), listing()
    with pytest.raises(Unreachable, match="asked for the commit a"):
        fetch_repository("org/model", "a" * 40, WANTED)


@pytest.mark.parametrize("address", ["http://[::1", "http://a\n", "nonsense"])
def test_an_endpoint_that_is_no_address_is_told_so(hub, monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(Unreachable, match="HF_ENDPOINT"):
        fetch_repository("org/model")


def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(hub, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
    with pytest.raises(MachineError, match=r"cannot be written.*HF_HOME"):
        fetch_repository("org/model", wanted=WANTED)


def test_a_disk_that_fills_up_meanwhile_is_named_with_the_way_out(hub, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lookalike.models.hub.download.os.fsync", full)
    with pytest.raises(MachineError, match=r"No space left.*Make room"):
        fetch_repository("org/model", wanted=WANTED)


def test_a_home_of_nobody_known_is_a_folder_like_any_other(monkeypatch):
    monkeypatch.setenv("HF_HOME", "~nobody-77/x")
    assert find_repository("org/model", "main", WANTED) is None


def delete(snapshot, *names):
    for name in names:
        (snapshot.path / name).unlink()


def test_offline_the_file_that_is_missing_is_named(hub, monkeypatch):
    snapshot = fetch_repository("org/model", wanted=WANTED)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    delete(snapshot, "config.json")
    with pytest.raises(Unreachable, match=r"^config\.json of org/model is not on this machine, and HF_HUB_OFFLINE"):
        fetch_repository("org/model", wanted=WANTED)
    delete(snapshot, "model.safetensors")
    with pytest.raises(Unreachable, match=r"config\.json of .* nor are 1 more of its files"):
        fetch_repository("org/model", wanted=WANTED)


@pytest.fixture
def fetched_by_another(hub, model, tmp_path):
    """Have the client fetch the weights only, as other programs do, which keep no list."""
    import huggingface_hub

    cache = tmp_path / "home/hub"
    huggingface_hub.hf_hub_download("org/model", "model.safetensors", cache_dir=cache, endpoint=hub.endpoint)
    shutil.rmtree(cache / "models--org--model/trees", ignore_errors=True)  # newer clients may


@pytest.mark.usefixtures("fetched_by_another")
def test_what_another_program_fetched_in_part_is_completed(hub, model):
    assert read(fetch_repository("org/model", wanted=WANTED))["config.json"] == model.files["config.json"]
    assert len(hub.asked_for(f"{hub.storage}/org/model/model.safetensors")) == 1
    asked = len(hub.asked)
    fetch_repository("org/model", wanted=WANTED)
    assert {*list_files("org/model")[1]} == {*model.files}
    assert len(hub.asked) == asked


@pytest.mark.usefixtures("fetched_by_another")
def test_all_files_are_known_of_what_another_program_fetched_in_part(hub, model):
    assert {*list_files("org/model")[1]} == {*model.files}


@pytest.mark.usefixtures("fetched_by_another")
@pytest.mark.parametrize("way", ["HF_HUB_OFFLINE", "HF_ENDPOINT"])
def test_what_another_program_fetched_is_taken_as_it_is_where_no_hub_answers(monkeypatch, way):
    monkeypatch.setenv(way, {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}[way])
    assert [*fetch_repository("org/model", wanted=WANTED).files] == ["model.safetensors"]
    assert list_files("org/model")[1] == ["model.safetensors"]

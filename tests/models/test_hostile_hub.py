"""Can a hub that lies, never ends, or leads elsewhere do harm?"""

import pytest
from httpx2 import Request
from hub_server import listing

from lookalike.errors import BadInput, NotAllowed, TooLarge, Unreachable
from lookalike.models.hub import fetch_repository, find_repository
from lookalike.models.hub.allowed import choose
from lookalike.models.hub.asking import _sent_on
from lookalike.models.hub.faults import seconds_to_wait

WANTED = ("*.json", "*.safetensors")


def test_weights_that_can_carry_code_are_refused_with_a_way_out(hub, model):
    model.files = {"config.json": b"{}", "pytorch_model.bin": b"pickle", "modeling.py": b"import os"}
    with pytest.raises(BadInput, match=r"only as 'pytorch_model\.bin', which can carry code") as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert "refs/pr/1" in caught.value.fix


def test_whatever_is_wanted_code_never_comes(hub, model):
    model.files = {**model.files, "modeling.py": b"import os"}
    assert {*fetch_repository("org/model", wanted=("*",)).files} == {"config.json", "model.safetensors", "vocab.txt"}


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (b"<html>Log in to this network</html>", "nonsense"),
        (b"[]", "nonsense"),
        (b"{}", "nonsense"),
        (b"[" * 100_000, "nonsense"),
        (b'{"a":' * 100_000, "nonsense"),
        (b'{"id": "org/model", "sha": "main", "siblings": []}', "names no commit"),
        (listing({"rfilename": "a.json"}), "without a sum"),
        (listing({"rfilename": "a.json", "size": 3, "blobId": "../../x"}), "without a sum"),
        (listing({"rfilename": "a.json", "blobId": "0" * 40}), "without a size"),
        (listing({"rfilename": "a.json", "size": -1, "blobId": "0" * 40}), "without a size"),
    ],
)
def test_a_hub_that_answers_nonsense_is_not_believed(hub, model, says, reason):
    model.says = says
    with pytest.raises(Unreachable, match=reason):
        fetch_repository("org/model", wanted=WANTED)


def test_a_list_without_end_is_not_believed(hub, model, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.listing._MAX_FILES", 3)
    with pytest.raises(Unreachable, match="5 files in one repository"):
        fetch_repository("org/model", wanted=WANTED)


@pytest.mark.parametrize(
    "name",
    ["../up.json", "/root.json", "a/../b.json", ".hidden.json", "a\\b.json", "C:x.json", "a//b.json", "a\nb.json"],
)
def test_a_name_that_leads_elsewhere_is_passed_over(name):
    assert choose([name, "a.json"], ("*", "*/*", "*/*/*")) == ["a.json"]


@pytest.mark.parametrize("repo", ["a/b/c", "../x", "a--b/c", "", "a/..", "/a", "a b"])
def test_what_is_no_repository_is_refused_before_anybody_is_asked(hub, repo):
    with pytest.raises(BadInput, match="no repository"):
        fetch_repository(repo, wanted=WANTED)
    assert not hub.asked


@pytest.mark.parametrize("revision", ["../main", "", "a/../../b", "/etc", "-x", "a" * 300])
def test_what_is_no_revision_is_refused_before_anybody_is_asked(hub, revision):
    with pytest.raises(BadInput, match="no revision"):
        fetch_repository("org/model", revision, WANTED)
    assert not hub.asked


def test_a_description_that_is_far_too_long_is_not_fetched(hub, model, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.fetching.MAX_TEXT_BYTES", 10)
    with pytest.raises(TooLarge, match=r"config\.json of org/model has 22 bytes"):
        fetch_repository("org/model", wanted=WANTED)


def test_a_file_within_a_file_is_nonsense(hub, model):
    entries = [{"rfilename": name, "size": 2, "blobId": "a" * 40} for name in ("config.json", "config.json/x.json")]
    model.says = listing(*entries)
    with pytest.raises(Unreachable, match="within a file"):
        fetch_repository("org/model", wanted=("*.json", "*/*.json"))


def test_a_name_that_leads_out_of_the_cache_is_never_written(hub, model, tmp_path):
    model.files = {**model.files, "../../../up.json": b"{}", f"{tmp_path}/root.json": b"{}", "a/../../x.json": b"{}"}
    snapshot = fetch_repository("org/model", wanted=("*.json", "*/*", "*/*/*", "*/*/*/*", "*.safetensors"))
    assert {*snapshot.files} == {"config.json", "model.safetensors", "onnx/model.onnx"}
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert not [*tmp_path.rglob("up.json"), *tmp_path.rglob("x.json"), *tmp_path.rglob("root.json")]


def test_a_name_of_very_many_folders_takes_no_time(hub, model):
    model.says = listing({"rfilename": "a/" * 1_000_000, "size": 2, "blobId": "a" * 40})
    with pytest.raises(BadInput, match="none of the files"):
        fetch_repository("org/model", wanted=WANTED)


@pytest.mark.parametrize("there", ["file:///etc/hostname", "ftp://127.0.0.1/a"])
def test_a_hub_may_send_nobody_to_files_of_this_machine(hub, model, there):
    model.sends_on["config.json"] = there
    with pytest.raises(NotAllowed, match=f"sends us on to '{there[:4]}") as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert "HF_ENDPOINT" in caught.value.fix
    assert find_repository("org/model", "main", WANTED) is None


def test_a_hub_that_is_asked_in_secret_sends_nobody_to_where_all_can_listen():
    def sent(before, after):
        return _sent_on(Request("GET", before), Request("GET", after)).url

    assert sent("https://hub.example/a", "https://storage.example/b") == "https://storage.example/b"
    assert sent("http://hub.example/a", "https://storage.example/b") == "https://storage.example/b"
    with pytest.raises(NotAllowed, match="http://169"):
        sent("https://hub.example/a", "http://169.254.169.254/b")


def test_a_hub_that_sends_one_round_in_circles_is_left(hub, model, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.download._PAUSE_S", 0.001)
    model.sends_on["config.json"] = f"{hub.endpoint}/org/model/resolve/main/config.json"
    with pytest.raises(Unreachable, match="on and on"):
        fetch_repository("org/model", wanted=WANTED)


@pytest.mark.parametrize(
    ("endless", "reason"),
    [("config.json", "sends more than the 22 bytes"), ("tree", "nonsense.*more than"), ("failure", "HTTP 500")],
)
def test_what_has_no_end_is_not_read_to_its_end(hub, model, monkeypatch, endless, reason):
    monkeypatch.setattr("lookalike.models.hub.download._PAUSE_S", 0.001)
    monkeypatch.setattr("lookalike.models.hub.asking._MAX_JSON_BYTES", 1_000_000)
    model.endless = endless
    with pytest.raises(Unreachable, match=reason) as caught:
        fetch_repository("org/model", wanted=WANTED)
    assert caught.value.fix


def test_a_hub_that_knows_no_ranges_and_always_breaks_off_is_not_asked_for_ever(hub, model, monkeypatch):
    monkeypatch.setattr("lookalike.models.hub.download._PAUSE_S", 0.001)
    model.ranges, model.cut_after["model.safetensors"] = False, [1_000, 999] * 20
    with pytest.raises(Unreachable, match="only in part"):
        fetch_repository("org/model", wanted=WANTED)
    assert len(model.cut_after["model.safetensors"]) == 40 - 6


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("nan", 60), ("-1", 60), ("1e999", 86_400), ("soon", 60)])
def test_how_long_to_wait_is_always_a_number(said, seconds):
    assert seconds_to_wait(said) == seconds

"""Do encoders and captioners go into an MLflow registry and come out of it, and nothing else with them?"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from captioner_files import CELLS, CHANNELS, WORDS, as_toml, draw_begin, draw_step
from captioner_files import make_card as make_captioner
from mlflow_server import serving_registry
from networks import draw_network, make_card
from typer.testing import CliRunner

from lookalike.captioners import load_captioner
from lookalike.captioners.onnx import OnnxCaptioner
from lookalike.cli import app
from lookalike.encoders import load_encoder
from lookalike.encoders.registry import registrable
from lookalike.errors import BadInput, LookalikeError, MachineError, NotFound, Unreachable
from lookalike.gallery import open_gallery
from lookalike.models.registry import Address, newer_version, register, set_alias
from lookalike.models.registry.manifest import NAME, make_manifest, sums_of
from lookalike.testing import draw_picture, picture_bytes
from lookalike.types import Maps, Pixels

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),  # the server takes its time to start on a busy machine
    pytest.mark.torch,  # MLflow's server is large, too, and so lives where PyTorch does
    pytest.mark.filterwarnings("ignore"),  # of MLflow's client, about itself
]


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> str:
    with serving_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture(autouse=True)
def _asked(registry, home, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)


@pytest.fixture
def draw_encoder(tmp_path):
    """Write an ONNX encoder that is another one for each scale; gives its name."""

    def draw(scale: int) -> str:
        folder = tmp_path / str(scale)
        folder.mkdir(exist_ok=True)
        network = draw_network(scale=scale)
        (folder / "colours.onnx").write_bytes(network)
        (folder / "colours.json").write_text(json.dumps(make_card({"colours.onnx": network})))
        return f"onnx:{folder / 'colours.onnx'}"

    return draw


@pytest.fixture
def enter(draw_encoder):
    """Register an encoder; gives its address."""
    return lambda scale, to: register(*registrable(draw_encoder(scale)), Address.parse(to))


def cli(*arguments: object) -> tuple[int, str]:
    ran = CliRunner().invoke(app, [str(one) for one in arguments], prog_name="lookalike")
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.output


def test_an_encoder_comes_back_as_it_went_in_and_its_name_pins_the_version(enter, draw_encoder):
    assert str(enter(1, "models:/round trip@champion")) == "models:/round trip/1@champion"
    encoder = load_encoder("mlflow:models:/round trip@champion")
    assert encoder.name == "mlflow:models:/round trip/1@champion"
    pictures = [draw_picture(seed, (40, 30)) for seed in range(3)]
    (found,), (expected,) = (one.encode(pictures).values() for one in (encoder, load_encoder(draw_encoder(1))))
    np.testing.assert_array_equal(found, expected)
    (space,) = encoder.spaces.values()
    assert space.name.startswith("round-trip@")
    assert space.encoder == encoder.name


def test_an_alias_moves_on_and_a_name_that_says_the_version_does_not(enter):
    enter(1, "models:/moving@champion")
    first = load_encoder("mlflow:models:/moving@champion")
    assert newer_version(first.name) is None
    assert enter(2, "models:/moving@champion").version == 2
    second = load_encoder("mlflow:models:/moving@champion")
    assert second.name == "mlflow:models:/moving/2@champion"
    assert first.spaces.keys() != second.spaces.keys(), "vectors of two versions never meet in one space"
    assert load_encoder(first.name).name == first.name
    assert str(newer_version(first.name)) == "models:/moving/2@champion"
    assert newer_version("mlflow:models:/moving/1") is None
    assert newer_version("mini") is None


def test_the_same_files_are_no_new_version(enter):
    assert [enter(scale, "models:/same").version for scale in (1, 2, 1)] == [1, 2, 1]


def test_what_is_here_is_loaded_though_the_registry_is_gone(enter, monkeypatch):
    enter(1, "models:/kept@champion")
    name = load_encoder("mlflow:models:/kept@champion").name
    monkeypatch.setattr("lookalike.models.registry.fetching.make_client", lambda: pytest.fail("asked the registry"))
    assert load_encoder(name).name == name


def test_what_another_model_left_under_the_same_number_is_not_taken_for_it(enter):
    from mlflow import MlflowClient

    enter(1, "models:/renewed@champion")
    first = load_encoder("mlflow:models:/renewed@champion")
    MlflowClient().delete_registered_model("renewed")
    assert str(enter(2, "models:/renewed@champion")) == "models:/renewed/1@champion"
    second = load_encoder("mlflow:models:/renewed@champion")
    assert first.spaces.keys() != second.spaces.keys()
    assert load_encoder(second.name).spaces.keys() == second.spaces.keys()


def test_the_address_of_the_registry_alone_is_enough(enter, registry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", registry)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    enter(1, "models:/alone@champion")
    assert load_encoder("mlflow:models:/alone@champion").name == "mlflow:models:/alone/1@champion"


def test_what_a_killed_program_left_goes_with_the_next_fetch(enter, home):
    enter(1, "models:/swept@champion")
    load_encoder("mlflow:models:/swept@champion")
    (folder,) = (home / "cache/lookalike/registry").glob("*/swept")
    (folder / ".coming-killed").mkdir()
    (folder / ".coming-killed/half.onnx").write_bytes(b"half")
    enter(2, "models:/swept@champion")
    load_encoder("mlflow:models:/swept@champion")
    assert {one.name for one in folder.iterdir()} == {".lock", "1", "2"}


def test_a_version_whose_description_is_spoilt_is_fetched_again(enter, home):
    enter(1, "models:/emptied@champion")
    name = load_encoder("mlflow:models:/emptied@champion").name
    (described,) = (home / "cache/lookalike/registry").glob(f"*/emptied/1/{NAME}")
    described.write_bytes(b"")
    assert load_encoder(name).name == name
    assert described.read_bytes()


def test_a_version_that_lost_a_file_is_fetched_again(enter, home):
    enter(1, "models:/tidied@champion")
    name = load_encoder("mlflow:models:/tidied@champion").name
    (weights,) = (home / "cache/lookalike/registry").glob("*/tidied/1/**/*.onnx")
    weights.unlink()
    for asked in ("mlflow:models:/tidied/1", "mlflow:models:/tidied@champion"):
        assert name.startswith(load_encoder(asked).name)
        assert weights.is_file()


def test_what_was_fetched_outlives_a_power_cut(plant, home, monkeypatch):
    synced = set()
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))
    network = draw_network()
    card = json.dumps(make_card({"colours.onnx": network})).encode()
    files = {"colours.onnx": network, "colours.json": card, "inner/words.json": b"[]"}
    described = {"kind": "encoder", "family": "onnx", "entry": "colours.onnx", "files": sums_of(files)}
    load_encoder(plant("synced", {NAME: json.dumps(described).encode(), **files}))
    (folder,) = (home / "cache/lookalike/registry").glob("*/synced/1")
    assert {path.stat().st_ino for path in (folder, *folder.rglob("*"))} <= synced


def test_models_that_differ_in_capitals_only_share_no_folder_where_the_disk_sees_no_capitals(enter, home):
    for scale, name in enumerate(("models:/Capital@champion", "models:/capital@champion"), start=1):
        enter(scale, name)
        load_encoder(f"mlflow:{name}")
    folders = [one.name.lower() for one in (home / "cache/lookalike/registry").glob("*/*apital*")]
    assert len({*folders}) == 2


def test_two_who_want_the_same_version_fetch_it_once(enter, monkeypatch):
    from lookalike.models.registry import fetching

    enter(1, "models:/both@champion")
    brought = []
    bring_all = fetching._bring_all
    monkeypatch.setattr(fetching, "_bring_all", lambda *given: (brought.append(given), bring_all(*given)))
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(load_encoder, ["mlflow:models:/both@champion"] * 2)
    assert one.name == other.name
    assert len(brought) == 1


def test_a_cache_that_cannot_be_written_is_said_to(enter, home):
    enter(1, "models:/full@champion")
    (home / "cache").mkdir(exist_ok=True)
    (home / "cache/lookalike").write_bytes(b"no folder")
    with pytest.raises(MachineError, match="cannot be written"):
        load_encoder("mlflow:models:/full@champion")


def test_a_registry_that_does_not_answer_is_said_to(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 fails"):
        load_encoder("mlflow:models:/photos@champion")


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("models:/nobody@champion", NotFound, "has no models:/nobody@champion"),
        ("models:/there@nobody", NotFound, "has no models:/there@nobody"),
        ("models:/there/77", NotFound, "has no models:/there/77"),
        ("models:/there", BadInput, "says no version"),
        ("models:/../../etc/1", BadInput, "names no version"),
        ("there", BadInput, "names no version"),
    ],
)
def test_a_version_that_is_not_there_says_what_is_missing(enter, name, kind, says):
    enter(1, "models:/there")
    with pytest.raises(kind, match=says):
        load_encoder(f"mlflow:{name}")


def see_dogs(images: Sequence[Pixels]) -> Maps:
    maps = np.zeros((len(images), CELLS, CHANNELS), np.float32)
    maps[..., 1] = 3
    return maps


def test_a_captioner_comes_back_as_it_went_in(tmp_path):
    files = {"begin.onnx": draw_begin(), "step.onnx": draw_step(), "words.json": json.dumps(WORDS).encode()}
    for name, data in (files | {"captioner.toml": as_toml(make_captioner(files)).encode()}).items():
        (tmp_path / name).write_bytes(data)
    assert cli("register", tmp_path, "--captioner", "--to", "models:/words@champion")[0] == 0
    captioner = load_captioner("mlflow:models:/words@champion", see_dogs)
    assert captioner.name == "mlflow:models:/words/1@champion"
    expected = OnnxCaptioner("x", tmp_path, see_dogs)
    pictures = [draw_picture(seed, (40, 30)) for seed in range(2)]
    assert captioner.caption(pictures) == expected.caption(pictures)
    with pytest.raises(BadInput, match="is a captioner, where encoder is wanted"):
        load_encoder("mlflow:models:/words@champion")


def test_a_captioner_of_the_hub_is_registered_with_its_files(tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    import fitting_torchvision  # noqa: F401 - before whatever imports torchvision
    from hub_server import Repository, ask_only, serving_hub
    from tiny_captioners import write_captioner

    folder = write_captioner("blip", tmp_path / "blip")
    with serving_hub({"org/blip": Repository({path.name: path.read_bytes() for path in folder.iterdir()})}) as hub:
        ask_only(hub, tmp_path / "home", monkeypatch)
        assert cli("register", "hf:org/blip", "--captioner", "--to", "models:/blip@champion")[0] == 0
        from_hub = load_captioner("hf:org/blip")
    pictures = [draw_picture(seed, (40, 30)) for seed in range(2)]
    assert load_captioner("mlflow:models:/blip@champion").caption(pictures) == from_hub.caption(pictures)


def test_an_encoder_of_torch_is_registered_with_its_files(tmp_path, monkeypatch):
    pytest.importorskip("timm")
    from hub_server import Repository, ask_only, serving_hub
    from torch_checkpoints import write_clip

    (tmp_path / "clip").mkdir()
    write_clip(tmp_path / "clip")
    files = {path.name: path.read_bytes() for path in (tmp_path / "clip").iterdir()}
    with serving_hub({"org/clip": Repository(files)}) as hub:
        ask_only(hub, tmp_path / "home", monkeypatch)
        assert cli("register", "hf:org/clip", "--to", "models:/clip@champion")[0] == 0
        from_hub = load_encoder("hf:org/clip")
    pictures = [draw_picture(seed, (40, 30)) for seed in range(2)]
    (found,), (expected,) = (
        one.encode(pictures).values() for one in (load_encoder("mlflow:models:/clip@champion"), from_hub)
    )
    np.testing.assert_array_equal(found, expected)


def test_files_are_registered_also_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    network = draw_network()
    files = {"colours.onnx": network, "colours.json": json.dumps(make_card({"colours.onnx": network})).encode()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    manifest_ = make_manifest("encoder", "onnx", "onnx:colours.onnx", sums_of(files), entry="colours.onnx")
    register(manifest_, {name: tmp_path / name for name in files}, Address.parse("models:/linkless@champion"))
    assert load_encoder("mlflow:models:/linkless@champion").name == "mlflow:models:/linkless/1@champion"


def test_the_verb_registers_and_gives_aliases(draw_encoder):
    code, output = cli("register", draw_encoder(1), "--to", "models:/verb@champion")
    assert (code, output) == (0, "Version 1 of verb. Use it as mlflow:models:/verb@champion\n")
    said = json.loads(cli("register", draw_encoder(2), "--to", "models:/verb", "--json")[1])
    assert said == {"model": "verb", "version": 2, "alias": "", "name": "mlflow:models:/verb/2"}
    assert cli("register", "mlflow:models:/verb/2", "--to", "models:/verb@champion")[0] == 0
    assert load_encoder("mlflow:models:/verb@champion").name.endswith("/verb/2@champion")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("mini", "--to", "photos"), 2, "names no version"),
        (("mini", "--to", "models:/photos/3"), 2, "says a version"),
        (("mlflow:models:/others/3", "--to", "models:/photos@champion"), 2, "is no version of photos"),
        (("mlflow:models:/photos/99", "--to", "models:/photos@champion"), 2, "has no models:/photos/99"),
        (("nowhere", "--captioner", "--to", "models:/photos"), 2, "captioner.toml"),
        (("onnx:nowhere.onnx", "--to", "models:/photos"), 2, "There is no"),
    ],
)
def test_what_cannot_be_registered_says_why(arguments, code, says):
    ended, output = cli("register", *arguments)
    assert ended == code
    assert says in output


def test_a_gallery_says_when_its_alias_names_a_newer_version(enter, tmp_path):
    enter(1, "models:/gallery@champion")
    picture = tmp_path / "one.png"
    picture.write_bytes(picture_bytes(1))
    where = ("--gallery", tmp_path / "new.gallery")
    assert cli("index", picture, "--encoder", "mlflow:models:/gallery@champion", *where)[0] == 0
    assert "names version" not in cli("info", *where)[1]
    enter(2, "models:/gallery@champion")
    with open_gallery(tmp_path / "new.gallery") as opened:
        (space,) = opened.spaces.values()
    assert space.encoder == "mlflow:models:/gallery/1@champion"
    assert len(space.digest) == 64
    told = cli("info", *where)[1]
    assert "names version 2 now; the gallery has vectors of version 1" in told
    assert "lookalike reencode --encoder mlflow:models:/gallery@champion" in told
    code, found = cli("search", picture, "--json", *where)
    assert (code, json.loads(found.splitlines()[-1])["tier"]) == (0, "identical"), "the gallery's own version answers"


# What others put into a registry


@pytest.fixture
def plant(registry, tmp_path):
    """Register files as they are, whatever they are."""

    def plant(name: str, files: dict[str, bytes]) -> str:
        from mlflow import MlflowClient

        client = MlflowClient()
        logged = client.create_logged_model("0", name=name)
        folder = tmp_path / name
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
        client.create_registered_model(name)
        source = f"models:/{logged.model_id}"
        client.create_model_version(name, source, model_id=logged.model_id, await_creation_for=None)
        return f"mlflow:models:/{name}/1"

    return plant


def manifest(**files: bytes) -> bytes:
    named = {name.replace("_dot_", "."): hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return json.dumps({"kind": "encoder", "family": "onnx", "entry": "a.onnx", "files": named}).encode()


@pytest.mark.parametrize(
    ("name", "files", "says"),
    [
        ("pickled", {"MLmodel": b"flavors: {}", "model.pkl": b"cos\nsystem"}, "was not registered by Lookalike"),
        ("pickle-named", {NAME: manifest(a_dot_pkl=b"x"), "a.pkl": b"x"}, "may not be part of a model"),
        ("upwards", {NAME: manifest(a_dot_onnx=b"x").replace(b"a.onnx", b"../a.onnx")}, "may not be part of a model"),
        ("lacking", {NAME: manifest(a_dot_onnx=b"x")}, "lacks its file a.onnx"),
        ("spoilt", {NAME: manifest(a_dot_onnx=b"x"), "a.onnx": b"y"}, "was registered with"),
        ("nonsense", {NAME: b"[]"}, "lookalike.json is wrong"),
        ("unknown", {NAME: manifest(a_dot_onnx=b"x").replace(b'"onnx"', b'"keras"'), "a.onnx": b"x"}, "not known here"),
    ],
)
def test_what_others_registered_is_refused_where_it_is_no_model_of_ours(plant, home, name, files, says):
    with pytest.raises(LookalikeError, match=says):
        load_encoder(plant(name, files))
    assert not list(home.rglob("*.pkl"))


def test_an_alias_needs_a_version_that_is_there(enter):
    with pytest.raises(BadInput, match="no alias"):
        set_alias(Address.parse("models:/photos/1"))
    enter(1, "models:/aliased")
    with pytest.raises(NotFound):
        set_alias(Address.parse("models:/aliased/9@champion"))

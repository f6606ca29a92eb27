"""What do many tests need? Pictures, decoders, and a home of their own, so that nobody's real gallery is touched."""

import gc
import itertools
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from lookalike.decode import DecodePool

# A busy machine is slow, not wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Whoever runs the tests in the background ignores Ctrl-C, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_HOMES = {
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_STATE_HOME": "state",
    "LOCALAPPDATA": "data",
}


def pytest_collection() -> None:
    """Search for no garbage while modules load: hardly any is made, and looking for it takes a sixth of the time."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that are given the most time, so that no worker is left alone with one at the end."""
    patience: dict[Path, float] = {}
    for item in items:
        given = item.get_closest_marker("timeout")
        patience[item.path] = max(patience.get(item.path, 0), given.args[0] if given else 0)
    items.sort(key=lambda item: -patience[item.path])


def pytest_collection_finish() -> None:
    """Leave what is there for good out of every later search for garbage, which otherwise takes a tenth of the time."""
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why something failed the first time, though it passed the second: it is to be mended all the same."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed, then run again: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


def pytest_sessionfinish() -> None:
    """Look once for garbage that complains, and spare pytest ten more looks at everything."""
    gc.collect()
    gc.freeze()


def use_home(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Move the folders of this user, and take away the settings that the environment makes."""
    for name in os.environ:
        if name.startswith("LOOKALIKE_") and name != "LOOKALIKE_TEST_DATA":
            patch.delenv(name)
    for name, folder in _HOMES.items():
        patch.setenv(name, str(home / folder))
    patch.setenv("HOME", str(home))


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep fixtures that live longer than a test away from the developer's files."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        use_home(folder, patch)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))  # one for all tests: compiling networks takes long
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not there yet: pytest's own numbering looks at all others first, which adds up over the run."""
    parent = tmp_path_factory.mktemp("homes")
    return (parent / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of this test alone."""
    folder = next(_homes)
    folder.mkdir()
    use_home(folder, monkeypatch)
    monkeypatch.chdir(folder)  # away from a lookalike.toml in the checkout
    return folder


@pytest.fixture(params=["onnxruntime", pytest.param("openvino", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> str:
    """What runs networks: one after the other."""
    from lookalike.models.engines import has_openvino

    if request.param == "openvino" and not has_openvino():
        pytest.skip("OpenVINO is not installed; it is, by default, on x86-64")
    return request.param


@pytest.fixture(scope="session")
def decoder() -> Iterator["DecodePool"]:
    """Two decoding processes for the whole run; whoever limits or kills workers makes a pool of its own."""
    from lookalike.decode import DecodePool

    with DecodePool(workers=2) as pool:
        yield pool


@pytest.fixture(scope="session")
def drawn_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures of `photos`, drawn once for the whole run; never to be changed."""
    from lookalike.testing import picture_bytes

    folder = tmp_path_factory.mktemp("drawn")
    (folder / "holiday").mkdir()
    for seed in range(10):
        name = f"holiday/picture-{seed}.jpg" if seed < 3 else f"picture-{seed}.png"
        (folder / name).write_bytes(picture_bytes(seed, file_format="jpeg" if seed < 3 else "png"))
    return folder


@pytest.fixture
def photos(tmp_path: Path, drawn_photos: Path) -> Path:
    """A folder of ten drawn pictures, `picture-0.png` to `picture-9.png`, of which three are JPEGs in `holiday/`."""
    return Path(shutil.copytree(drawn_photos, tmp_path / "photos"))


@pytest.fixture
def doubled(photos: Path) -> Path:
    """The drawn pictures, picture 4 three times, once in `holiday/`, and picture 5 at half its size besides."""
    from PIL import Image

    for copy in ("copy one.png", "holiday/copy two.png"):
        shutil.copy(photos / "picture-4.png", photos / copy)
    with Image.open(photos / "picture-5.png") as image:
        image.resize((image.width // 2, image.height // 2)).save(photos / "small.png")
    return photos


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real pictures that LOOKALIKE_TEST_DATA names."""
    folder = os.environ.get("LOOKALIKE_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("LOOKALIKE_TEST_DATA names no folder of pictures")
    return Path(folder)


@pytest.fixture(scope="session")
def messy_images(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some 1,480 odd, broken and hostile files."""
    archive = test_data / "messy-images.tar"
    if not archive.is_file():
        pytest.skip(f"there is no {archive}")
    folder = tmp_path_factory.mktemp("messy")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def unprivileged() -> list[str]:
    """What to put before a command so that permission bits hold for it; for root, without its power over them."""
    if os.geteuid() != 0:
        return []
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"], check=False).returncode:
        pytest.skip("permissions do not hold for root, and there is no setpriv to give its powers up")
    return prefix


class _Turn:
    """A turn that is a thread's until it is given back."""

    def __init__(self) -> None:
        self.given_back = Event()

    def take(self) -> None:
        self.given_back.clear()

    def give_back(self) -> bool:
        self.given_back.set()
        return True

    def go_out(self) -> None:
        pass


@pytest.fixture
def assert_steps_aside() -> Callable[[Callable[[], object], Callable[[], object]], None]:
    """Does work in a thread whose turn it is; the turn must be given back until `go_on` lets the work go on."""
    from lookalike.threads import taking_turns

    def check(work: Callable[[], object], go_on: Callable[[], object]) -> None:
        turn = _Turn()

        def work_in_turn() -> None:
            with taking_turns(turn):
                turn.take()
                work()

        thread = Thread(target=work_in_turn, daemon=True)
        thread.start()
        stepped_aside = turn.given_back.wait(20)
        go_on()
        thread.join(60)
        assert stepped_aside
        assert not thread.is_alive()

    return check

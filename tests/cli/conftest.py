"""What do tests of the command line need? Pictures, a filled gallery, and two ways to run the command."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from networks import make_whole_checkpoint
from PIL import Image, ImageOps
from typer.testing import CliRunner

from lookalike.cli import app
from lookalike.gallery import open_gallery
from lookalike.testing import draw_picture, picture_bytes

COUNT = 8


@dataclass(frozen=True)
class Ran:
    """What a run of the command gave."""

    code: int
    stdout: str
    stderr: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]


@pytest.fixture(scope="session")
def album(tmp_path_factory) -> Path:
    """A folder of pictures that no test changes: `0.jpg` to `7.jpg`, and a file that is none."""
    folder = tmp_path_factory.mktemp("album")
    for seed in range(COUNT):
        (folder / f"{seed}.jpg").write_bytes(picture_bytes(seed, (96, 72)))
    (folder / "notes.jpg").write_text("not a picture")
    return folder


@pytest.fixture(autouse=True)
def _one_worker(home, monkeypatch) -> None:
    """The pictures here are few and small: to start a second worker costs more than it saves."""
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")


@pytest.fixture(scope="session")
def _filled(cli, album, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "album.gallery"
    done = cli("index", album, "--gallery", path)
    assert done.code == 0, done.stderr
    return path


@pytest.fixture
def gallery(_filled, tmp_path) -> Path:
    """A gallery of the album, for this test alone."""
    return Path(shutil.copy(_filled, tmp_path / "album.gallery"))


@pytest.fixture(scope="session")
def _own_filled(cli, album, tmp_path_factory) -> Path:
    folder = Path(shutil.copytree(album, tmp_path_factory.mktemp("own") / "album"))
    path = folder.with_name("filled.gallery")
    assert cli("index", folder, "--gallery", path).code == 0
    return path


@pytest.fixture
def folder(_own_filled, album) -> Path:
    """A copy of the album that a test may change; the next one finds a new copy in its place."""
    for path in _own_filled.parent.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
    return Path(shutil.copytree(album, _own_filled.with_name("album")))


@pytest.fixture
def own_gallery(_own_filled, folder, tmp_path) -> Path:
    """A gallery of that copy."""
    return Path(shutil.copy(_own_filled, tmp_path / "own.gallery"))


@pytest.fixture(scope="session")
def images() -> Callable[[Path], int]:
    """Count the pictures of a gallery."""

    def images(gallery: Path) -> int:
        with open_gallery(gallery) as opened:
            return opened.count()

    return images


@pytest.fixture
def model(tmp_path, monkeypatch) -> Path:
    """An encoder in an ONNX file, with its card; whoever encodes with it here gives way to nobody."""
    monkeypatch.setattr(os, "nice", lambda _: 0)
    folder = tmp_path / "model"
    folder.mkdir()
    for name, content in make_whole_checkpoint().items():
        (folder / name).write_bytes(content)
    return folder / "colours.onnx"


@pytest.fixture(scope="session")
def cli() -> Callable[..., Ran]:
    """Run the command inside this process."""

    def cli(*arguments: object, stdin: bytes | None = None) -> Ran:
        ran = CliRunner().invoke(app, [_text(one) for one in arguments], input=stdin, prog_name="lookalike")
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    return cli


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Run the real command in a process of its own."""

    def run(*arguments: object, prefix: Sequence[str] = (), timeout: float = 100, **options: Any) -> Ran:
        done = subprocess.run(
            [*prefix, *command(*arguments)], capture_output=True, timeout=timeout, check=False, **options
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def start():
    """Start the real command and leave it running; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: object, prefix: Sequence[str] = (), **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        running.append(subprocess.Popen([*prefix, *command(*arguments)], **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def interrupt():
    """Press Ctrl-C until a program hears it, and give what it says; numpy or OpenCV swallows one while imported."""

    def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
        for _ in range(6):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=10)
        raise AssertionError("It goes on for a minute.")

    return interrupt


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lookalike", *map(_text, arguments)]


def _text(argument: object) -> str:
    return os.fspath(argument) if isinstance(argument, os.PathLike) else str(argument)


def scene(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Draw a picture with coarse shapes and fine texture, as photos have."""
    spots = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size[::-1]), (0, 0), 3)[..., None]
    return Image.fromarray(np.clip(draw_picture(seed, size) * 0.6 + 50 + spots * 200, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """A folder of an original, copies of it, and others; only read from."""
    folder = tmp_path_factory.mktemp("compared")
    original, other = scene(1), scene(2)
    original.save(folder / "original.png")
    original.save(folder / "again.bmp")
    ImageOps.mirror(original.crop((120, 90, 360, 270))).save(folder / "part.jpg", quality=85)
    other.save(folder / "other.png")
    shared = other.copy()
    shared.paste(original.crop((0, 0, 480, 90)), (0, 0))
    shared.save(folder / "shared.png")
    return folder


@pytest.fixture(scope="session")
def indexed(cli, pictures, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("indexed") / "compared.gallery"
    done = cli("index", pictures, "--gallery", path)
    assert done.code == 0, done.stderr
    return path

"""Does the wheel work where nothing else is?"""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from lookalike.testing import picture_bytes

ROOT = Path(__file__).parents[1]

ENVIRONMENT = dict(os.environ)
"""As it was before the tests took a home of their own: pip's settings and cache are the developer's."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*arguments: str | Path, **options) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=500, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pip(where: Path, *arguments: str | Path) -> str:
    """Run our pip on another environment, which spares it one of its own."""
    return run(sys.executable, "-m", "pip", "--python", where / "python", *arguments, env=ENVIRONMENT)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, env=ENVIRONMENT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """A virtual environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder)
    pip(folder / "bin", "install", "--quiet", "--no-compile", wheel)
    return folder / "bin"


def test_the_wheel_holds_the_model_and_the_app_and_no_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.startswith("lookalike/encoders/") and name.endswith(".onnx") for name in names)
    assert {"lookalike/service/page/docs.html", "lookalike/service/app/index.html"} <= names
    assert any(name.startswith("lookalike/service/app/assets/") and name.endswith(".js") for name in names)
    assert "lookalike/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} <= {
        "lookalike",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
    assert not [name for name in names if "/test_" in name or "__pycache__" in name]


def test_the_wheel_stays_small(wheel):
    assert wheel.stat().st_size < 25_000_000


def test_an_installed_wheel_indexes_and_searches(bare, tmp_path):
    for seed in range(5):
        (tmp_path / f"{seed}.png").write_bytes(picture_bytes(seed, file_format="png"))
    gallery = ("--gallery", tmp_path / "new.gallery")
    assert run(bare / "lookalike", "--version").startswith("lookalike ")
    run(bare / "lookalike", "index", tmp_path, *gallery, cwd=tmp_path)
    answer = run(bare / "lookalike", "search", tmp_path / "3.png", *gallery, "--json", cwd=tmp_path)
    first, *others = map(json.loads, answer.splitlines())
    assert first["tier"] == "identical"
    assert first["uri"] == (tmp_path / "3.png").as_uri()
    assert len(others) == 4


def test_an_installed_wheel_needs_no_torch(bare):
    installed = {one["name"] for one in json.loads(pip(bare, "list", "--format", "json"))}
    assert not installed & {"torch", "pytest", "mypy", "ruff", "scikit-image"}

"""Does `make serve` hand over what it was given?"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def checkout(tmp_path):
    """A checkout that is installed already, with an echo in place of the program."""
    folder = tmp_path / "a checkout"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(MAKEFILE, folder)
    (folder / "pyproject.toml").touch()
    for stamp in ("made", "run", "dev"):
        (folder / ".venv" / f".{stamp}").touch()
    for name, does in {"lookalike": 'printf "%s\\n" "$@"', "python": "exit 0"}.items():
        program = folder / ".venv" / "bin" / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    return folder


def make(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "PHOTOS"}
    return subprocess.run(
        ["make", *arguments], cwd=cwd, env=outside, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("given", "handed_over"),
    [
        ("/mnt/photos", "/mnt/photos"),
        ("My Pictures", "My Pictures"),
        ("~/Pictures", "{home}/Pictures"),
        ("~/My Pictures (2019)", "{home}/My Pictures (2019)"),
        ("~", "{home}"),
        ('it\'s $HOME; "50 %" & #1 $(date)', 'it\'s $HOME; "50 %" & #1 $(date)'),
    ],
)
def test_the_folder_arrives_whole(checkout, home, given, handed_over):
    done = make("serve", f"PHOTOS={given}", cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["serve", handed_over.format(home=home), "--open"]


def test_without_a_folder_there_is_a_demo(checkout):
    assert make("serve", cwd=checkout).stdout.splitlines() == ["serve", "--demo", "--open"]


def test_plain_make_lists_the_targets(checkout):
    listed = make(cwd=checkout).stdout
    for target in ("serve", "test", "check", "fmt", "bench", "docs", "web", "clean"):
        assert f"  make {target} " in listed


def test_a_machine_without_a_new_python_is_told_what_to_do(checkout):
    shutil.rmtree(checkout / ".venv")
    done = make("serve", "PYTHON=", cwd=checkout)
    assert done.returncode == 2
    assert "Python 3.11" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("bench", "needs"),
    [("copies", "--group edits"), ("duplicates", "--group edits"), ("web_app", "web/node.py build"), ("growth", "")],
)
def test_a_measurement_has_what_it_needs(checkout, bench, needs):
    done = make("--dry-run", f"bench-{bench}", "ARGS=--help", cwd=checkout)
    assert done.returncode == 0, done.stderr
    before, runs, _ = done.stdout.partition(f"bench/{bench}.py --help")
    assert runs
    assert needs in before
    assert ("pip install" in before) is needs.startswith("--group")


def test_every_measurement_is_in_make_bench():
    bench = MAKEFILE.parent / "bench"
    texts = {path.name: path.read_text() for path in bench.glob("*.py")}
    scripts = {name for name, text in texts.items() if "ArgumentParser(" in text and "__main__" in text}
    assert "bench/everything.py" in MAKEFILE.read_text().partition("\nbench:")[2].partition("\n\n")[0]
    assert set(re.findall(r"\"(\w+\.py)[ \"]", (bench / "everything.py").read_text())) == scripts

"""Is the app built when it must be, and only then?"""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = "src/lookalike/service/app"


@pytest.fixture
def tree(tmp_path):
    """A checkout with a source, and programs that write down how they are called; npm makes an empty page."""
    for path in ("web/src/main.tsx", "web/package-lock.json", "docs/openapi.json"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    shutil.copy(ROOT / "web" / "node.py", tmp_path / "web")
    (tmp_path / "bin").mkdir()
    node, npm = tmp_path / "bin" / "node", tmp_path / "bin" / "npm"
    node.write_text("#!/bin/sh\necho v22.12.0\n")
    npm.write_text(f'#!/bin/sh\necho "$@" >> called\nmkdir -p node_modules ../{APP} && touch ../{APP}/index.html\n')
    for program in (node, npm):
        program.chmod(0o755)
    return tmp_path


def run(tree: Path, *arguments: str) -> list[str]:
    """Run the script, and give how npm was called."""
    (tree / "web" / "called").unlink(missing_ok=True)
    path = os.pathsep.join([str(tree / "bin"), "/usr/bin", "/bin"])
    command = [sys.executable, tree / "web" / "node.py", *arguments]
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True, timeout=60)
    called = tree / "web" / "called"
    return called.read_text().splitlines() if called.exists() else []


def test_what_is_missing_is_installed_and_built(tree):
    assert run(tree, "build", "--if-needed") == ["ci --no-audit --no-fund --loglevel=error", "run --silent build"]


@pytest.mark.parametrize(
    ("version", "will_do"),
    [("18.19.1", False), ("20.19.0", True), ("21.7.3", False), ("22.4.0", False), ("24.1.0", True)],
)
def test_a_node_that_will_not_do_is_not_taken(tree, monkeypatch, version, will_do):
    (tree / "bin" / "node").write_text(f"#!/bin/sh\necho v{version}\n")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tree / "bin"), "/usr/bin", "/bin"]))
    found = runpy.run_path(str(tree / "web" / "node.py"))["npm_that_will_do"]()
    assert found == (str(tree / "bin" / "npm") if will_do else None)


@pytest.mark.slow
def test_what_is_installed_is_not_installed_again_until_it_is_another_whatever_its_age(tree):
    assert run(tree, "test") == ["ci --no-audit --no-fund --loglevel=error", "run --silent test"]
    assert run(tree, "test") == ["run --silent test"]
    lock = tree / "web" / "package-lock.json"
    lock.write_text("{}")
    os.utime(lock, (0, 0))
    assert "ci --no-audit --no-fund --loglevel=error" in run(tree, "test")


@pytest.mark.slow
def test_an_app_is_left_alone_until_it_is_missing_or_its_sources_are_others_whatever_their_age(tree):
    assert "run --silent build" in run(tree, "build", "--if-needed")
    assert run(tree, "build", "--if-needed") == []
    source = tree / "web" / "src" / "main.tsx"
    source.write_text("another")
    os.utime(source, (0, 0))
    assert "run --silent build" in run(tree, "build", "--if-needed")
    assert run(tree, "build", "--if-needed") == []
    (tree / APP / "index.html").unlink()
    assert "run --silent build" in run(tree, "build", "--if-needed")

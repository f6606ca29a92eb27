"""Does a stranger who follows the pages succeed?"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import typer.main

from lookalike.cli import app
from lookalike.testing import picture_bytes

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str, text: str) -> list[str]:
    """Give the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def lookalike_lines(text: str) -> list[str]:
    """Give the commands `lookalike …` in a page's shell blocks and between its backticks."""
    lines = [line for block in blocks("sh", text) for line in block.splitlines()]
    quoted = re.findall(r"`(lookalike [^`…]*)", text)
    return [line for line in [*lines, *quoted] if line.startswith("lookalike ")]


TOUR = blocks("sh", README)[2].splitlines()


@pytest.fixture
def stage(home, tmp_path):
    """A folder with a picture to search with, and a home with pictures."""
    for seed, name in enumerate(["a.jpeg", "b.png", "holiday/c.jpeg", "holiday/d.webp", "old.gif"]):
        path = home / "Pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_bytes(seed, file_format=path.suffix[1:]))
    (tmp_path / "holiday.jpg").write_bytes(picture_bytes(2))
    return tmp_path


def run(arguments, cwd):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        arguments, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.slow
def test_the_library_example_has_five_lines_and_finds_the_picture(stage):
    (code,) = blocks("python", README)
    (stage / "example.py").write_text(code, "utf-8")
    done = run([sys.executable, "example.py"], stage)
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first.startswith("1 identical 100% ")
    assert first.endswith("/Pictures/holiday/c.jpeg")
    assert len(others) == 4
    assert len([line for line in code.splitlines() if line.strip()]) == 5


@pytest.mark.slow
def test_the_tour_of_the_terminal_runs_from_top_to_bottom(stage):
    assert len(TOUR) >= 11
    for line in TOUR:
        done = run(["bash", "-c", line], stage)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    assert (stage / "copy.gallery").stat().st_size > 0
    assert "<img" in (stage / "answers.html").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_page_names_real_verbs_and_options(page):
    verbs = typer.main.get_command(app).commands
    for line in lookalike_lines(page.read_text("utf-8")):
        words = [word for word in shlex.split(line, comments=True)[1:] if word != "\\"]
        if not words or words[0].startswith("-"):
            continue
        assert words[0] in verbs, line
        known = {
            option for parameter in verbs[words[0]].params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        used = {word.partition("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
        assert used <= {*known, "--help"}, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_a_page_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_what_the_pages_link_to_is_in_the_sdist():
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"]
    links = {
        (page.parent / link).resolve().relative_to(ROOT).parts[0]
        for page in PAGES
        for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
        if "://" not in link
    }
    assert "CONTRIBUTING.md" in links
    assert links <= {*packed["include"]}


def test_the_words_of_the_glossary_stand_in_order():
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)
    assert words == sorted(words)
    assert {"fingerprint", "copy vector", "label", "tag", "scope", "cursor"} <= {*words}


def test_every_extra_is_on_the_page_with_its_command():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| `(pip install \S+)` \|$", page, re.MULTILINE))
    assert rows == {name: f"pip install '.[{name}]'" for name in project["optional-dependencies"]}


def test_no_page_installs_by_a_name_that_is_not_published():
    lines = [line for page in PAGES for block in blocks("sh", page.read_text("utf-8")) for line in block.splitlines()]
    assert not [line for line in lines if re.search(r"pip install .*\blookalike\b", line)]


def test_the_pages_name_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"(?:^|`| {4})make ([a-z]+)", page.read_text("utf-8"), re.M)}
    assert named <= targets
    assert {"serve", "test", "check"} <= named


def test_the_changelog_is_newest_first():
    versions = re.findall(r"^## (\d+)\.(\d+)\.(\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    numbers = [tuple(map(int, version)) for version in versions]
    assert all(newer > older for newer, older in pairwise(numbers))

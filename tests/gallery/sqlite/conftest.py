"""What do the tests of the gallery in a file need? One that is filled, and other users to run Python as."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import make_records, make_space

NOBODY = 65_534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the gallery of this test lies."""
    return tmp_path / "test.gallery"


@pytest.fixture
def gallery(path: Path) -> Iterator[SqliteGallery]:
    """A gallery that holds `make_records(40)`."""
    with SqliteGallery.open(path) as gallery:
        gallery.add_space(make_space())
        gallery.put(make_records(40))
        yield gallery


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Runs Python code with arguments in another process, and gives what it prints."""

    def run(code: str, *arguments: object, **options: object) -> str:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def as_mortal(code: str) -> str:
    """Give code that first becomes a user whom the permissions of files stop, which they do not stop root."""
    if os.geteuid() != 0:
        return code
    drop = f"import os; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
    imports = "import lookalike.gallery.sqlite, lookalike.testing\n"  # while the package may still be read
    return imports + drop + code


@pytest.fixture
def run_as_mortal(run_python: Callable[..., str]) -> Callable[..., str]:
    """Runs Python code as such a user."""
    return lambda code, *arguments: run_python(as_mortal(code), *arguments)


@pytest.fixture
def ask_mortal() -> Iterator[Callable[..., Callable[[], str]]]:
    """Begins Python code as such a user; gives what sends it a line, and gives the line that it answers with."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: object) -> Callable[[], str]:
        command = [sys.executable, "-c", as_mortal(code), *map(str, arguments)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdin
        assert process.stdout
        asked, answered = process.stdin, process.stdout

        def ask() -> str:
            asked.write("\n")
            asked.flush()
            return answered.readline().rstrip("\n")

        return ask

    yield begin
    for process in running:
        process.communicate(timeout=30)

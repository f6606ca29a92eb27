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


@pytest.fixture
def run_as_mortal(run_python: Callable[..., str]) -> Callable[..., str]:
    """Runs Python code as a user whom the permissions of files stop, which they do not stop root."""

    def run(code: str, *arguments: object) -> str:
        if os.geteuid() != 0:
            return run_python(code, *arguments)
        drop = f"import os; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        imports = "import lookalike.gallery.sqlite, lookalike.testing\n"  # while the package may still be read
        return run_python(imports + drop + code, *arguments)

    return run

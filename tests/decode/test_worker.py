"""Does a worker read ordinary files only, and no more of them than it should?"""

import os
import sys
from pathlib import Path

import pytest

from lookalike.decode import Limits
from lookalike.decode.worker import read_file
from lookalike.errors import TooLarge, Unreachable, UnreadableImage

LIMITS = Limits(max_bytes=1_000)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    for content in (b"", b"short", bytes(1_000)):
        (tmp_path / "file").write_bytes(content)
        assert read_file(tmp_path / "file", LIMITS) == content


def test_a_file_past_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge, match="MB, more than"):
        read_file(tmp_path / "sparse", LIMITS)


def test_a_film_is_refused_by_its_beginning(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom\0\0\0\0isomiso2")
        file.truncate(1 << 40)
    with pytest.raises(UnreadableImage, match="video"):
        read_file(tmp_path / "film.mp4", Limits(max_bytes=1 << 41))  # far more than could be read


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that is longer than it says")
def test_a_file_that_grows_while_it_is_read_stays_bounded() -> None:
    endless = Path("/proc/self/smaps")
    assert endless.stat().st_size == 0
    with pytest.raises(TooLarge):
        read_file(endless, LIMITS)
    assert read_file(Path("/proc/self/comm"), LIMITS)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have names")
def test_what_is_no_ordinary_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", tmp_path, Path(os.devnull)):
        with pytest.raises(UnreadableImage, match="not a file"):
            read_file(path, LIMITS)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_file_that_cannot_be_opened_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "plain").write_bytes(b"x")
    for name, why in {
        "gone.jpg": "No such file",
        "loop": "symbolic links",
        "plain/below": "Not a directory",
        "n" * 300: "too long",
        "nul\0byte": "null byte",
    }.items():
        with pytest.raises(Unreachable, match=why):
            read_file(tmp_path / name, LIMITS)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_file_that_may_not_be_read_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "secret").chmod(0)
    with pytest.raises(Unreachable, match="Permission denied"):
        read_file(tmp_path / "secret", LIMITS)

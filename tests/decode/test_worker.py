"""Does a worker read ordinary files only, and no more of them than it should?"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike.decode import Limits
from lookalike.decode.worker import read_file
from lookalike.errors import TooLarge, Unreachable, UnreadableImage
from lookalike.testing import picture_bytes

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


WATCHED = """
import json, signal, sys, time
from lookalike.decode import Fit, Limits, pixels, worker
from lookalike.decode.wire import Message, job_header

left = {}

def look(frame, event, _):
    name = {worker.read_file.__code__: "read", pixels.decode.__code__: "decode"}.get(frame.f_code)
    if name and event == "call":
        left[name] = signal.getitimer(signal.ITIMER_REAL)[0]
    if name == "read" and event == "return":
        time.sleep(1.0)

sys.setprofile(look)
job = Message(job_header(Fit(size=8), None, is_path=True), sys.argv[1].encode())
worker._answer(job, Limits(timeout_s=2.0), open("/dev/null", "wb", buffering=0))
sys.setprofile(None)
left["after"] = signal.getitimer(signal.ITIMER_REAL)[0]
print(json.dumps(left), flush=True)
worker._end_after(0.1)
time.sleep(20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_ends_itself_five_seconds_after_its_time_for_reading_and_for_decoding(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(picture_bytes(1, file_format="png"))
    command = [sys.executable, "-c", WATCHED, str(tmp_path / "picture.png")]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    left = json.loads(done.stdout)
    assert left == {"read": pytest.approx(7.0, abs=0.8), "decode": pytest.approx(7.0, abs=0.8), "after": 0.0}
    assert done.returncode == -signal.SIGALRM

"""Is the end of a worker process told for what it was?"""

import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil
import pytest
from PIL import Image

from lookalike.decode import Fit, Limits
from lookalike.decode.child import Child
from lookalike.decode.wire import receive
from lookalike.errors import LookalikeError, Overloaded, TooLarge, Unreachable, UnreadableImage

FIT = Fit(size=8)
SVG = b"<svg/>"


@pytest.fixture
def child() -> Iterator[Child]:
    worker = Child(Limits(timeout_s=0.2))
    worker.greet()
    yield worker
    worker.bury()


def ended_by(child: Child, number: int) -> LookalikeError:
    """Give what is said of a picture in the midst of which a signal ends the worker."""
    process = psutil.Process(child.pid)
    process.suspend()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(child.decode, SVG, FIT, None)
        time.sleep(0.05)
        process.send_signal(number)
        with suppress(psutil.NoSuchProcess):  # not every signal waits for that
            process.resume()
        return answer.result(timeout=10)


@pytest.mark.slow
def test_a_worker_answers_and_lives_on(child: Child) -> None:
    for _ in range(3):
        answer = child.decode(SVG, FIT, None)
        assert isinstance(answer, UnreadableImage)
        assert child.alive


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (signal.SIGSEGV, UnreadableImage, "crashed on it (SIGSEGV)"),
        (signal.SIGALRM, Unreachable, "The program stood still while it was decoded."),
        (signal.SIGKILL, Overloaded, "was killed, most likely because the machine ran out of memory"),
    ],
)
def test_a_signal_is_told_by_what_it_means(number: int, kind: type[LookalikeError], words: str, child: Child) -> None:
    answer = ended_by(child, number)
    assert isinstance(answer, kind)
    assert words in answer.what
    assert not child.alive


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_worker_that_ends_by_itself_is_not_said_to_be_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real program in the worker's place closes its pipe some time before it ends."""
    real, ending = subprocess.Popen, "exec 1>&-; sleep 0.3; exit 3"
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: real(["sh", "-c", ending], **options))
    told = Child(Limits()).decode(SVG, FIT, None)
    assert isinstance(told, UnreadableImage)
    assert told.what == "The decoder crashed on it (exit code 3)."
    with pytest.raises(Unreachable, match=r"did not start \(it ended with 3\)"):
        Child(Limits()).greet()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_that_is_late_is_killed_when_someone_looks(child: Child) -> None:
    psutil.Process(child.pid).suspend()
    assert child.kill_if_late(time.monotonic()) is None  # it has nothing to do
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(child.decode, SVG, FIT, None)
        deadline = None
        while deadline is None:
            deadline = child.kill_if_late(time.monotonic())
        assert child.kill_if_late(deadline - 0.01) == deadline
        assert child.kill_if_late(deadline) is None
        told = answer.result(timeout=10)
    assert child.late
    assert isinstance(told, TooLarge)
    assert told.what == "It took more than 0.2 s to decode."
    assert "raise decode_timeout_s" in told.fix


@contextmanager
def ending_at_the_next_answer(child: Child) -> Iterator[None]:
    """Have a worker's time end in the very moment in which it says something."""

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is receive.__code__:
            sys.setprofile(None)
            child.kill_if_late(math.inf)

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.slow
def test_a_worker_whose_time_ends_just_as_its_answer_comes_is_given_no_other_picture(child: Child) -> None:
    with ending_at_the_next_answer(child):
        told = child.decode(SVG, FIT, None)
    assert isinstance(told, UnreadableImage)
    assert "an SVG drawing" in told.what
    assert child.late
    assert not psutil.pid_exists(child.pid)


@pytest.mark.slow
def test_a_file_whose_time_ends_just_as_it_is_read_is_unreachable_and_not_too_large(
    child: Child, tmp_path: Path
) -> None:
    file = tmp_path / "large.png"
    Image.new("RGB", (6_000, 6_000)).save(file)  # decoding it takes longer than being killed
    with ending_at_the_next_answer(child):
        told = child.decode(file, FIT, None)
    assert isinstance(told, Unreachable)
    assert "to read the file" in told.what


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_file_that_is_not_read_in_time_is_unreachable(child: Child, tmp_path: Path) -> None:
    psutil.Process(child.pid).suspend()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(child.decode, tmp_path / "on a drive that sleeps.jpg", FIT, None)
        while child.kill_if_late(time.monotonic()) is not None or not child.late:
            time.sleep(0.01)
        told = answer.result(timeout=10)
    assert isinstance(told, Unreachable)
    assert told.what == "It took more than 0.2 s to read the file."


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_file_that_has_been_read_is_decoded_against_a_clock_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real program in the worker's place says that it has read the file, and no more."""
    real = subprocess.Popen
    saying = r"""printf '\015\0\0\0\0\0\0\0\0\0\0\0{"read":true}'; exec sleep 60"""
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: real(["sh", "-c", saying], **options))
    child = Child(Limits(timeout_s=0.2))
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(child.decode, tmp_path / "slow to decode.jpg", FIT, None)
        while not child.late:
            time.sleep(0.01)
            child.kill_if_late(time.monotonic())
        told = answer.result(timeout=10)
    assert isinstance(told, TooLarge)
    assert told.what == "It took more than 0.2 s to decode."


def test_a_process_that_cannot_be_started_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Unreachable, match="No decoder process can be started"):
        Child(Limits())


def test_a_process_that_ends_at_once_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    child = Child(Limits())
    with pytest.raises(Unreachable, match=r"did not start \(it ended with 1\)"):
        child.greet()
    assert not child.alive
    child.bury()


def test_a_process_that_speaks_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real program in the worker's place is `cat`: it answers every job with the job itself."""
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: real(["cat"], **options))
    child = Child(Limits())
    answer = child.decode(SVG, FIT, None)
    assert isinstance(answer, UnreadableImage)
    assert answer.what == "The decoder went astray on it."
    assert not child.alive

"""Does decoding survive whatever pictures do to a worker?"""

import gc
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.decode import Decoded, DecodePool, Fit, Limits, child, decode
from lookalike.errors import BadInput, TooLarge, Unreachable, UnreadableImage
from lookalike.types import Region

Writer = Callable[..., bytes]
FIT = Fit(size=64, mode="squash")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.fixture
def picture(quarters: Image.Image, file_of: Writer) -> bytes:
    return file_of(quarters, "PNG")


@pytest.fixture(scope="module")
def huge_png() -> bytes:
    """49 million white pixels in few bytes, which take some tenths of a second and 49 MB to decode."""
    file = io.BytesIO()
    Image.new("L", (7_000, 7_000), 255).save(file, "PNG", compress_level=1)
    return file.getvalue()


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "lookalike.decode.worker" in " ".join(child.cmdline())]


def new_worker(before: list[psutil.Process]) -> psutil.Process:
    """Give the one worker that was not there before, as soon as it is."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess):
            for worker in workers():
                if worker not in before:
                    return worker
        time.sleep(0.005)
    raise AssertionError("no worker was started")


def has_ended(process: psutil.Process) -> bool:
    """Wait until a process is gone, or is but a name that nobody has struck out yet."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def check_same(decoded: Decoded, expected: Decoded) -> None:
    np.testing.assert_array_equal(decoded.pixels, expected.pixels)
    assert decoded.pixels.flags.writeable
    for name in ("width", "height", "format", "sha256", "bytes", "pixel_hash", "taken_at"):
        assert getattr(decoded, name) == getattr(expected, name), name


def test_a_pool_decodes_files_and_bytes_as_this_process_would(
    decoder: DecodePool, turned_file: Callable[[str, int], bytes], tmp_path: Path
) -> None:
    region = Region(x=0.1, y=0.2, width=0.5, height=0.6)
    for format_ in ("JPEG", "PNG", "AVIF"):
        file = turned_file(format_, 6)
        path = tmp_path / "its name says nothing.svg"
        path.write_bytes(file)
        expected = decode(file, FIT, region=region)
        check_same(decoder.decode(file, FIT, region), expected)
        check_same(decoder.decode(path, FIT, region), expected)


@posix
def test_a_file_of_any_name_is_found(decoder: DecodePool, picture: bytes, tmp_path: Path) -> None:
    for name in (b"caf\xe9.png", b"\xff\xfe", "雪 ❄.png".encode(), b"new\nline"):
        path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))  # noqa: PTH118  bytes
        path.write_bytes(picture)
        assert decoder.decode(path, FIT).width == 128


def test_refusals_come_back_as_they_are(decoder: DecodePool, picture: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="an SVG drawing"):
        decoder.decode(b"<svg/>", FIT)
    with pytest.raises(UnreadableImage, match="truncated"):
        decoder.decode(picture[:60], FIT)
    with pytest.raises(Unreachable, match="No such file"):
        decoder.decode(tmp_path / "gone.png", FIT)
    with pytest.raises(BadInput):
        decoder.submit(picture, FIT, Region(x=2.0, y=0.0, width=1.0, height=1.0))
    with pytest.raises(BadInput):
        DecodePool(0)


def test_submitting_never_waits_and_everything_is_answered(decoder: DecodePool, picture: bytes) -> None:
    futures = [decoder.submit(picture if n % 3 else b"<svg/>", FIT) for n in range(300)]
    assert not all(future.done() for future in futures)
    assert sum(future.exception(timeout=30) is None for future in futures) == 200


@pytest.mark.slow
@posix
def test_a_picture_that_takes_too_long_costs_a_worker_and_itself_only(picture: bytes) -> None:
    before = workers()
    with DecodePool(1, Limits(timeout_s=3)) as pool:
        assert pool.decode(picture, FIT).width == 128
        stuck = new_worker(before)
        stuck.suspend()
        futures = [pool.submit(picture, FIT) for _ in range(2)]
        with pytest.raises(TooLarge, match="took more than 3 s to decode"):
            futures[0].result(timeout=20)
        assert futures[1].result(timeout=20).width == 128
        assert has_ended(stuck)


@pytest.mark.slow
def test_the_longest_time_that_may_be_allowed_can_be_waited(picture: bytes) -> None:
    with DecodePool(1, Limits(timeout_s=1e6)) as pool:
        assert pool.decode(picture, FIT).width == 128


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_picture_that_takes_too_much_memory_costs_a_worker_and_itself_only(huge_png: bytes, picture: bytes) -> None:
    with DecodePool(1, Limits(max_memory_bytes=20_000_000, max_bytes=1_000_000)) as pool:
        futures = [pool.submit(source, FIT) for source in (picture, huge_png, picture)]
        assert futures[0].result(timeout=20).width == 128
        with pytest.raises(TooLarge, match="needs more memory"):
            futures[1].result(timeout=20)
        assert futures[2].result(timeout=20).width == 128
        with pytest.raises(TooLarge, match="more than 1 MB"):
            pool.decode(bytes(1_000_001), FIT)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_file_whose_bytes_alone_take_too_much_memory_is_told_what_to_raise(picture: bytes, tmp_path: Path) -> None:
    long = picture + bytes(60_000_000)
    (tmp_path / "long.png").write_bytes(long)
    with DecodePool(1, Limits(max_memory_bytes=30_000_000)) as pool:
        for source in (long, tmp_path / "long.png"):
            with pytest.raises(TooLarge, match="The file needs more memory than it may have") as told:
                pool.decode(source, FIT)
            assert told.value.fix == "Raise decode_memory_bytes to read it."
            assert pool.decode(picture, FIT).width == 128


@pytest.mark.slow
@posix
def test_a_picture_that_a_used_worker_died_of_gets_a_second_try(picture: bytes) -> None:
    """An earlier picture may have done the damage."""
    before = workers()
    with DecodePool(1) as pool:
        pool.decode(picture, FIT)
        used = new_worker(before)
        used.suspend()
        future = pool.submit(picture, FIT)
        time.sleep(0.05)
        used.kill()
        assert future.result(timeout=20).width == 128
        new_worker([*before, used]).kill()  # now one that is idle
        assert pool.decode(picture, FIT).width == 128


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_damaged_heic_and_raw_files_are_decoded_or_refused(
    data: st.DataObject, decoder: DecodePool, heic_file: Callable[[int], bytes], dng_file: Writer, picture: bytes
) -> None:
    # Not in this process: an item type of a HEIC that is no UTF-8 crashes pi-heif 1.4.0.
    file = bytearray(data.draw(st.sampled_from([heic_file(6), dng_file(None)[-900:]])))
    for place in data.draw(st.lists(st.integers(8, len(file) - 1), max_size=6)):
        file[place] = data.draw(st.integers(0, 255))
    with suppress(UnreadableImage, TooLarge):
        assert decoder.decode(bytes(file), FIT).pixels.shape == (64, 64, 3)


@pytest.mark.slow
def test_a_heic_that_crashes_its_decoder_is_refused(decoder: DecodePool, heic_file: Callable[[int], bytes]) -> None:
    crasher = heic_file(1).replace(b"\0\2\0\0Exif\0", b"\0\2\0\0Ex\x80f\0", 1)
    assert crasher != heic_file(1)
    if version("pi-heif") == "1.4.0":
        with pytest.raises(UnreadableImage, match=r"crashed on it \(SIG(SEGV|ABRT)\)"):
            decoder.decode(crasher, FIT)
    else:  # it may be mended
        with suppress(UnreadableImage):
            decoder.decode(crasher, FIT)
    assert decoder.decode(heic_file(1), FIT).width == 128


NEVER_READY = "import time; time.sleep(60)  # instead of lookalike.decode.worker"


@pytest.mark.slow
@pytest.mark.parametrize("is_ready", [True, False], ids=["in the middle of a picture", "while a worker starts"])
def test_closing_refuses_what_is_worked_on_and_what_waits_and_comes_later(
    picture: bytes, monkeypatch: pytest.MonkeyPatch, is_ready: bool
) -> None:
    before = workers()
    pool = DecodePool(1, Limits(timeout_s=60))
    if is_ready:
        pool.decode(picture, FIT)
        new_worker(before).suspend()
    else:
        monkeypatch.setattr(child, "_PROGRAM", NEVER_READY)
    futures: list[Future[Decoded]] = [pool.submit(picture, FIT) for _ in range(51)]
    while not futures[0].running():
        time.sleep(0.005)
    new_worker(before)
    begun = time.monotonic()
    pool.close()
    pool.close()
    assert time.monotonic() - begun < 20
    futures.append(pool.submit(picture, FIT))
    for future in futures:
        with pytest.raises(UnreadableImage, match="closed"):
            future.result(timeout=1)
    assert workers() == before


@pytest.mark.slow
def test_a_future_that_is_cancelled_costs_nothing(picture: bytes) -> None:
    with DecodePool(1) as pool:
        running, waiting = pool.submit(picture, FIT), pool.submit(picture, FIT)
        assert waiting.cancel()
        assert running.result(timeout=30).width == 128
        assert pool.decode(picture, FIT).width == 128


@pytest.mark.slow
def test_a_pool_that_nobody_holds_ends_its_workers(picture: bytes) -> None:
    before = workers()
    pool = DecodePool(1)
    pool.decode(picture, FIT)
    worker = new_worker(before)
    del pool
    gc.collect()
    assert has_ended(worker)


DECODE_STDIN = "print(DecodePool(1).decode(sys.stdin.buffer.read(), Fit(size=8)).width)"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_leaves_the_pool_to_its_parent(picture: bytes) -> None:
    with DecodePool(1) as pool:
        pool.decode(picture, FIT)
        child = os.fork()
        if child == 0:
            reason = pool.submit(picture, FIT).exception(timeout=1)
            pool.close()
            os._exit(0 if isinstance(reason, UnreadableImage) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert pool.decode(picture, FIT).width == 128


PROGRAM = """
import sys, time
from lookalike.decode import DecodePool, Fit
pool = DecodePool(1)
picture = sys.stdin.buffer.read()
pool.decode(picture, Fit(size=8))
waiting = [pool.submit(picture, Fit(size=8)) for _ in range(int(sys.argv[1]))]
print("ready", flush=True)
"""


def start_program(picture: bytes, rest: str, tmp_path: Path, ahead: int = 1_000) -> subprocess.Popen[bytes]:
    (tmp_path / "picture.png").write_bytes(picture)
    with (tmp_path / "picture.png").open("rb") as stdin:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM + rest, str(ahead)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


@pytest.mark.slow
def test_a_program_ends_at_once_though_it_never_closed_its_pool(picture: bytes, tmp_path: Path) -> None:
    program = start_program(picture, "", tmp_path)
    out, complaints = program.communicate(timeout=30)
    assert (program.returncode, out.split(), complaints) == (0, [b"ready"], b"")


@pytest.mark.slow
@posix
def test_an_interrupt_of_the_whole_terminal_is_told_by_the_program_alone(picture: bytes, tmp_path: Path) -> None:
    program = start_program(picture, "time.sleep(60)", tmp_path)
    assert program.stdout.readline() == b"ready\n"
    os.killpg(program.pid, signal.SIGINT)
    _, complaints = program.communicate(timeout=10)
    assert complaints.count(b"Traceback") == 1
    assert complaints.strip().endswith(b"KeyboardInterrupt")


@pytest.mark.slow
@posix
def test_workers_end_with_the_program_that_was_killed(picture: bytes, tmp_path: Path) -> None:
    program = start_program(picture, "time.sleep(60)", tmp_path)
    assert program.stdout.readline() == b"ready\n"
    orphans = psutil.Process(program.pid).children()
    assert orphans
    program.kill()
    program.communicate(timeout=10)
    assert all(has_ended(orphan) for orphan in orphans)


@pytest.mark.slow
@posix
def test_time_in_which_the_program_stood_still_does_not_count(huge_png: bytes, tmp_path: Path) -> None:
    rest = """
from lookalike.decode import Limits
patient = DecodePool(1, Limits(timeout_s=4.0))
waiting = [patient.submit(picture, Fit(size=8)) for _ in range(4)]
waiting[0].result()
print("go on", flush=True)
print([one.result().width for one in waiting])
"""
    program = start_program(huge_png, rest, tmp_path, ahead=0)
    assert [program.stdout.readline() for _ in range(2)] == [b"ready\n", b"go on\n"]
    os.killpg(program.pid, signal.SIGSTOP)
    time.sleep(4.5)  # longer than a picture may take; at 9 s the worker's own clock, which goes on, would end it
    os.killpg(program.pid, signal.SIGCONT)
    out, complaints = program.communicate(timeout=30)
    assert out == b"[7000, 7000, 7000, 7000]\n", complaints


@pytest.mark.slow
def test_what_lies_in_the_current_folder_is_not_imported(picture: bytes, tmp_path: Path) -> None:
    """Someone else's photos may lie beside a `numpy.py`."""
    for name in ("numpy.py", "PIL.py", "lookalike.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    program = "from lookalike.decode import *; import sys\n" + DECODE_STDIN
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], input=picture, cwd=tmp_path, capture_output=True, check=False, timeout=30
    )
    assert done.stdout.split() == [b"128"], done.stderr


@pytest.mark.slow
def test_workers_find_what_their_parent_found(picture: bytes, tmp_path: Path) -> None:
    """The package may lie where only the parent looks: on PYTHONPATH, or on a path that it added itself."""
    import lookalike

    home = Path(lookalike.__file__).parents[1]
    (tmp_path / "src").symlink_to(home, target_is_directory=True)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r}); from lookalike.decode import *\n"
        "import lookalike; assert lookalike.__file__.startswith(sys.path[0])\n" + DECODE_STDIN
    )
    done = subprocess.run([sys.executable, "-c", program], input=picture, capture_output=True, check=False, timeout=30)
    assert done.stdout.split() == [b"128"], done.stderr

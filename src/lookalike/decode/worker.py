"""What does a worker process do? Takes one job after the other from its standard input, decodes, and answers."""

import os
import signal
import stat
import sys
import warnings
from io import FileIO
from pathlib import Path

from lookalike.decode.formats import sniff
from lookalike.decode.limits import Limits
from lookalike.decode.pixels import decode
from lookalike.decode.wire import (
    OUT_OF_MEMORY,
    Message,
    decoded_message,
    read_job_header,
    receive,
    refusal_message,
    send,
)
from lookalike.errors import LookalikeError, TooLarge, Unreachable, UnreadableImage

_HEAD_BYTES = 65_536
_ORPHAN_GRACE_S = 5.0
"""How long after its time a worker ends itself: the pool that should have killed it by then must be gone."""


def main() -> None:
    """Serve jobs until the pool closes the pipe, or until one has used up the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the pool decides what ends
    jobs, answers = _claim_pipes()
    try:
        _serve(jobs, answers)
    except (EOFError, BrokenPipeError):
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # at once: tidying up takes memory, too


def _serve(jobs: FileIO, answers: FileIO) -> None:
    limits = Limits(**receive(jobs, 0).header)
    _load_decoders()
    _limit_memory(limits.max_memory_bytes)
    send(answers, Message({"ready": True}))
    last = False
    while not last:
        answer = _answer(receive(jobs, sys.maxsize), limits, answers)
        send(answers, answer)
        last = answer.header.get("last", False)


def read_file(path: Path, limits: Limits) -> bytes:
    """Read an ordinary file, without waiting for what is none, and no more of it than allowed.

    Raises:
        Unreachable: it cannot be opened or read.
        UnreadableImage: it is a folder, a pipe or a device, or begins like no picture.
        TooLarge: too many bytes.
    """
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        handle = os.open(path, flags)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableImage("It is a folder, a pipe or a device, not a file.")
            limits.check_bytes(status.st_size)
            return _read_bounded(handle, status.st_size, limits)
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise Unreachable(f"The file cannot be read: {reason}.", "See that it is there and may be read.") from error


def _read_bounded(handle: int, expected: int, limits: Limits) -> bytes:
    """Read to the end, once the beginning is that of a picture: a folder of pictures may hold films.

    A file may have grown since its size was asked.
    """
    head = os.read(handle, _HEAD_BYTES)
    if expected > _HEAD_BYTES:
        sniff(head)
    parts, total = [head], len(head)
    while part := os.read(handle, max(expected - total, 0) + 65_536):
        total += len(part)
        limits.check_bytes(total)
        parts.append(part)
    return b"".join(parts)


def _answer(job: Message, limits: Limits, answers: FileIO) -> Message:
    """Decode; of a file, say first that it has been read, so that a slow drive is not taken for a slow picture."""
    fit, region = read_job_header(job.header)
    _end_after(limits.timeout_s + _ORPHAN_GRACE_S)
    try:
        data = bytes(job.body)
        if job.header["is_path"]:
            data = read_file(Path(os.fsdecode(data)), limits)
            _end_after(limits.timeout_s + _ORPHAN_GRACE_S)
            send(answers, Message({"read": True}))
        return decoded_message(decode(data, fit, limits=limits, region=region))
    except LookalikeError as error:
        # A decoder that ran out of memory may have left much of it behind.
        return refusal_message(error, last=isinstance(error, TooLarge) and error.__cause__ is not None)
    finally:
        _end_after(0)


def _end_after(seconds: float) -> None:
    """Have the system end this process after a while, even in the midst of a decoder; 0 calls it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _claim_pipes() -> tuple[FileIO, FileIO]:
    """Keep the two pipes to ourselves, so that a chatty library cannot write into the answers."""
    jobs, answers = FileIO(os.dup(0)), FileIO(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)
    return jobs, answers


def _load_decoders() -> None:
    """Load every reader before memory is limited, each told to use one thread and leave its limits to us."""
    import pi_heif
    from PIL import AvifImagePlugin, Image

    from lookalike.decode import drawing, raw  # noqa: F401
    from lookalike.decode.opening import load_readers

    load_readers()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def _limit_memory(max_bytes: int) -> None:
    """Let this process grow by so much and no more, and leave no core file when it crashes."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        top = now + max_bytes
        resource.setrlimit(resource.RLIMIT_AS, (top if hard == resource.RLIM_INFINITY else min(top, hard), hard))

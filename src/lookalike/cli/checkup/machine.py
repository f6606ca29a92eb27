"""Is the machine fit? Processor, memory, disk."""

import errno
import platform
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from lookalike import __version__
from lookalike.cli.checkup.finding import Finding
from lookalike.disk import sync_file
from lookalike.threads import usable_cores

if TYPE_CHECKING:
    from lookalike.library import Lookalike

_LITTLE_DISK, _LITTLE_MEMORY = 1_000_000_000, 1_000_000_000
_SLOW_FSYNC_S = 0.05
_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
"""What the system says where nothing may be written, which will do for searching."""
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "ceph", "afs"}
"""Where the shared memory of SQLite's write-ahead log does not work. Source: https://sqlite.org/wal.html#advantages"""


def check_machine(_: "Lookalike") -> Iterator[Finding]:
    """Look at Python, the processor and the memory."""
    python = f"Lookalike {__version__} on Python {platform.python_version()}, {platform.platform()}"
    yield Finding(state="ok", subject="python", what=python)
    yield _cores()
    yield from _memory()


def _cores() -> Finding:
    what = f"{usable_cores()} × {platform.machine()}"
    features = _cpu_features()
    if features and "avx2" not in features:
        return Finding(
            state="warning",
            subject="processor",
            what=f"{what}, without AVX2",
            fix="Encoding is several times slower here; use a machine, or settings of the virtual one, with AVX2.",
        )
    quick = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni") if name in features]
    return Finding(state="ok", subject="processor", what=", ".join([what, *quick]))


def _cpu_features() -> set[str]:
    """List what an x86 processor under Linux can do; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())


def _memory() -> Iterator[Finding]:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:  # not Linux; nothing in the standard library tells there
        return
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    free = kilobytes["MemAvailable"] * 1024
    what = f"{free / 1e9:.1f} GB free of {kilobytes['MemTotal'] * 1024 / 1e9:.1f} GB"
    if free < _LITTLE_MEMORY:
        yield Finding(state="warning", subject="memory", what=what, fix="Close something; large pictures need 1 GB.")
    else:
        yield Finding(state="ok", subject="memory", what=what)


def check_disk(library: "Lookalike") -> Iterator[Finding]:
    """Look at the disk that holds the gallery, or would."""
    folder = _existing_folder(library)
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free at {folder}"
    if free < _LITTLE_DISK:
        yield Finding(
            state="warning", subject="disk", what=what, fix="Make room; 100,000 pictures take 0.6 GB, a million 6 GB."
        )
    else:
        yield Finding(state="ok", subject="disk", what=what)
    kind = _file_system(folder)
    if kind in _NETWORK_FILE_SYSTEMS:
        yield Finding(
            state="error",
            subject="disk",
            what=f"{folder} is on a network drive ({kind}), where several programs cannot share a gallery",
            fix="Put the gallery on a local disk; the pictures may stay on the network.",
        )
    yield _fsync(folder)


def _existing_folder(library: "Lookalike") -> Path:
    """Find where the gallery lies, or would."""
    folder = library.gallery_path.parent.absolute()
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def _file_system(folder: Path) -> str:
    """Name the kind of file system under Linux; empty elsewhere."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    at = {fields[1].replace("\\040", " "): fields[2] for fields in mounts}
    return next((at[str(one)] for one in (folder.resolve(), *folder.resolve().parents) if str(one) in at), "")


def _durable_writes_s(folder: Path) -> Iterator[float]:
    with TemporaryFile(dir=folder) as file:
        for _ in range(15):
            file.write(bytes(4096))
            file.flush()
            start = time.perf_counter()
            sync_file(file.fileno())
            yield time.perf_counter() - start


def _fsync(folder: Path) -> Finding:
    """Measure how long one durable write takes: each batch of pictures waits for one."""
    try:
        median = statistics.median(_durable_writes_s(folder))
    except OSError as error:
        what = f"nothing can be written to {folder}: {error.strerror}"
        if error.errno in _FULL:
            return Finding(state="error", subject="disk", what=what, fix="Make room there.")
        if error.errno not in _READ_ONLY:
            raise
        fix = "Where pictures shall come in, put the gallery where you may write; searching needs no more."
        return Finding(state="warning", subject="disk", what=what, fix=fix)
    what = f"a durable write takes {median * 1000:.1f} ms"
    if median > _SLOW_FSYNC_S:
        return Finding(state="warning", subject="disk", what=what, fix="Put the gallery on a quicker disk.")
    return Finding(state="ok", subject="disk", what=what)

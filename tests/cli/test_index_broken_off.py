"""What is left of indexing that is broken off, by Ctrl-C, by kill -9 or by a full disk, or done twice at once?"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from waiting import eventually

from lookalike.gallery import open_gallery
from lookalike.testing import picture_bytes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MANY = 600


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """A folder with more pictures than are stored in one go, each different."""
    made = tmp_path_factory.mktemp("many")
    jpeg = picture_bytes(1, (64, 48))
    for number in range(MANY):
        comment = f"number {number}".encode()
        marked = jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
        (made / f"{number:04}.jpg").write_bytes(marked)
    return made


def test_ctrl_c_keeps_what_was_indexed_and_the_same_command_goes_on(run, start, many, tmp_path):
    gallery = tmp_path / "new.gallery"
    process = start("index", many, "--gallery", gallery, start_new_session=True)
    assert eventually(lambda: count(gallery) > 0)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    since = time.monotonic()
    stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - since < 10
    assert process.returncode == 130
    assert stderr == "Stopped; what was indexed is kept; run the same command to go on.\n"
    assert stdout == ""
    kept = count(gallery)
    assert 0 < kept < MANY
    done = run("index", many, "--gallery", gallery)
    assert done.stdout == f"{MANY - kept:,} added, 0 updated, {kept:,} unchanged, 0 removed, 0 failed\n"
    assert count(gallery) == MANY


def test_what_was_told_survives_kill_9_and_the_same_command_goes_on(start, run, many, tmp_path):
    gallery = tmp_path / "new.gallery"
    told: set[str] = set()
    workers: set[psutil.Process] = set()
    for _ in range(3):
        process = start("index", many, "--gallery", gallery, "--json")
        added = 0
        for line in process.stdout:
            one = json.loads(line)
            told.add(one["id"])
            added += one["outcome"] == "added"
            if added > 100:
                break
        workers |= {*psutil.Process(process.pid).children(recursive=True)}
        process.kill()
        for line in process.stdout:
            if line.endswith("\n"):
                told.add(json.loads(line)["id"])
        process.wait()
        with open_gallery(gallery) as opened:
            assert {record.id for record in opened.get(sorted(told))} == told
            assert opened.check() == []
    done = run("index", many, "--gallery", gallery)
    assert done.code == 0
    assert count(gallery) == MANY
    assert workers
    assert eventually(lambda: not any(runs(one) for one in workers), within_s=15)  # they see their pipe close, and end


def test_two_indexers_at_once_share_a_gallery(start, many, album, tmp_path):
    gallery = tmp_path / "new.gallery"
    processes = [start("index", one, "--gallery", gallery) for one in (many, album, many)]
    for process in processes:
        stdout, stderr = process.communicate(timeout=250)  # three at once, and on a busy machine
        assert process.returncode == 0, stderr
        assert "removed, " in stdout
    assert count(gallery) == MANY + 8
    with open_gallery(gallery) as opened:
        assert opened.check() == []


@pytest.fixture(scope="session")
def small_disk(tmp_path_factory):
    """Give a command prefix that mounts a disk of 1,200 kB, which only that command sees, and where it appears."""
    mount = tmp_path_factory.mktemp("disk")
    script = f'mount -t tmpfs -o size=1200k tmpfs "{mount}" && exec "$@"'
    prefix = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", script, "sh"]
    if not shutil.which("unshare") or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    return prefix, mount


def test_a_full_disk_is_said_and_what_was_stored_stays(many, small_disk):
    prefix, mount = small_disk
    lookalike = f"'{sys.executable}' -m lookalike"
    few = " ".join(f"'{path}'" for path in sorted(many.iterdir())[:20])
    line = (
        f"{lookalike} index {few} --gallery '{mount}/a.gallery' --json > '{mount}.told' ; "
        f"{lookalike} index '{many}' --gallery '{mount}/a.gallery' --json >> '{mount}.told' ; echo $? ; "
        f"grep -c added '{mount}.told' ; {lookalike} info --gallery '{mount}/a.gallery' --json ; "
        f"{lookalike} doctor --gallery '{mount}/a.gallery' | grep gallery"
    )
    done = subprocess.run([*prefix, "bash", "-c", line], capture_output=True, text=True, timeout=100, check=False)
    code, told, info, doctor = done.stdout.splitlines()
    assert code == "3", done.stderr
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(info)["images"] >= int(told) >= 20
    assert doctor.startswith("ok")


def count(gallery: Path) -> int:
    if not gallery.exists():
        return 0
    with open_gallery(gallery) as opened:
        return opened.count()


def runs(process: psutil.Process) -> bool:
    """Say whether a process is more than a name that nobody has struck out yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

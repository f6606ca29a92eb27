"""How many cores a process may use, those it is kept to and its container's share of them; what threads share."""

import math
import os
import platform
import subprocess
import sys
from pathlib import Path
from threading import Lock

import pytest

from lookalike import threads
from lookalike.threads import holding, usable_cores


@pytest.fixture
def grouped(tmp_path):
    """Give a function that makes the files in which Linux tells a process of its control group and the limits."""

    def made(own: str, **limits: str) -> Path:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_text(f"9:name=systemd:/\n1:cpu:/elsewhere\n{own}\n")
        for name, limit in limits.items():
            group = tmp_path / "sys/fs/cgroup" / name.replace("_", "/").strip("/")
            group.mkdir(parents=True, exist_ok=True)
            (group / "cpu.max").write_text(limit)
        return tmp_path

    return made


def test_no_more_cores_are_counted_than_the_process_is_kept_to():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("processes are not kept to cores here")
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, list(before)[:1])
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(("share", "cores"), [(0.25, 1), (1.5, 2), (2.0, 2), (math.inf, 4)])
def test_a_container_s_share_bounds_the_cores(monkeypatch, share, cores):
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda _: set(range(4)), raising=False)
    monkeypatch.setattr(threads, "_quota", lambda: share)
    assert usable_cores() == cores


@pytest.mark.parametrize(
    ("own", "limits", "share"),
    [
        ("0::/", {"_": "150000 100000\n"}, 1.5),  # in a container, which sees its own group as the root
        ("0::/user/alice", {"user_alice": "max 100000\n", "user": "200000 100000\n"}, 2.0),
        ("0::/user/alice", {"user_alice": "50000 100000\n", "user": "200000 100000\n"}, 0.5),
        ("0::/", {"_": "max 100000\n"}, math.inf),
        ("0::/", {"_": "what is this\n"}, math.inf),
        ("0::/../../outside", {}, math.inf),
        ("1:cpuset:/", {}, math.inf),
    ],
)
def test_the_share_is_the_least_that_a_group_around_the_process_allows(grouped, own, limits, share):
    assert threads._quota(grouped(own, **limits)) == share


def test_without_control_groups_there_is_no_limit(tmp_path):
    assert threads._quota(tmp_path) == math.inf


_COUNT_ARENAS = """
import ctypes, sys, threading
from lookalike.threads import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
begun, done = threading.Barrier(13), threading.Event()
def use_memory():
    kept = [bytearray(n) for n in range(1, 2_000)]
    begun.wait()
    done.wait()
threads = [threading.Thread(target=use_memory) for _ in range(12)]
for one in threads:
    one.start()
begun.wait()
system = ctypes.CDLL(None)
system.fopen.restype, system.malloc_info.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
system.fclose.argtypes = (ctypes.c_void_p,)
report = system.fopen(sys.argv[2].encode(), b"w")
system.malloc_info(0, report)
system.fclose(report)
done.set()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have no arenas to count")
@pytest.mark.parametrize(("way", "fewest", "most"), [("shared", 1, max(2, usable_cores())), ("each its own", 3, 99)])
def test_the_threads_of_a_server_share_arenas(tmp_path, way, fewest, most):
    report = tmp_path / "arenas.xml"
    subprocess.run([sys.executable, "-c", _COUNT_ARENAS, way, report], check=True, timeout=60)
    assert fewest <= report.read_text().count("<heap ") <= most


def test_who_waits_for_a_lock_lets_others_have_the_turn_and_has_it_again_without_the_lock(assert_steps_aside):
    lock, held = Lock(), []

    def work() -> None:
        with holding(lock):
            held.append(lock.locked())

    lock.acquire()
    assert_steps_aside(work, lock.release)
    assert held == [True]
    assert not lock.locked()


def test_who_need_not_wait_for_a_lock_keeps_the_turn():
    class Kept:
        taken = 0

        def take(self) -> None:
            self.taken += 1

        def give_back(self) -> bool:
            raise AssertionError

    turn = Kept()
    before = threads._turn.set(turn)
    try:
        with holding(Lock()):
            pass
    finally:
        threads._turn.reset(before)
    assert turn.taken == 0

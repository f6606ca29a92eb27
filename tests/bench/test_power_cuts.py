"""Is what a cut of power leaves on a simulated disk what it may leave on a real one?"""

import random
from importlib import import_module

import pytest


@pytest.fixture
def seen(bench):
    """Give what a disk may hold after what it saw, over many cuts, as sets of (name, content)."""
    recording, cuts = import_module("disasters.recording"), import_module("disasters.power_cuts")

    def after(*told):
        disk, chance = cuts.Disk(), random.Random(0)  # noqa: S311 - the same each time
        for kind, *fields in told:
            disk.see(getattr(recording, kind)(*fields))
        return {frozenset(disk.after_a_cut(chance)) for _ in range(400)}

    return after


def test_what_was_synced_is_there_whatever_happens(seen):
    assert seen(("Opened", "a", True), ("Wrote", "a", 0, b"xyz"), ("Synced", "a")) == {frozenset({("a", b"xyz")})}


def test_what_was_only_handed_over_may_be_there_or_not_and_so_may_its_file(seen):
    assert seen(("Opened", "a", True), ("Wrote", "a", 0, b"xyz")) >= {
        frozenset(),
        frozenset({("a", b"")}),
        frozenset({("a", b"xyz")}),
    }


def test_a_file_that_was_there_before_stays(seen):
    assert all(dict(one).keys() == {"a"} for one in seen(("Opened", "a", False), ("Wrote", "a", 0, b"xyz")))


def test_writes_may_come_in_any_order_and_a_gap_is_zeros(seen):
    found = seen(("Opened", "a", False), ("Wrote", "a", 0, b"xx"), ("Wrote", "a", 2, b"yy"))
    assert {dict(one)["a"] for one in found} == {b"", b"xx", b"\0\0yy", b"xxyy"}


def test_a_write_may_be_torn_between_sectors_and_nowhere_else(seen):
    found = {dict(one)["a"] for one in seen(("Opened", "a", False), ("Wrote", "a", 500, b"x" * 24))}
    assert found == {b"", bytes(500) + b"x" * 12, bytes(512) + b"x" * 12, bytes(500) + b"x" * 24}


def test_a_deleted_file_may_be_back_until_its_folder_is_synced(seen):
    kept = [("Opened", "a", True), ("Wrote", "a", 0, b"old"), ("Synced", "a"), ("Deleted", "a", False)]
    assert seen(*kept) == {frozenset(), frozenset({("a", b"old")})}
    assert seen(*kept[:-1], ("Deleted", "a", True)) == {frozenset()}
    assert seen(*kept, ("Opened", "b", True), ("Synced", "b")) == {frozenset({("b", b"")})}


def test_a_file_cut_short_may_be_as_long_as_before(seen):
    found = seen(("Opened", "a", True), ("Wrote", "a", 0, b"xyz"), ("Synced", "a"), ("Cut", "a", 1))
    assert {dict(one)["a"] for one in found} == {b"xyz", b"x"}

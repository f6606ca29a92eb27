"""Is the best picture of several kept, and nothing in a protected folder touched?"""

import os
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from lookalike.duplicates import KeepRules, Rule
from lookalike.errors import BadInput
from lookalike.testing import make_record

FIRST = datetime(2020, 5, 1, 12, 0)  # noqa: DTZ001 - a camera's clock has no zone
ADDED = datetime(2024, 1, 1, tzinfo=UTC)


def kept(*records, rules=None):
    """What is kept must not hang on the order in which pictures come."""
    rules = rules or KeepRules()
    (chosen,) = {min(order, key=rules.key).uri for order in permutations(records)}
    return chosen.removeprefix("file:///"), rules.reason(records)


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        ({"width": 4000, "height": 3000}, {"width": 640, "height": 480}, "most pixels: 4000 × 3000"),
        ({"bytes": 2_000_000}, {"bytes": 100_000}, "largest file: 2,000,000 bytes"),
        ({"format": "raw"}, {"format": "jpeg"}, "best format: raw"),
        ({"format": "png"}, {"format": "gif"}, "best format: png"),
        ({"taken_at": FIRST}, {"taken_at": FIRST + timedelta(days=1)}, "oldest: 2020-05-01"),
        ({"taken_at": FIRST}, {"taken_at": None}, "oldest: 2020-05-01"),
        ({"added_at": ADDED}, {"added_at": ADDED + timedelta(seconds=1)}, "oldest: 2024-01-01"),
    ],
)
def test_each_rule_prefers_the_better_picture_and_is_named(better, worse, reason):
    assert kept(make_record("file:///b", **better), make_record("file:///a", **worse)) == ("b", reason)


def test_earlier_rules_outweigh_later_ones():
    large = make_record("file:///large", width=4000, height=3000, bytes=10, format="gif")
    heavy = make_record("file:///heavy", width=640, height=480, bytes=9_999_999, format="raw")
    assert kept(large, heavy)[0] == "large"
    assert kept(large, heavy, rules=KeepRules.parse("bytes"))[0] == "heavy"
    assert kept(large, heavy, rules=KeepRules.parse(" format , age"))[0] == "heavy"


def test_where_all_is_equal_the_shorter_name_is_kept():
    assert kept(make_record("file:///a.jpg"), make_record("file:///a (1).jpg")) == ("a.jpg", "the shortest name")


def test_rules_that_are_not_named_come_after():
    assert KeepRules.parse("age").order == (Rule.AGE, Rule.RESOLUTION, Rule.BYTES, Rule.FORMAT)


def test_an_unknown_rule_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="resolution, bytes, format, age"):
        KeepRules.parse("beauty")


def test_what_is_protected_is_kept_whatever_the_rules_say():
    small = make_record("file:///archive/small.jpg", width=10, height=10)
    large = make_record("file:///downloads/large.jpg", width=4000, height=3000)
    rules = KeepRules.parse("", [Path("/archive")])
    assert kept(small, large, rules=rules) == ("archive/small.jpg", "in a protected folder")


def test_a_folder_whose_name_only_begins_alike_is_not_protected():
    rules = KeepRules.parse("", [Path("/archive")])
    assert rules.is_protected(make_record("file:///archive/a/b.jpg"))
    assert not rules.is_protected(make_record("file:///archive-old/b.jpg"))
    assert not rules.is_protected(make_record("https://example.org/archive/b.jpg"))


def test_a_link_does_not_lead_around_protection(tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "a.jpg").write_bytes(b"a")
    (tmp_path / "link").symlink_to(tmp_path / "archive")
    through_link = make_record((tmp_path / "link" / "a.jpg").as_uri())
    straight = make_record((tmp_path / "archive" / "a.jpg").as_uri())
    for folder in ("archive", "link"):
        rules = KeepRules.parse("", [tmp_path / folder])
        assert rules.is_protected(through_link)
        assert rules.is_protected(straight)


def test_a_linked_file_and_a_file_alone_are_protected_too(tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "archive" / "a.jpg").write_bytes(b"a")
    (tmp_path / "other" / "link.jpg").symlink_to(tmp_path / "archive" / "a.jpg")
    link, straight = (make_record((tmp_path / name).as_uri()) for name in ("other/link.jpg", "archive/a.jpg"))
    for protected in ("archive", "archive/a.jpg"):
        rules = KeepRules.parse("", [tmp_path / protected])
        assert (rules.is_protected(link), rules.is_protected(straight)) == (True, True)
        assert not rules.is_protected(make_record((tmp_path / "other" / "b.jpg").as_uri()))


def test_a_link_in_a_protected_folder_is_protected_wherever_it_leads(tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.jpg").write_bytes(b"a")
    (tmp_path / "archive" / "link.jpg").symlink_to(tmp_path / "other" / "a.jpg")
    rules = KeepRules.parse("", [tmp_path / "archive"])
    assert rules.is_protected(make_record((tmp_path / "archive" / "link.jpg").as_uri()))
    assert not rules.is_protected(make_record((tmp_path / "other" / "a.jpg").as_uri()))


def test_a_folder_is_looked_at_once_however_many_pictures_lie_in_it(tmp_path, monkeypatch):
    rules, looked = KeepRules.parse("", [tmp_path / "archive"]), []
    look = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **named: looked.append(str(path)) or look(path, **named))
    for number in range(20):
        assert not rules.is_protected(make_record((tmp_path / "other" / f"{number}.jpg").as_uri()))
    assert looked.count(str(tmp_path)) == 1


@pytest.mark.parametrize("protected", ["albums", "ALBUMS"])
def test_another_spelling_does_not_lead_around_protection(tmp_path, monkeypatch, protected):
    """A disk that does not tell case apart, as far as looking at a file goes."""
    look = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **named: look(str(path).replace("ALBUMS", "albums"), **named))
    (tmp_path / "albums" / "2019").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    rules = KeepRules.parse("", [tmp_path / protected, tmp_path / "no such folder"])
    for spelt in ("albums", "ALBUMS"):
        assert rules.is_protected(make_record((tmp_path / spelt / "2019" / "a.jpg").as_uri()))
    assert not rules.is_protected(make_record((tmp_path / "other" / "a.jpg").as_uri()))
    assert not rules.is_protected(make_record((tmp_path / "gone" / "a.jpg").as_uri()))


def test_where_case_is_not_told_apart_either_case_protects(tmp_path):
    (tmp_path / "Albums").mkdir()
    if not (tmp_path / "albums").exists():
        pytest.skip("this disk tells case apart")
    rules = KeepRules.parse("", [tmp_path / "albums"])
    assert rules.is_protected(make_record((tmp_path / "Albums" / "a.jpg").as_uri()))


def test_a_picture_alone_is_its_own_best():
    assert kept(make_record("file:///a")) == ("a", "the only one")


def test_a_picture_whose_name_the_disk_refuses_stops_no_protection(tmp_path):
    rules = KeepRules.parse("", [tmp_path / "albums"])
    refused = f"{'a' * 300}.jpg"
    assert not rules.is_protected(make_record((tmp_path / refused).as_uri()))
    assert rules.is_protected(make_record((tmp_path / "albums" / refused).as_uri()))

"""In which order are records listed, and does a cursor hold its place?"""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.gallery.filters import matches, parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import make_record, make_records
from lookalike.types import ImageRecord

ORDERS = ("added", "taken", "bytes", "width", "height", "label", "owner", "format", "path", "uri", "id")
BOTH_WAYS = [*ORDERS, *(f"-{order}" for order in ORDERS)]
ATTRIBUTES = {"added": "added_at", "taken": "taken_at"}


def value(record: ImageRecord, order: str) -> object:
    field = order.removeprefix("-")
    return getattr(record, ATTRIBUTES.get(field, field))


def walk(gallery: SqliteGallery, order: str, limit: int, where: str = "") -> list[ImageRecord]:
    found, after = [], ""
    while True:
        page = gallery.scan(parse_filter(where), order=order, after=after, limit=limit)
        found += page.records
        after = page.after
        if not after:
            return found


@pytest.mark.slow
@pytest.mark.parametrize("walked", [True, False], ids=["along the index", "sorted in memory"])
@pytest.mark.parametrize("order", BOTH_WAYS)
def test_every_order_is_kept_across_pages(path: Path, monkeypatch, order, walked):
    monkeypatch.setattr("lookalike.gallery.sqlite.listing._SORTED_IN_MEMORY", 0 if walked else 20_000)
    records = make_records(60, dim=0)
    records += [replace(one, uri=f"http://host{i}/{one.path}", id=f"twin{i}") for i, one in enumerate(records[:20])]
    with SqliteGallery.open(path) as gallery:
        gallery.put(records)
        for where in ("", "label:dog", "label:nothing"):
            expected = [one for one in records if matches(one, parse_filter(where))]
            found = walk(gallery, order, 7, where)
            assert sorted(one.id for one in found) == sorted(one.id for one in expected)
            present = [value(one, order) for one in found if value(one, order) is not None]
            assert present == sorted(present, reverse=order.startswith("-"))
            missing = [value(one, order) is None for one in found]
            assert missing == sorted(missing), "records without a time come last, whatever the direction"


def test_the_other_direction_is_the_exact_reverse(path: Path):
    records = [make_record(f"file:///{i}", width=i % 3) for i in range(30)]
    with SqliteGallery.open(path) as gallery:
        gallery.put(records)
        for order in ("width", "path", "label", "added"):
            assert walk(gallery, order, 4) == walk(gallery, f"-{order}", 5)[::-1]


@given(
    steps=st.lists(st.tuples(st.sampled_from(["put", "delete", "read"]), st.integers(0, 39)), max_size=40),
    order=st.sampled_from(BOTH_WAYS),
)
def test_a_walk_shows_everything_that_was_there_throughout_once(tmp_path_factory, steps, order):
    """Whatever comes and goes meanwhile, even where a new record takes the key of one that is gone."""
    extra = [make_record(f"file:///extra/{i}", width=i * 100, label=f"l{i % 4}", bytes=i) for i in range(40)]
    stable = make_records(15, dim=0)
    with SqliteGallery.open(tmp_path_factory.mktemp("walk") / "test.gallery") as gallery:
        gallery.put([*stable, *extra[:20]])
        seen, after, more = [], "", True
        for kind, number in [*steps, *([("read", 0)] * 60)]:
            if kind == "put":
                gallery.put([extra[number]])
            elif kind == "delete":
                gallery.delete([extra[number].id])
            elif more:
                page = gallery.scan(order=order, after=after, limit=3)
                seen += [record.id for record in page.records]
                after, more = page.after, bool(page.after)
        assert not more
        assert all(seen.count(record.id) == 1 for record in stable)


def test_a_cursor_goes_on_where_its_label_no_longer_exists(path: Path):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(f"file:///{i}", label=label) for i, label in enumerate("abcde")])
        first = gallery.scan(order="label", limit=2)
        gallery.delete([record.id for record in first.records])
        assert [record.label for record in gallery.scan(order="label", after=first.after).records] == ["c", "d", "e"]


def test_cursors_that_were_tampered_with_are_refused(gallery):
    from base64 import urlsafe_b64encode

    for text in (
        '["width", false, "7", 3]',
        '["width", false, 7]',
        '["width", false, 1e999, 3]',
        f'["width", false, {10**40}, 3]',
        f'["width", false, 3, {-(10**40)}]',
        '["width", true, 7, 3]',
        '["width", false, true, 3]',
        "{}",
        "[" * 100_000,
    ):
        with pytest.raises(BadInput, match="cursor"):
            gallery.scan(order="width", after=urlsafe_b64encode(text.encode()).decode())
    good = urlsafe_b64encode(b'["width", false, -5, -900]').decode()
    assert len(gallery.scan(order="width", after=good).records) == 40


@pytest.mark.parametrize("order", ["tag", "sha256", "meta.x", "beauty", "", "-", "--width"])
def test_other_orders_are_refused_and_the_known_ones_named(gallery, order):
    with pytest.raises(BadInput, match="cannot be listed") as refusal:
        gallery.scan(order=order)
    assert "taken" in refusal.value.fix


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_of_nothing_is_refused(gallery, limit):
    with pytest.raises(BadInput):
        gallery.scan(limit=limit)


def test_a_page_that_ends_with_the_last_record_says_so(gallery):
    assert gallery.scan(limit=40).after == ""
    assert gallery.scan(limit=39).after != ""

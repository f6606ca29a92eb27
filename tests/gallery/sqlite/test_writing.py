"""What may be put into a gallery, and what becomes of keys, embeddings and words when records change?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.serving import Embedded
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.pages import MAX_SPACES
from lookalike.testing import assert_same_records, make_record, make_records, make_space
from lookalike.testing.records import make_vectors
from lookalike.types import Failure, Fingerprint, ImageRecord, Outcome

SPACE = make_space()
SECOND = make_space("toy@1/second", 16)
UNIT = np.eye(64, dtype=np.float16)[0]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def keys(gallery: SqliteGallery) -> list[int]:
    with gallery._database.reading() as connection:
        return [key for (key,) in connection.execute("SELECT key FROM image ORDER BY key")]


@given(
    record=st.builds(
        make_record,
        st.just("file:///a/b.jpg"),
        title=TEXT,
        caption=TEXT,
        tags=st.lists(TEXT, max_size=5).map(tuple),
        label=TEXT,
        owner=TEXT,
        link=TEXT,
        version=TEXT,
        metadata=st.dictionaries(TEXT, JSON, max_size=3),
        width=st.integers(0, 2**32 - 1),
        bytes=st.integers(0, 2**63 - 1),
        sha256=st.binary(max_size=32).map(bytes.hex),
        fingerprint=st.binary(max_size=16).map(bytes.hex).map(lambda pixels: Fingerprint(pixels=pixels)),
        taken_at=st.none() | st.datetimes(),
        added_at=st.datetimes(timezones=st.just(UTC)),
    )
)
def test_any_record_comes_back_as_it_was(tmp_path_factory, record):
    with SqliteGallery.open(tmp_path_factory.mktemp("any") / "test.gallery") as gallery:
        gallery.put([record])
        assert_same_records(gallery.get([record.id]), [record])
        assert gallery.find("sha256", [record.sha256]) == {record.sha256: [record.id]}
        assert gallery.find("pixels", [record.fingerprint.pixels]) == {record.fingerprint.pixels: [record.id]}
        assert gallery.check() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"embeddings": {SPACE.name: np.full(64, np.nan, np.float16)}}, "no unit vector"),
        ({"embeddings": {SPACE.name: np.full(64, np.inf, np.float16)}}, "no unit vector"),
        ({"embeddings": {SPACE.name: UNIT * np.float16(0.9)}}, "no unit vector"),
        ({"embeddings": {SPACE.name: UNIT * np.float16(0)}}, "no unit vector"),
        ({"embeddings": {SPACE.name: UNIT[:32]}}, "shape"),
        ({"embeddings": {"toy@1/unknown": UNIT}}, "does not hold"),
        ({"sha256": "xyz"}, "hexadecimal"),
        ({"sha256": "AB"}, "hexadecimal"),
        ({"sha256": "ab c1"}, "hexadecimal"),
        ({"fingerprint": Fingerprint(pixels="a")}, "hexadecimal"),
        ({"fingerprint": Fingerprint(pixels="", perceptual="ab" * 40)}, "64 digits"),
        ({"fingerprint": Fingerprint(pixels="", perceptual="ab" * 32, quality=300)}, "quality"),
        ({"taken_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}, "cannot be stored"),
        ({"width": -1}, "width"),
        ({"height": 2**32}, "height"),
        ({"bytes": 2**63}, "bytes"),
        ({"tags": ("t",) * 70_000}, "tags"),
        ({"title": "half a pair \ud800"}, "Unicode"),
        ({"tags": ("\ud800",)}, "Unicode"),
        ({"uri": "file:///\ud800"}, "Unicode"),
        ({"label": "\ud800"}, "Unicode"),
        ({"metadata": {"x": float("nan")}}, "cannot be stored"),
        ({"metadata": {"x": object()}}, "cannot be stored"),
        ({"added_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}, "cannot be stored"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_cannot_be_kept_is_refused_with_the_reason_and_nothing_is_stored(gallery, change, reason):
    before = gallery.get([one.id for one in make_records(40)], embeddings=True)
    bad = replace(make_record("file:///bad.jpg"), **change)
    with pytest.raises((BadInput, GalleryError), match=reason):
        gallery.put([make_record("file:///good.jpg"), bad])
    assert gallery.count() == 40
    assert_same_records(gallery.get([one.id for one in before], embeddings=True), before)
    assert gallery.check() == []


def test_two_records_with_one_uri_are_refused(gallery):
    one = make_records(1)[0]
    with pytest.raises(BadInput, match="one uri"):
        gallery.put([replace(one, id="another")])
    assert gallery.count() == 40
    assert gallery.check() == []


def test_a_record_may_move_to_another_uri(gallery):
    one = make_records(1)[0]
    gallery.put([replace(one, uri="file:///elsewhere/x.jpg")])
    assert gallery.get([one.id])[0].uri == "file:///elsewhere/x.jpg"
    assert dict(gallery.versions("file:///elsewhere/"))
    assert gallery.count(parse_filter("path:elsewhere/*")) == 1
    assert gallery.check() == []


@pytest.mark.slow
def test_metadata_too_deep_to_write_is_refused(gallery):
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"deeper": deep}
    with pytest.raises(BadInput, match="cannot be stored"):
        gallery.put([make_record(metadata=deep)])


def test_keys_of_deleted_records_are_used_again_before_new_ones(gallery):
    records = make_records(40)
    gallery.delete([records[i].id for i in (3, 30, 7)])
    gallery.put([make_record(f"file:///new/{i}") for i in range(5)])
    assert keys(gallery) == list(range(42))
    assert gallery.check() == []


def test_a_replaced_record_loses_the_embedding_it_no_longer_has(gallery):
    gallery.add_space(SECOND)
    record = make_records(1)[0]
    both = {SPACE.name: UNIT, SECOND.name: np.eye(16, dtype=np.float16)[3]}
    gallery.put([replace(record, embeddings=both)])
    assert gallery.nearest(SECOND.name, np.eye(16, dtype=np.float32)[:1], 5)[0].ids == (record.id,)
    gallery.put([replace(record, embeddings={SPACE.name: UNIT})])
    assert gallery.nearest(SECOND.name, np.eye(16, dtype=np.float32)[:1], 5)[0].ids == ()
    assert gallery.get([record.id], embeddings=True)[0].embeddings.keys() == {SPACE.name}
    assert gallery.check() == []


def test_tags_of_neighbours_on_a_page_stay_theirs(path):
    records = [make_record(f"file:///{i}", tags=tuple(f"t{j}" for j in range(i % 4))) for i in range(50)]
    with SqliteGallery.open(path) as gallery:
        gallery.put(records[::-1])
        gallery.put([replace(records[i], tags=("new", f"t{i}")) for i in (40, 3, 17)])
        gallery.delete([records[20].id, records[22].id])
        assert gallery.count(parse_filter("tag:new")) == 3
        kept = [one for i, one in enumerate(records) if i not in (40, 3, 17, 20, 22)]
        assert gallery.count(parse_filter("tag:t0")) == sum("t0" in one.tags for one in kept)
        assert gallery.count(parse_filter("tag:t17")) == 1
        assert gallery.check() == []


def test_a_record_may_carry_one_tag_twice(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(tags=("x", "x", ""))])
        assert gallery.scan().records[0].tags == ("x", "x", "")
        assert gallery.count(parse_filter("tag:x")) == 1
        assert gallery.check() == []


def test_nothing_to_put_or_to_delete_writes_nothing(gallery):
    with gallery._memory.view() as view:
        before = view.columns.revision
    gallery.put([])
    gallery.put([], [])
    gallery.delete([])
    gallery.delete(["unknown"])
    gallery.drop_failures(["file:///unknown"])
    with gallery._memory.view() as view:
        assert view.columns.revision == before


def test_a_failure_alone_is_stored(gallery):
    failure = Failure(
        uri="file:///f.jpg", version="1", outcome=Outcome.TOO_LARGE, reason="too large", at=datetime.now(UTC)
    )
    gallery.put([], [failure])
    assert gallery.failures() == [failure]
    assert gallery.check() == []


def test_more_spaces_than_a_gallery_can_hold_are_refused(path):
    with SqliteGallery.open(path) as gallery:
        for number in range(32):
            gallery.add_space(make_space(f"toy@{number}/x", 8))
        with pytest.raises(GalleryError, match="32 spaces"):
            gallery.add_space(make_space("toy@32/x", 8))
        vector = np.eye(8, dtype=np.float16)[0]
        gallery.put([make_record(embeddings={f"toy@{number}/x": vector for number in range(32)})])
        for number in range(32):
            assert len(gallery.nearest(f"toy@{number}/x", vector.astype(np.float32)[None], 3)[0].ids) == 1
        assert gallery.check() == []


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_neighbour_is_refused(gallery, k):
    with pytest.raises(BadInput):
        gallery.nearest(SPACE.name, UNIT.astype(np.float32)[None], k)
    with pytest.raises(BadInput):
        gallery.match_text("dog", k)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_query_that_is_not_finite_is_refused(gallery, value):
    with pytest.raises(BadInput, match="not finite"):
        gallery.nearest(SPACE.name, np.full((1, 64), value, np.float32), 3)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "delete"]), st.lists(st.integers(0, 25), max_size=12)), max_size=12
    )
)
def test_any_course_of_changes_leaves_what_a_dictionary_would_hold(tmp_path_factory, steps):
    universe = make_records(26)
    expected: dict[str, ImageRecord] = {}
    with SqliteGallery.open(tmp_path_factory.mktemp("course") / "test.gallery") as gallery:
        gallery.add_space(SPACE)
        for version, (kind, numbers) in enumerate(steps):
            batch = [replace(universe[i], version=str(version), label=f"l{version + i}") for i in numbers]
            if kind == "put":
                gallery.put(batch)
                expected |= {one.id: one for one in batch}
            else:
                known = {one.id for one in batch} & expected.keys()
                assert gallery.delete([one.id for one in batch]) == len(known)
                expected = {id_: one for id_, one in expected.items() if id_ not in known}
            assert gallery.count() == len(expected)
        assert_same_records(gallery.get(list(expected), embeddings=True), list(expected.values()))
        assert sum(gallery.facets("label", limit=100).values()) == len(expected)
        assert gallery.check() == []


@pytest.mark.slow
def test_a_gallery_of_one_page_more_finds_its_last_record(path: Path):
    records = [make_record(f"file:///{i}") for i in range(1_025)]
    with SqliteGallery.open(path) as gallery:
        gallery.put(records)
        assert gallery.find("sha256", [records[-1].sha256]) == {records[-1].sha256: [records[-1].id]}
        assert gallery.count(parse_filter(f"id:{records[-1].id}")) == 1


def test_ids_that_share_a_fragment_are_kept_apart(path: Path, monkeypatch):
    """A page holds four bytes of an id; here all ids share them."""
    monkeypatch.setattr("lookalike.gallery.sqlite.pages.crc32", lambda _: 7)
    records = make_records(30, dim=0)
    with SqliteGallery.open(path) as gallery:
        gallery.put(records)
        gallery.put([replace(records[4], label="changed")])
        assert gallery.count() == 30
        assert gallery.get([records[4].id])[0].label == "changed"
        assert_same_records(gallery.get([one.id for one in records[10:]]), records[10:])
        assert gallery.find("sha256", [records[9].sha256]) == {records[9].sha256: [records[9].id]}
        assert gallery.count(parse_filter(f"id:{records[3].id}")) == 1
        assert gallery.delete([records[3].id, "unknown"]) == 1
        assert gallery.check() == []


def test_a_space_that_is_dropped_gives_its_room_back(gallery):
    large = make_space("large@1/space", 4_096)
    gallery.add_space(large)
    vectors = make_vectors(40, 4_096).astype(np.float16)
    records = zip(make_records(40), vectors, strict=True)
    gallery.embed([Embedded(id=one.id, sha256=one.sha256, embeddings={large.name: row}) for one, row in records])
    before = gallery.size_bytes()
    gallery.drop_space(large.name)
    assert gallery.size_bytes() < before - 40 * 2 * 4_096
    assert gallery.check() == []


@pytest.mark.slow
def test_the_numbers_of_dropped_spaces_are_given_again(gallery):
    for number in range(2 * MAX_SPACES):
        space = make_space(f"toy@{number + 2}/colour", 4)
        gallery.add_space(space)
        gallery.drop_space(space.name)
    assert list(gallery.spaces) == [make_space().name]

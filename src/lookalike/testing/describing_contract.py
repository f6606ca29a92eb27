"""What must every gallery do when only the words of records change?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.testing.records import make_record, make_records, make_space
from lookalike.types import ImageRecord

SPACE = make_space()


class DescribingContract:
    """How a gallery keeps what is said of its records."""

    def open(self, tmp_path: Path) -> Gallery:
        """Give a new, empty gallery."""
        raise NotImplementedError("a subclass of GalleryContract gives a new, empty gallery")

    def filled(self, tmp_path: Path, n: int = 40) -> Gallery:
        """Give a gallery that holds `make_records(n)`."""
        gallery = self.open(tmp_path)
        gallery.add_space(SPACE)
        gallery.put(make_records(n))
        return gallery

    def test_new_words_are_found_at_once_and_old_ones_no_more(self, tmp_path: Path) -> None:
        record = make_record(caption="a zebra", tags=("africa",), label="animal", recognised={"horse": 0.5})
        with self.open(tmp_path) as gallery:
            gallery.put([record, make_record("file:///other.jpg", label="animal")])
            (now,) = gallery.describe([record.id], _reworded)
            assert_same_records(gallery.get([record.id]), [now])
            assert gallery.match_text("okapi", 5).ids == (record.id,)
            assert gallery.match_text("zebra", 5).ids == ()
            assert gallery.match_text("horse", 5).ids == ()
            assert gallery.count(parse_filter("tag:africa")) == gallery.count(parse_filter("tag:horse")) == 0
            assert gallery.count(parse_filter("tag:congo tag:cow label:beast owner:ann meta.new:1")) == 1
            assert gallery.facets("tag") == {"congo": 1, "cow": 1}
            assert gallery.facets("label") == {"animal": 1, "beast": 1}
            assert dict(gallery.versions(record.uri)) == {record.uri: "2"}
            assert gallery.check() == []

    def test_describing_touches_nothing_but_the_words(self, tmp_path: Path) -> None:
        records = make_records(20)
        query = records[7].embeddings[SPACE.name].astype(np.float32)[None]
        with self.filled(tmp_path, 20) as gallery:
            since = gallery.state.revision

            def change(one: ImageRecord) -> ImageRecord:
                return replace(_reworded(one), width=1, uri="file:///x", sha256="", embeddings={}, id="x")

            gallery.describe([records[7].id], change)
            (found,) = gallery.get([records[7].id], embeddings=True)
            assert_same_records([found], [_reworded(records[7])])
            assert gallery.nearest(SPACE.name, query, 1)[0].ids == (records[7].id,)
            assert gallery.state.revision > since
            others = [record for record in records if record.id != records[7].id]
            assert_same_records(gallery.get([record.id for record in others], embeddings=True), others)

    def test_unknown_ids_are_passed_over_and_all_or_none_are_described(self, tmp_path: Path) -> None:
        ids = [record.id for record in make_records(3)]

        def broken(one: ImageRecord) -> ImageRecord:
            return replace(one, title="new", metadata={"no JSON": float("nan")} if one.id == ids[2] else {})

        with self.filled(tmp_path, 3) as gallery:
            assert gallery.describe([], _reworded) == gallery.describe(["unknown"], _reworded) == []
            assert [one.id for one in gallery.describe(["unknown", ids[1]], _reworded)] == [ids[1]]
            with refuses(BadInput, GalleryError):
                gallery.describe(ids, broken)
            assert "new" not in {record.title for record in gallery.get(ids)}

    def test_of_many_who_describe_at_once_none_overwrites_another(self, tmp_path: Path) -> None:
        (record,) = make_records(1)
        with self.filled(tmp_path, 1) as gallery, ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda tag: gallery.describe([record.id], lambda one: _tagged(one, tag)), "abcdefgh"))
            assert set(gallery.get([record.id])[0].tags) >= set("abcdefgh")

    def test_a_record_put_again_keeps_what_merging_keeps(self, tmp_path: Path) -> None:
        old, new = make_record(title="old", caption="old"), make_record(version="2", title="new")
        with self.open(tmp_path) as gallery:
            gallery.put([old], merge=lambda before, _: before)
            gallery.put([new, make_record("file:///other.jpg")], merge=lambda a, b: replace(b, caption=a.caption))
            assert_same_records(gallery.get([old.id]), [replace(new, caption="old")])
            assert gallery.match_text("old", 5).ids == (old.id,)
            assert gallery.count() == 2


def _reworded(one: ImageRecord) -> ImageRecord:
    return replace(
        one,
        version="2",
        title="Congo",
        caption="an okapi",
        caption_source="person",
        tags=("congo",),
        label="beast",
        owner="ann",
        link="https://example.org",
        metadata={"new": 1},
        recognised={"cow": 0.25},
        edited=("tags", "title"),
    )


def _tagged(one: ImageRecord, tag: str) -> ImageRecord:
    return replace(one, tags=(*one.tags, tag))

"""What must every gallery do with what it is given: keep it, change it, forget it?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery import PAGE_KEYS, Gallery, Page
from lookalike.gallery.filters import parse_filter
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.testing.describing_contract import DescribingContract
from lookalike.testing.records import make_record, make_records, make_space
from lookalike.types import Failure, Fingerprint, Learned, Outcome

SPACE = make_space()
HOSTILE = (
    "'; DROP TABLE records; --",
    'a "quoted" \\ word',
    "100% _under_score_ [a-z] *?",
    "tab\tline\nreturn\r",
    "nul\0byte",
    "nai\u0308ve naïve 日本語 🐼 \u202eright to left",
    "x" * 20_000,
)


class KeepingContract(DescribingContract):
    """What a gallery keeps."""

    def open(self, tmp_path: Path) -> Gallery:
        """Give a new, empty gallery."""
        raise NotImplementedError("a subclass of GalleryContract gives a new, empty gallery")

    def filled(self, tmp_path: Path, n: int = 40) -> Gallery:
        """Give a gallery that holds `make_records(n)`."""
        gallery = self.open(tmp_path)
        gallery.add_space(SPACE)
        gallery.put(make_records(n))
        return gallery

    def test_a_new_gallery_is_empty(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as gallery:
            assert gallery.count() == 0
            assert gallery.scan() == Page(records=(), after="")
            assert dict(gallery.spaces) == {}
            assert gallery.failures() == []
            assert list(gallery.versions("")) == []
            assert gallery.check() == []

    def test_records_come_back_as_they_were_put(self, tmp_path: Path) -> None:
        records = make_records(40)
        with self.filled(tmp_path) as gallery:
            assert_same_records(gallery.get([record.id for record in records], embeddings=True), records)

    def test_what_was_learned_about_a_space_stands_until_it_is_forgotten(self, tmp_path: Path) -> None:
        learned = Learned(pictures=(3.0, -1.0), texts=(9.0, -2.0), note="of 40 pictures")
        with self.filled(tmp_path) as gallery:
            assert gallery.spaces[SPACE.name] == SPACE
            gallery.calibrate(SPACE.name, learned)
            gallery.add_space(SPACE)
            now = gallery.spaces[SPACE.name]
            assert (now.calibration, now.text_calibration, now.learned) == ((3.0, -1.0), (9.0, -2.0), "of 40 pictures")
            assert now.untaught() == SPACE
            gallery.calibrate(SPACE.name, None)
            assert gallery.spaces[SPACE.name] == SPACE
            with refuses(GalleryError):
                gallery.calibrate("no such", learned)

    def test_embeddings_come_only_where_asked_for(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 3) as gallery:
            ids = [record.id for record in make_records(3)]
            assert all(not record.embeddings for record in gallery.get(ids))
            assert all(not record.embeddings for record in gallery.scan().records)
            assert all(set(record.embeddings) == {SPACE.name} for record in gallery.scan(embeddings=True).records)

    def test_local_features_come_only_where_asked_for_the_rest_of_a_fingerprint_always(self, tmp_path: Path) -> None:
        fingerprint = Fingerprint(pixels="ab" * 16, perceptual="c5" * 32, quality=93, features=b"\x01points\0")
        with self.open(tmp_path) as gallery:
            record = make_record(fingerprint=fingerprint)
            gallery.put([record])
            assert gallery.get([record.id], embeddings=True)[0].fingerprint == fingerprint
            assert gallery.scan(embeddings=True).records[0].fingerprint == fingerprint
            assert gallery.get([record.id])[0].fingerprint == replace(fingerprint, features=b"")

    def test_an_index_of_fingerprints_stays_up_to_date_by_taking_in_what_changed(self, tmp_path: Path) -> None:
        def taken_in(since: int) -> int:
            state = gallery.state
            for page in gallery.fingerprints(since):
                assert len(page.features) == len(page.keys) == len(page.perceptual)
                assert set((page.held // PAGE_KEYS).tolist()) <= {page.number}
                held, before = page.held.tolist(), index.get(page.number, {})
                changed = {
                    key: (bytes(bits).hex(), quality, packed)
                    for key, bits, quality, packed in zip(
                        page.keys.tolist(), page.perceptual, page.quality.tolist(), page.features, strict=True
                    )
                }
                assert changed.keys() <= set(held)
                index[page.number] = {key: (before | changed)[key] for key in held}
            return state.revision

        index: dict[int, dict[int, tuple[str, int, bytes]]] = {}
        records = [
            make_record(
                f"file:///{i}", fingerprint=Fingerprint(pixels="ab" * 16, perceptual=f"{i:064x}", features=b"%d" % i)
            )
            for i in range(30)
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(records)
            since, identity = taken_in(-1), gallery.state.identity
            gallery.delete([record.id for record in records[:5]])
            changed = replace(records[9], fingerprint=replace(records[9].fingerprint, quality=7, features=b""))
            gallery.put([changed, make_record("file:///31")])
            since = taken_in(since)
            assert list(gallery.fingerprints(since)) == []
            assert gallery.state.identity == identity != ""
            kept = {key: one for page in index.values() for key, one in page.items()}
            ids = gallery.ids(list(kept))
            assert {ids[key]: one for key, one in kept.items()} == {
                **{one.id: (one.fingerprint.perceptual, 0, one.fingerprint.features) for one in records[5:]},
                changed.id: (changed.fingerprint.perceptual, 7, b""),
                make_record("file:///31").id: ("00" * 32, 0, b""),
            }

    def test_records_come_in_the_order_asked_and_unknown_ids_are_left_out(self, tmp_path: Path) -> None:
        ids = [record.id for record in make_records(10)]
        with self.filled(tmp_path, 10) as gallery:
            found = gallery.get([ids[7], "unknown", ids[2], "", ids[9]])
            assert [record.id for record in found] == [ids[7], ids[2], ids[9]]
            assert gallery.get([]) == []

    def test_any_text_is_kept_as_it_is(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as gallery:
            for i, text in enumerate(HOSTILE):
                record = make_record(
                    f"file:///photos/{i}.jpg",
                    version=text,
                    title=text,
                    caption=text,
                    caption_source=text,
                    tags=(text, "second"),
                    label=text,
                    owner=text,
                    link=text,
                    metadata={text: text, "nested": {"list": [1, 2.5, None, True, text]}},
                )
                gallery.put([record])
                assert_same_records(gallery.get([record.id]), [record])

    def test_numbers_and_times_are_kept_as_they_are(self, tmp_path: Path) -> None:
        extremes = [
            make_record(
                "file:///a", width=0, height=0, bytes=0, sha256="", format="", fingerprint=Fingerprint(pixels="")
            ),
            make_record("file:///b", bytes=2**40, taken_at=datetime(1839, 1, 1, 10, 30)),  # noqa: DTZ001
            make_record("file:///c", added_at=datetime(2031, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)),
            make_record("file:///d", taken_at=datetime(2024, 2, 29, 23, 59, 59, 120_000)),  # noqa: DTZ001
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(extremes)
            assert_same_records(gallery.get([record.id for record in extremes]), extremes)

    def test_a_record_put_again_is_replaced_but_keeps_when_it_was_added(self, tmp_path: Path) -> None:
        old = make_records(5)[2]
        new = replace(old, version="new", label="changed", tags=("new",), added_at=old.added_at + timedelta(days=9))
        with self.filled(tmp_path, 5) as gallery:
            gallery.put([new])
            assert gallery.count() == 5
            assert_same_records(gallery.get([old.id], embeddings=True), [replace(new, added_at=old.added_at)])
            assert gallery.count(parse_filter("label:changed tag:new")) == 1

    def test_of_two_records_with_one_id_in_one_call_the_last_stays(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as gallery:
            gallery.put([make_record(title="first"), make_record(title="last")])
            assert [record.title for record in gallery.scan().records] == ["last"]

    def test_a_call_with_one_impossible_record_stores_nothing(self, tmp_path: Path) -> None:
        good = make_records(4)
        vector = good[0].embeddings[SPACE.name]
        impossible = [
            {SPACE.name: np.full(SPACE.dim, np.nan, np.float16)},
            {SPACE.name: np.where(np.arange(SPACE.dim) == 3, np.inf, vector).astype(np.float16)},
            {SPACE.name: vector[:-1]},
            {"toy@2/unknown": vector},
        ]
        with self.filled(tmp_path, 0) as gallery:
            for embeddings in impossible:
                with refuses(GalleryError, BadInput):
                    gallery.put([*good[:3], replace(good[3], embeddings=embeddings)], [_failure("file:///f")])
                assert gallery.count() == 0
                assert gallery.failures() == []
            gallery.put(good)
            assert gallery.count() == 4

    def test_metadata_that_is_no_json_is_refused(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as gallery:
            for value in (float("nan"), {1, 2}, b"bytes"):
                with refuses(GalleryError, BadInput):
                    gallery.put([make_record(metadata={"value": value})])
            assert gallery.count() == 0

    def test_a_fingerprint_that_no_page_can_hold_is_refused(self, tmp_path: Path) -> None:
        hashes = [Fingerprint(pixels="ab", perceptual="ab" * n) for n in (31, 33)]
        qualities = [Fingerprint(pixels="ab", quality=n) for n in (-1, 256)]
        with self.open(tmp_path) as gallery:
            for fingerprint in (*hashes, *qualities):
                with refuses(BadInput):
                    gallery.put([make_record(fingerprint=fingerprint)])
            gallery.put([make_record()])
            assert [len(page.keys) for page in gallery.fingerprints()] == [1]

    def test_text_that_is_no_unicode_is_refused_or_kept(self, tmp_path: Path) -> None:
        record = make_record(title="half a pair: \ud800")
        with self.open(tmp_path) as gallery:
            try:
                gallery.put([record])
            except (GalleryError, BadInput):
                assert gallery.count() == 0
            else:
                assert_same_records(gallery.get([record.id]), [record])

    def test_what_is_forgotten_is_gone_from_every_answer(self, tmp_path: Path) -> None:
        records = make_records(12)
        gone = records[5]
        with self.filled(tmp_path, 12) as gallery:
            assert gallery.delete([gone.id, "unknown", records[6].id]) == 2
            assert gallery.delete([gone.id]) == 0
            assert gallery.delete([]) == 0
            assert gallery.count() == 10
            assert gallery.get([gone.id]) == []
            assert gallery.find("sha256", [gone.sha256]) == {}
            assert gone.id not in {record.id for record in gallery.scan().records}
            assert gone.uri not in dict(gallery.versions(""))
            vector = gone.embeddings[SPACE.name].astype(np.float32)[None]
            assert gone.id not in gallery.nearest(SPACE.name, vector, 12)[0].ids
            assert gone.id not in gallery.match_text("img", 12).ids

    def test_the_same_bytes_or_pixels_are_found_oldest_first(self, tmp_path: Path) -> None:
        records = make_records(6, dim=0)
        twins = [replace(record, sha256="aa" * 32, fingerprint=Fingerprint(pixels="bb")) for record in records[:3]]
        with self.open(tmp_path) as gallery:
            gallery.put([twins[2], twins[0], *records[3:]])
            gallery.put([twins[1]])
            oldest_first = [twin.id for twin in twins]
            assert gallery.find("sha256", ["aa" * 32, "cc" * 32, records[4].sha256]) == {
                "aa" * 32: oldest_first,
                records[4].sha256: [records[4].id],
            }
            assert gallery.find("pixels", ["bb"]) == {"bb": oldest_first}
            assert gallery.find("sha256", []) == {}

    def test_failures_are_listed_until_the_picture_comes_in(self, tmp_path: Path) -> None:
        record = make_record("file:///photos/b.jpg")
        with self.open(tmp_path) as gallery:
            gallery.put([], [_failure("file:///photos/c.jpg"), _failure(record.uri), _failure("file:///photos/a.jpg")])
            gallery.put([], [replace(_failure("file:///photos/c.jpg"), reason="still broken")])
            assert [failure.uri[-5:] for failure in gallery.failures()] == ["a.jpg", "b.jpg", "c.jpg"]
            assert gallery.failures()[0] == _failure("file:///photos/a.jpg")
            assert gallery.failures()[2].reason == "still broken"
            gallery.put([record])
            assert [failure.uri[-5:] for failure in gallery.failures()] == ["a.jpg", "c.jpg"]
            assert gallery.drop_failures(["file:///photos/a.jpg", "file:///unknown"]) == 1
            assert [failure.uri[-5:] for failure in gallery.failures()] == ["c.jpg"]

    def test_a_failure_leaves_an_older_record_as_it_is(self, tmp_path: Path) -> None:
        record = make_record()
        with self.open(tmp_path) as gallery:
            gallery.put([record])
            gallery.put([], [_failure(record.uri)])
            assert_same_records(gallery.get([record.id]), [record])
            assert [failure.uri for failure in gallery.failures()] == [record.uri]

    def test_versions_of_records_and_failures_are_listed_by_the_start_of_their_uri(self, tmp_path: Path) -> None:
        uris = ["file:///a_b/1", "file:///a_b/2", "file:///axb/3", "file:///a%25b/4", "file:///A_B/5", "file:///a_b"]
        with self.open(tmp_path) as gallery:
            gallery.put([make_record(uri, version=uri[-1]) for uri in uris[1:]], [_failure(uris[0])])
            assert dict(gallery.versions("file:///a_b/")) == {uris[0]: "failed", uris[1]: "2"}
            assert set(dict(gallery.versions("file:///a%25"))) == {uris[3]}
            assert set(dict(gallery.versions("file:///a_b"))) == {uris[0], uris[1], uris[5]}
            assert set(dict(gallery.versions(""))) == set(uris)

    def test_a_space_is_added_once_and_guarded_by_its_digest(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SPACE)
            assert dict(gallery.spaces) == {SPACE.name: SPACE}
            for other in (replace(SPACE, digest="0" * 64), replace(SPACE, dim=32)):
                with refuses(GalleryError):
                    gallery.add_space(other)
            gallery.add_space(make_space("toy@1/second", 16))
            assert set(gallery.spaces) == {SPACE.name, "toy@1/second"}

    def test_one_record_may_lie_in_several_spaces_or_none(self, tmp_path: Path) -> None:
        second = make_space("toy@1/second", 16)
        vector = np.eye(16, dtype=np.float16)[3]
        records = make_records(3)
        records[1] = replace(records[1], embeddings={**records[1].embeddings, second.name: vector})
        records[2] = replace(records[2], embeddings={})
        with self.filled(tmp_path, 0) as gallery:
            gallery.add_space(second)
            gallery.put(records)
            assert_same_records(gallery.get([record.id for record in records], embeddings=True), records)
            found = gallery.nearest(second.name, vector.astype(np.float32)[None], 10)[0]
            assert found.ids == (records[1].id,)


def _failure(uri: str) -> Failure:
    at = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    return Failure(uri=uri, version="failed", outcome=Outcome.UNREADABLE, reason="no picture: «ä»", at=at)

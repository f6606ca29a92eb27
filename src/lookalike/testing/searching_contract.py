"""What must every gallery answer when it is searched?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import And, Between, Filter, Matches, Not, Or, matches, parse_filter
from lookalike.testing.claims import refuses
from lookalike.testing.keeping_contract import SPACE
from lookalike.testing.records import make_record, make_records, make_vectors
from lookalike.testing.words_contract import WordsContract
from lookalike.types import Embedding, ImageRecord

FILTERS = (
    "",
    "-()",
    "label:dog",
    "label:DOG,cat",
    "label:STRASSE",
    "label:red*",
    "label:*",
    "-label:*",
    "tag:新年",
    "tag:20?9 -tag:snow",
    "tags:seashore,holiday",
    "owner:bob OR owner:ann width>=3000",
    "format:jpeg,png",
    "path:holiday/*",
    "path:HOLIDAY/*",
    "path:/photos/holiday/*",
    "path:img_00003.*",
    'path:"Über uns/*"',
    "path:*0?.jpg",
    "width>=1000 height<2000",
    "width:1000..2000,4k..",
    "bytes<1MB OR bytes>15MB",
    "taken:2019",
    "taken:2019..2021",
    "taken>2020-06-15T12:00",
    "taken:*",
    "-taken:*",
    "-taken>2019",
    "added:2024-01-01T12:00:05",
    "added<2024-01-01T12:00:10",
    "uri:file:///photos/*",
    "id:a*,b*,c*",
    "sha256:?*",
    "meta.camera:A7",
    "meta.camera:a7",
    "meta.stars:3",
    "meta.nothing:*",
    "-(label:dog tag:holiday) (format:jpeg OR -owner:ann)",
    "NOT NOT label:cat",
    "text:dog",
    "-text:dogs",
    'text:"snowy hill"',
    "text:seag* OR text:HILLS",
    "text:x100 -text:img",
    "text:🐼",
    "-text:*",
)


class SearchingContract(WordsContract):
    """How a gallery is searched."""

    def test_every_filter_passes_what_the_reference_passes(self, tmp_path: Path) -> None:
        records = make_records(200)
        with self.filled(tmp_path, 200) as gallery:
            for text in FILTERS:
                where = parse_filter(text)
                expected = {record.id for record in records if matches(record, where)}
                found = gallery.scan(where, limit=1000).records
                assert {record.id for record in found} == expected, text
                assert gallery.count(where) == len(expected), text

    def test_hostile_filters_are_answered(self, tmp_path: Path) -> None:
        ids = [record.id for record in make_records(40)]
        deep: Filter = Matches("label", "dog")
        for _ in range(48):
            deep = Not(And((deep, Between("width", 0, None))))
        with self.filled(tmp_path) as gallery:
            assert gallery.count(Or(tuple(Matches("id", id_) for id_ in ids * 60))) == 40
            assert gallery.count(And(tuple(Not(Matches("id", id_)) for id_ in ids * 60))) == 0
            assert gallery.count(deep) == gallery.count(Matches("label", "dog"))
            assert gallery.count(Matches("path", "*a" * 3000)) == 0
            for beginning in ("\U0010ffff", "zzz\U0010ffff", "\ud7ff"):
                assert gallery.count(Or((Matches("uri", f"{beginning}*"), Matches("text", f"{beginning}*")))) == 0
                assert list(gallery.versions(beginning)) == []
            assert gallery.count(Matches("meta.\"';--\\ $.[0]", "*")) == 0
            assert gallery.count(Between("bytes", -(2**63), 2**63 - 1)) == 40
            assert gallery.count(Or(())) == 0

    def test_values_with_signs_of_the_language_are_found_literally(self, tmp_path: Path) -> None:
        labels = ["a*b", "axb", "a?b", "a\\b", "[ab]", "a", "100%", "100x", "a_b", "it's"]
        with self.open(tmp_path) as gallery:
            gallery.put([make_record(f"file:///{i}", label=label) for i, label in enumerate(labels)])
            for text, expected in [
                (r"label:a\*b", ["a*b"]),
                (r"label:a\?b", ["a?b"]),
                (r"label:a\\b", ["a\\b"]),
                ("label:a?b", ["a*b", "axb", "a?b", "a\\b", "a_b"]),
                ("label:[ab]", ["[ab]"]),
                ("label:100%", ["100%"]),
                ("label:a_b", ["a_b"]),
                ("label:it's", ["it's"]),
            ]:
                found = gallery.scan(parse_filter(text)).records
                assert sorted(record.label for record in found) == sorted(expected), text

    def test_facets_count_values_commonest_first(self, tmp_path: Path) -> None:
        records = [
            make_record("file:///a/b/1.jpg", label="dog", tags=("x", "y"), taken_at=make_records(1)[0].taken_at),
            make_record("file:///a/b/2.jpg", label="dog", tags=("x",), owner="ann", format="png"),
            make_record("file:///a/c/3.jpg", label="cat", tags=("x", "z"), owner="ann", recognised={"z": 0.9}),
            make_record("file:///a/b/4.jpg"),
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(records)
            assert list(gallery.facets("label").items()) == [("dog", 2), ("cat", 1)]
            assert gallery.facets("tag") == {"x": 3, "y": 1, "z": 1}
            assert gallery.facets("tag", limit=1) == {"x": 3}
            assert gallery.facets("folder", like="A/C") == {"/a/c": 1}
            assert gallery.facets("label", like="O", limit=5) == {"dog": 2}
            assert gallery.facets("tag", parse_filter("label:dog"), like="z") == {}
            assert gallery.facets("owner") == {"ann": 2}
            assert gallery.facets("format") == {"jpeg": 3, "png": 1}
            assert gallery.facets("folder") == {"/a/b": 3, "/a/c": 1}
            assert gallery.facets("tag", parse_filter("label:dog")) == {"x": 2, "y": 1}
            assert sum(gallery.facets("year").values()) == sum(record.taken_at is not None for record in records)
            with refuses():
                gallery.facets("beauty")

    def test_what_filters_do_not_tell_apart_is_counted_together(self, tmp_path: Path) -> None:
        labels = ["Café", "cafe\u0301", "CAFÉ", "Café", "Cafe"]
        with self.open(tmp_path) as gallery:
            gallery.put([make_record(f"file:///a/{n}.jpg", label=label) for n, label in enumerate(labels)])
            assert list(gallery.facets("label").items()) == [("Café", 4), ("Cafe", 1)]
            assert gallery.facets("label", like="FÉ") == {"Café": 4}
            assert gallery.facets("label", limit=1) == {"Café": gallery.count(parse_filter("label:café"))}

    def test_the_nearest_are_those_of_an_exhaustive_comparison(self, tmp_path: Path) -> None:
        records = make_records(300)
        queries = make_vectors(5, seed=99)
        with self.filled(tmp_path, 300) as gallery:
            for k in (1, 10, 300):
                for found, query in zip(gallery.nearest(SPACE.name, queries, k), queries, strict=True):
                    scores = _scores(records, query)
                    assert len(found.ids) == len(set(found.ids)) == k
                    expected = sorted(scores.values(), reverse=True)[:k]
                    np.testing.assert_allclose(found.scores, expected, atol=1e-5)
                    np.testing.assert_allclose(found.scores, [scores[id_] for id_ in found.ids], atol=1e-5)
            assert gallery.nearest(SPACE.name, queries[:0], 5) == []

    def test_a_filter_never_costs_an_answer(self, tmp_path: Path) -> None:
        records = make_records(300)
        query = make_vectors(1, seed=98)
        with self.filled(tmp_path, 300) as gallery:
            for text in FILTERS:
                where = parse_filter(text)
                passing = [record for record in records if matches(record, where)]
                expected = sorted(_scores(passing, query[0]).values(), reverse=True)[:7]
                found = gallery.nearest(SPACE.name, query, 7, where)[0]
                np.testing.assert_allclose(found.scores, expected, atol=1e-5, err_msg=text)
                assert set(found.ids) <= {record.id for record in passing}, text

    def test_fewer_than_k_come_only_where_there_are_fewer(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 6) as gallery:
            gallery.put(make_records(9, dim=0)[6:])
            assert len(gallery.nearest(SPACE.name, make_vectors(1), 50)[0].ids) == 6
            gallery.delete([record.id for record in make_records(6)])
            empty = gallery.nearest(SPACE.name, make_vectors(1), 50)[0]
            assert empty.ids == ()
            assert empty.scores.shape == (0,)
            assert empty.scores.dtype == np.float32

    def test_a_replaced_record_is_near_to_its_new_embedding_only(self, tmp_path: Path) -> None:
        records = make_records(30)
        new = make_vectors(1, seed=97)
        with self.filled(tmp_path, 30) as gallery:
            gallery.nearest(SPACE.name, new, 1)
            gallery.put([replace(records[4], embeddings={SPACE.name: new[0].astype(np.float16)})])
            found = gallery.nearest(SPACE.name, new, 30)[0]
            assert found.ids[0] == records[4].id
            assert len(set(found.ids)) == 30

    def test_an_unknown_space_or_another_dimension_is_refused(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 3) as gallery:
            with refuses(GalleryError):
                gallery.nearest("toy@9/other", make_vectors(1), 3)
            with refuses(GalleryError):
                gallery.nearest(SPACE.name, make_vectors(1, dim=32), 3)

    def test_the_similarity_of_chosen_records_is_their_cosine(self, tmp_path: Path) -> None:
        records, query = make_records(30), make_vectors(1, seed=95)[0]
        bare = make_record("file:///bare")
        ids = [records[7].id, "unknown", records[2].id, bare.id, records[7].id]
        with self.filled(tmp_path, 30) as gallery:
            gallery.put([bare])
            scores = gallery.similarity(SPACE.name, query, ids)
            known = _scores(records, query)
            np.testing.assert_allclose(scores, [known.get(id_, np.nan) for id_ in ids], atol=1e-5)
            assert gallery.similarity(SPACE.name, query, []).shape == (0,)
            with refuses(GalleryError):
                gallery.similarity("toy@9/other", query, ids)
            with refuses(GalleryError):
                gallery.similarity(SPACE.name, query[:5], ids)

    def test_searching_while_another_thread_writes_gives_whole_answers(self, tmp_path: Path) -> None:
        records = make_records(250)
        query = make_vectors(1, seed=96)
        with self.filled(tmp_path, 100) as gallery, ThreadPoolExecutor(3) as threads:
            written = threads.submit(_put_in_batches, gallery, records[100:])
            while True:
                last_round = written.done()
                found = gallery.nearest(SPACE.name, query, 20)[0]
                assert len(set(found.ids)) == 20
                assert len(gallery.get(list(found.ids))) == 20
                assert gallery.count() >= 100
                if last_round:
                    break
            written.result()
            best = max(_scores(records, query[0]).values())
            np.testing.assert_allclose(gallery.nearest(SPACE.name, query, 1)[0].scores, [best], atol=1e-5)


def _put_in_batches(gallery: Gallery, records: list[ImageRecord]) -> None:
    for i in range(0, len(records), 10):
        gallery.put(records[i : i + 10])


def _scores(records: list[ImageRecord], query: Embedding) -> dict[str, float]:
    return {record.id: float(record.embeddings[SPACE.name].astype(np.float32) @ query) for record in records}

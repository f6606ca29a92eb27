"""What must every gallery do with its spaces: fill another, let it answer, go back, forget it?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.errors import BadInput, Conflict, GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.serving import Embedded, Serving
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.testing.keeping_contract import SPACE, KeepingContract
from lookalike.testing.records import make_record, make_records, make_space, make_vectors
from lookalike.types import ImageRecord, Space

SECOND = replace(make_space("other@1/first", 16), encoder="other")
SIDE = replace(make_space("other@1/copy", 8), encoder="other")


class SpacesContract(KeepingContract):
    """What a gallery does while its encoder changes."""

    def test_the_spaces_of_the_encoder_that_came_first_answer_until_something_else_is_said(
        self, tmp_path: Path
    ) -> None:
        with self.open(tmp_path) as gallery:
            assert gallery.serving == Serving()
            for space in (SECOND, SIDE, SPACE, replace(make_space("other@2/first", 4), encoder="other")):
                gallery.add_space(space)
            assert gallery.serving == Serving(now=(SECOND.name, SIDE.name))

    def test_another_encoder_answers_once_that_is_said(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SECOND)
            gallery.add_space(SIDE)
            filling = (SECOND.name, SIDE.name)
            assert gallery.serve(lambda held: replace(held, filling=filling)) == Serving(
                now=(SPACE.name,), filling=filling
            )
            switched = Serving(now=filling, before=(SPACE.name,))
            assert gallery.serve(lambda held: Serving(now=held.filling, before=held.now)) == switched
            assert gallery.serving == switched

    def test_a_space_that_is_not_there_cannot_answer(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 2) as gallery:
            with refuses(GalleryError):
                gallery.serve(lambda held: replace(held, now=("no such",)))
            assert gallery.serving == Serving(now=(SPACE.name,))

    def test_vectors_are_added_and_all_else_stays_as_it_is(self, tmp_path: Path) -> None:
        records = make_records(5)
        vectors = made_vectors(5, SECOND)
        with self.filled(tmp_path, 5) as gallery:
            gallery.add_space(SECOND)
            taken = gallery.embed([embedded(record, vectors[i]) for i, record in enumerate(records)])
            assert set(taken) == {record.id for record in records}
            after = [
                replace(record, embeddings={**record.embeddings, SECOND.name: vectors[i]})
                for i, record in enumerate(records)
            ]
            assert_same_records(gallery.get([record.id for record in records], embeddings=True), after)
            assert gallery.nearest(SECOND.name, vectors[3].astype(np.float32)[None], 1)[0].ids == (records[3].id,)
            assert len(gallery.nearest(SPACE.name, make_vectors(1), 10)[0].ids) == 5
            assert gallery.check() == []

    def test_vectors_of_another_picture_or_of_none_are_passed_over(self, tmp_path: Path) -> None:
        first, second = make_records(2)
        vectors = made_vectors(3, SECOND)
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SECOND)
            made = [
                embedded(first, vectors[0]),
                replace(embedded(second, vectors[1]), sha256="ab" * 32),
                embedded(make_record("file:///unknown"), vectors[2]),
            ]
            assert gallery.embed(made) == [first.id]
            assert gallery.embed([]) == []
            assert SECOND.name not in gallery.get([second.id], embeddings=True)[0].embeddings

    def test_vectors_that_cannot_be_kept_are_refused_all_together(self, tmp_path: Path) -> None:
        first, second = make_records(2)
        good = made_vectors(1, SECOND)[0]
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SECOND)
            for wrong in (good[:3], np.full(16, np.nan, np.float16)):
                with refuses(GalleryError, BadInput):
                    gallery.embed([embedded(first, good), embedded(second, wrong)])
            with refuses(GalleryError):
                gallery.embed([replace(embedded(first, good), embeddings={"no such": good})])
            assert gallery.count_lacking([SECOND.name]) == 2

    def test_what_a_space_lacks_is_listed_page_by_page(self, tmp_path: Path) -> None:
        records = make_records(25)
        vectors = made_vectors(25, SECOND)
        with self.filled(tmp_path, 25) as gallery:
            gallery.add_space(SECOND)
            gallery.embed([embedded(record, vectors[i]) for i, record in enumerate(records) if i % 5 == 0])
            found: list[ImageRecord] = []
            after = ""
            while True:
                page = gallery.lacking([SPACE.name, SECOND.name], after, 7)
                found += page.records
                assert len(page.records) <= 7
                after = page.after
                if not after:
                    break
            wanted = {record.id for i, record in enumerate(records) if i % 5}
            assert len(found) == len(wanted)
            assert {record.id for record in found} == wanted
            assert gallery.count_lacking([SECOND.name]) == 20
            assert gallery.count_lacking([SPACE.name]) == 0
            assert gallery.lacking([SPACE.name]).records == ()
            with refuses(GalleryError):
                gallery.lacking(["no such"])
            with refuses(GalleryError):
                gallery.count_lacking(["no such"])
            with refuses(BadInput):
                gallery.lacking([SECOND.name], "no cursor")

    def test_where_the_bytes_are_not_known_vectors_of_any_are_taken(self, tmp_path: Path) -> None:
        record = make_records(2)[1]
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SECOND)
            gallery.put([replace(record, sha256="")])
            assert gallery.embed([embedded(record, made_vectors(1, SECOND)[0])]) == [record.id]
            assert gallery.count_lacking([SECOND.name]) == 1

    def test_what_comes_in_anew_lacks_the_vectors_that_it_came_without(self, tmp_path: Path) -> None:
        record = make_records(2)[1]
        with self.filled(tmp_path, 2) as gallery:
            gallery.add_space(SECOND)
            gallery.embed([embedded(record, made_vectors(1, SECOND)[0])])
            gallery.put([replace(record, sha256="cd" * 32)])
            assert gallery.count_lacking([SECOND.name]) == 2

    def test_vectors_and_features_stay_where_a_record_of_the_same_bytes_is_merged(self, tmp_path: Path) -> None:
        def newest(old: ImageRecord, new: ImageRecord) -> ImageRecord:
            seen.append(old)
            return new

        seen: list[ImageRecord] = []
        records = [
            replace(one, fingerprint=replace(one.fingerprint, features=b"points"), tags=("old",))
            for one in make_records(3)
        ]
        same, other, unnamed = (
            replace(one, tags=("new",), fingerprint=replace(one.fingerprint, features=b"")) for one in records
        )
        vectors = made_vectors(3, SECOND)
        with self.filled(tmp_path, 0) as gallery:
            gallery.add_space(SECOND)
            gallery.put(records)
            gallery.embed([embedded(record, vectors[i]) for i, record in enumerate(records)])
            gallery.put([same, replace(other, sha256="cd" * 32), replace(unnamed, embeddings={})], merge=newest)
            assert [(one.embeddings, one.fingerprint.features) for one in seen] == [({}, b"")] * 3
            stays = [
                replace(new, fingerprint=old.fingerprint, embeddings={**old.embeddings, SECOND.name: vectors[place]})
                for new, old, place in ((same, records[0], 0), (unnamed, records[2], 2))
            ]
            assert_same_records(
                gallery.get([same.id, other.id, unnamed.id], embeddings=True),
                [stays[0], replace(other, sha256="cd" * 32), stays[1]],
            )
            assert gallery.count_lacking([SECOND.name]) == 1
            query = vectors[2].astype(np.float32)[None]
            assert gallery.nearest(SECOND.name, query, 1, parse_filter("tag:new"))[0].ids == (unnamed.id,)
            assert gallery.nearest(SECOND.name, query, 9, parse_filter("tag:old"))[0].ids == ()
            assert gallery.check() == []

    def test_a_space_that_was_dropped_is_gone_and_may_come_again(self, tmp_path: Path) -> None:
        records = make_records(4)
        vectors = made_vectors(4, SECOND)
        with self.filled(tmp_path, 4) as gallery:
            gallery.add_space(SECOND)
            gallery.add_space(SIDE)
            gallery.serve(lambda held: replace(held, filling=(SECOND.name, SIDE.name)))
            gallery.embed([embedded(record, vectors[i]) for i, record in enumerate(records)])
            gallery.drop_space(SECOND.name)
            gallery.drop_space("no such")
            assert set(gallery.spaces) == {SPACE.name, SIDE.name}
            assert gallery.serving == Serving(now=(SPACE.name,))
            assert_same_records(gallery.get([record.id for record in records], embeddings=True), records)
            with refuses(GalleryError):
                gallery.nearest(SECOND.name, make_vectors(1, 16), 1)
            gallery.add_space(SECOND)
            assert gallery.count_lacking([SECOND.name]) == 4
            assert gallery.nearest(SECOND.name, make_vectors(1, 16), 4)[0].ids == ()
            assert gallery.check() == []

    def test_the_space_that_answers_is_not_dropped(self, tmp_path: Path) -> None:
        with self.filled(tmp_path, 2) as gallery:
            with refuses(Conflict):
                gallery.drop_space(SPACE.name)
            assert set(gallery.spaces) == {SPACE.name}

    def filled_twice(self, tmp_path: Path, n: int = 4) -> Gallery:
        """Give a gallery whose records lie in both spaces, the second of which is being filled."""
        gallery = self.filled(tmp_path, n)
        gallery.add_space(SECOND)
        vectors = made_vectors(n, SECOND)
        gallery.embed([embedded(record, vectors[i]) for i, record in enumerate(make_records(n))])
        gallery.serve(lambda held: replace(held, filling=(SECOND.name,)))
        return gallery


def made_vectors(n: int, space: Space) -> np.ndarray:
    """Make n vectors of a space as a gallery keeps them."""
    return make_vectors(n, space.dim, seed=7).astype(np.float16)


def embedded(record: ImageRecord, vector: np.ndarray) -> Embedded:
    """Make what `Gallery.embed` takes, in the second space."""
    return Embedded(id=record.id, sha256=record.sha256, embeddings={SECOND.name: vector})

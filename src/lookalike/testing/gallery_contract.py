"""What must every gallery do, what one that outlives its process, and what one that is a file?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.serving import Serving
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.testing.keeping_contract import SPACE
from lookalike.testing.records import make_records, make_space, make_vectors
from lookalike.testing.searching_contract import SearchingContract
from lookalike.testing.spaces_contract import SECOND, SpacesContract

_SOON_S = 2.0
"""How long another handle may take to see what was written; far more than it should, for busy machines."""


class GalleryContract(SpacesContract, SearchingContract):
    """Give `open(tmp_path) -> Gallery`: a new, empty gallery."""


class DurableGalleryContract(GalleryContract):
    """Give `open(tmp_path) -> Gallery`: asked again with the same `tmp_path`, it opens the same gallery again."""

    def test_what_was_put_is_there_when_it_is_opened_again(self, tmp_path: Path) -> None:
        records = make_records(40)
        with self.filled(tmp_path) as gallery:
            gallery.delete([records[0].id])
            nearest = gallery.nearest(SPACE.name, make_vectors(1), 40)[0]
        with self.open(tmp_path) as again:
            ids = [record.id for record in records]
            assert_same_records(again.get(ids, embeddings=True), records[1:])
            assert dict(again.spaces) == {SPACE.name: SPACE}
            assert set(again.nearest(SPACE.name, make_vectors(1), 40)[0].ids) == set(nearest.ids)
            assert len(again.match_text("img", 100).ids) == 39
            assert again.check() == []
            assert again.size_bytes() > 0

    def test_another_handle_sees_what_is_written_without_opening_again(self, tmp_path: Path) -> None:
        records = make_records(30)
        second = make_space("toy@1/second", 16)
        query = records[25].embeddings[SPACE.name].astype(np.float32)[None]
        with self.filled(tmp_path, 20) as writer, self.open(tmp_path) as reader:
            assert reader.nearest(SPACE.name, query, 1)[0].ids != (records[25].id,)
            writer.put(records[20:])
            _soon(lambda: reader.count() == 30)
            _soon(lambda: reader.nearest(SPACE.name, query, 1)[0].ids == (records[25].id,))
            writer.delete([records[25].id])
            _soon(lambda: records[25].id not in reader.nearest(SPACE.name, query, 30)[0].ids)
            writer.add_space(second)
            _soon(lambda: second.name in reader.spaces)

    def test_another_handle_sees_which_spaces_answer_and_so_does_one_that_opens_again(self, tmp_path: Path) -> None:
        filling = Serving(now=(SPACE.name,), filling=(SECOND.name,))
        with self.filled_twice(tmp_path) as writer, self.open(tmp_path) as reader:
            assert len(reader.nearest(SECOND.name, make_vectors(1, SECOND.dim), 9)[0].ids) == 4
            _soon(lambda: reader.serving == filling)
            writer.serve(lambda held: Serving(now=held.filling, before=held.now))
            _soon(lambda: reader.serving == Serving(now=(SECOND.name,), before=(SPACE.name,)))
            writer.drop_space(SPACE.name)
            _soon(lambda: set(reader.spaces) == {SECOND.name})
            writer.add_space(SPACE)
            _soon(lambda: SPACE.name in reader.spaces)
            _soon(lambda: reader.nearest(SPACE.name, make_vectors(1), 9)[0].ids == ())
        with self.open(tmp_path) as again:
            assert again.serving == Serving(now=(SECOND.name,))
            assert list(again.spaces) == [SECOND.name, SPACE.name]
            assert again.check() == []

    def test_another_handle_sees_new_words_and_they_are_there_when_it_is_opened_again(self, tmp_path: Path) -> None:
        record = make_records(3)[1]
        with self.filled(tmp_path, 3) as writer, self.open(tmp_path) as reader:
            assert reader.match_text("okapi", 3).ids == ()
            assert reader.count(parse_filter("tag:congo")) == 0
            writer.describe([record.id], lambda one: replace(one, caption="okapi", tags=("congo",)))
            _soon(lambda: reader.count(parse_filter("tag:congo")) == 1)
            _soon(lambda: reader.match_text("okapi", 3).ids == (record.id,))
        with self.open(tmp_path) as again:
            assert again.get([record.id])[0].caption == "okapi"
            assert again.check() == []

    def test_a_cursor_goes_on_after_opening_again(self, tmp_path: Path) -> None:
        with self.filled(tmp_path) as gallery:
            first = gallery.scan(order="path", limit=25)
        with self.open(tmp_path) as again:
            rest = again.scan(order="path", after=first.after)
            assert len({record.id for record in (*first.records, *rest.records)}) == 40


class FileGalleryContract(DurableGalleryContract):
    """Give `open_file(path) -> Gallery`: opens the gallery in this file, a new one where there is none."""

    def open_file(self, path: Path) -> Gallery:
        raise NotImplementedError("a subclass of FileGalleryContract opens the gallery in a file")

    def open(self, tmp_path: Path) -> Gallery:
        tmp_path.mkdir(parents=True, exist_ok=True)
        return self.open_file(tmp_path / "test.gallery")

    def test_a_backup_is_a_whole_gallery_of_its_own(self, tmp_path: Path) -> None:
        copy = tmp_path / "copy.gallery"
        records = make_records(40)
        with self.filled(tmp_path, 40) as gallery:
            gallery.backup(copy)
            gallery.delete([record.id for record in records[:10]])
        with self.open_file(copy) as restored:
            assert_same_records(restored.get([record.id for record in records], embeddings=True), records)
            assert restored.check() == []
            assert len(restored.nearest(SPACE.name, make_vectors(1), 100)[0].ids) == 40

    def test_a_backup_never_overwrites_a_file(self, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.write_text("not to be lost")
        with self.filled(tmp_path, 3) as gallery, refuses(BadInput, GalleryError):
            gallery.backup(precious)
        assert precious.read_text() == "not to be lost"

    def test_a_file_that_is_no_gallery_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("these are my notes, not a gallery " * 100)
        before = path.read_bytes()
        with refuses(GalleryError):
            self.open_file(path)
        assert path.read_bytes() == before


def _soon(holds: Callable[[], bool]) -> None:
    """Claim that something becomes true within a moment."""
    deadline = time.monotonic() + _SOON_S
    while not holds():
        assert time.monotonic() < deadline, "another handle did not see what was written"
        time.sleep(0.005)

"""What becomes of a gallery that another one is copied into?"""

from dataclasses import replace

import numpy as np
import pytest

from lookalike.describing import Edit
from lookalike.errors import GalleryError
from lookalike.exchange import copy_gallery, copying, verify_copy
from lookalike.gallery import Gallery
from lookalike.gallery.serving import Embedded
from lookalike.testing import MemoryGallery, make_records, make_space
from lookalike.types import Learned, Outcome

OURS, THEIRS = make_space("ours@1/a", 8), make_space("theirs@1/a", 8)
LEARNED = Learned(pictures=(2.0, 1.0), texts=(0.0, 0.0), note="ours")
OTHER = Learned(pictures=(3.0, 1.0), texts=(0.0, 0.0), note="theirs")

pytestmark = pytest.mark.slow


def holding(space, first: int) -> MemoryGallery:
    """A gallery of three records in a space of its own."""
    gallery = MemoryGallery()
    gallery.add_space(space)
    vectors = {space.name: np.eye(8, dtype=np.float16)[first]}
    gallery.put([replace(one, embeddings=vectors) for one in make_records(first + 3)[first:]])
    return gallery


@pytest.fixture
def source() -> Gallery:
    return holding(THEIRS, 3)


def test_an_empty_gallery_answers_as_the_one_that_is_copied(source):
    source.calibrate(THEIRS.name, OTHER)
    target = MemoryGallery()
    list(copy_gallery(source, target))
    assert target.serving == source.serving
    assert target.spaces[THEIRS.name].learned == "theirs"
    source.add_space(OURS)
    source.serve(lambda now: replace(now, filling=(OURS.name,)))
    list(copy_gallery(source, target))
    assert target.serving == source.serving


def test_a_gallery_goes_on_answering_with_an_encoder_that_the_copied_one_knows_nothing_of(source):
    target = holding(OURS, 0)
    target.add_space(THEIRS)
    target.calibrate(THEIRS.name, LEARNED)
    target.serve(lambda now: replace(now, filling=(THEIRS.name,)))
    before = target.serving
    source.calibrate(THEIRS.name, OTHER)
    list(copy_gallery(source, target))
    assert target.count() == 6
    assert target.serving == before
    assert target.spaces[THEIRS.name].learned == "ours"


def test_a_copy_goes_on_though_an_encoder_comes_to_the_copied_gallery_meanwhile(source, empty, monkeypatch):
    monkeypatch.setattr(copying, "_PAGE", 1)
    running = copy_gallery(source, empty)
    next(running)
    source.add_space(OURS)
    source.calibrate(OURS.name, LEARNED)
    vector = np.eye(8, dtype=np.float16)[0]
    source.embed(
        [
            Embedded(id=record.id, sha256=record.sha256, embeddings={OURS.name: vector})
            for record in source.scan(limit=3).records
        ]
    )
    source.serve(lambda held: replace(held, filling=(OURS.name,)))
    assert [one.outcome for one in running] == [Outcome.ADDED] * 2
    assert list(empty.spaces) == [THEIRS.name]
    list(copy_gallery(source, empty))
    assert verify_copy(source, empty).records == 3
    assert empty.serving == source.serving


def described(gallery: Gallery, id_: str, **words) -> None:
    gallery.describe([id_], Edit(**words).apply)


def test_what_a_person_corrects_after_a_copy_is_in_the_next_one_and_what_was_written_only_there_stays(source, empty):
    one, other, _ = (record.id for record in source.scan(limit=3).records)
    described(source, one, caption="a dgo", tags=("dgo",), title="Rex")
    list(copy_gallery(source, empty))
    described(source, one, caption="a dog", tags=("dog",))
    described(empty, one, link="https://example.org")
    described(empty, other, caption="only here")
    assert verify_copy(source, empty).reworded == 2
    assert [copied.outcome for copied in copy_gallery(source, empty)].count(Outcome.UPDATED) == 1
    (copied,) = empty.get([one])
    assert (copied.caption, copied.tags, copied.title, copied.link) == ("a dog", ("dog",), "Rex", "https://example.org")
    assert {"link", "tags", "title"} <= {*copied.edited}
    assert empty.get([other])[0].caption == "only here"
    assert {copied.outcome for copied in copy_gallery(source, empty)} == {Outcome.UNCHANGED}


def test_a_comparison_says_what_is_missing_and_what_to_do(source):
    target = MemoryGallery()
    list(copy_gallery(source, target))
    assert verify_copy(source, target).reworded == 0
    target.delete([source.scan(limit=1).records[0].id])
    with pytest.raises(GalleryError, match="1 of 3 records") as raised:
        verify_copy(source, target)
    assert "Run the same command again" in raised.value.fix


def test_a_comparison_tells_of_vectors_that_did_not_come_along_and_a_further_copy_brings_them(source, empty):
    source.add_space(OURS)
    list(copy_gallery(source, empty))
    record, *_ = source.scan(limit=1).records
    made = Embedded(id=record.id, sha256=record.sha256, embeddings={OURS.name: np.eye(8, dtype=np.float16)[0]})
    source.embed([made])
    with pytest.raises(GalleryError, match=f"Of 1 pictures with a vector in {OURS.name}, 1 have none") as raised:
        verify_copy(source, empty)
    assert "Run the same command again" in raised.value.fix
    list(copy_gallery(source, empty))
    assert verify_copy(source, empty).records == 3
    empty.drop_space(OURS.name)
    with pytest.raises(GalleryError, match=f"a vector in {OURS.name}"):
        verify_copy(source, empty)


def test_vectors_that_only_the_target_has_stand_for_none_that_did_not_come_along(source, empty):
    list(copy_gallery(source, empty))
    others = {THEIRS.name: np.eye(8, dtype=np.float16)[0]}
    empty.put([replace(one, embeddings=others) for one in make_records(2)])
    record, *_ = source.scan(limit=1).records
    empty.put([record])
    with pytest.raises(GalleryError, match=r"Of 3 pictures .* 1 have none"):
        verify_copy(source, empty)


def test_only_a_few_records_are_kept_to_ask_by_however_many_there_are():
    source = MemoryGallery()
    source.add_space(make_space())
    source.put(make_records(600))
    assert verify_copy(source, source).asked == 20

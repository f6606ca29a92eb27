"""Does a look at the pixels tell a copy from another picture?"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.duplicates import OriginalsVerifier
from lookalike.errors import NotFound
from lookalike.testing import draw_picture, make_record
from lookalike.types import ImageRecord, Relation


def saved(path: Path, pixels: np.ndarray, **options) -> ImageRecord:
    Image.fromarray(pixels).save(path, **options)
    return make_record(path.as_uri())


@pytest.fixture
def keep(tmp_path) -> ImageRecord:
    return saved(tmp_path / "keep.png", draw_picture(1, (400, 300)))


@pytest.fixture
def verify(decoder) -> OriginalsVerifier:
    return OriginalsVerifier(decoder)


@pytest.mark.slow
def test_a_small_and_lossy_copy_is_the_same(verify, keep, tmp_path):
    small = np.asarray(Image.fromarray(draw_picture(1, (400, 300))).resize((210, 160)))
    compared = verify(keep, saved(tmp_path / "small.jpg", small, quality=40))
    assert compared is not None
    assert compared.relation is Relation.SAME
    assert compared.confidence > 0.9


@pytest.mark.slow
def test_another_picture_is_not_the_same(verify, keep, tmp_path):
    compared = verify(keep, saved(tmp_path / "other.png", draw_picture(2, (400, 300))))
    assert compared is not None
    assert compared.relation is not Relation.SAME


@pytest.mark.slow
def test_one_scene_with_something_else_before_it_is_not_the_same(verify, keep, tmp_path):
    scene = draw_picture(1, (400, 300)).copy()
    scene[60:, 90:310] = draw_picture(5, (220, 240))
    compared = verify(keep, saved(tmp_path / "scene.png", scene))
    assert compared is not None
    assert compared.relation is not Relation.SAME


@pytest.mark.slow
def test_an_original_that_is_gone_or_broken_cannot_be_compared(verify, keep, tmp_path):
    assert verify(keep, make_record((tmp_path / "gone.jpg").as_uri())) is None
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert verify(keep, make_record((tmp_path / "broken.jpg").as_uri())) is None
    assert verify(make_record("https://example.org/a.jpg"), keep) is None


def test_what_could_not_be_had_is_told_and_asked_for_once(keep, tmp_path, decoder):
    verify, gone = OriginalsVerifier(decoder), make_record((tmp_path / "gone.jpg").as_uri())
    assert verify(keep, gone) is None
    assert verify(gone, keep) is None
    assert verify.missing == {gone.id: f"The file '{tmp_path / 'gone.jpg'}' is not there any more."}


def test_nothing_is_compared_with_what_cannot_be_had(keep, tmp_path, decoder):
    asked, gone = [], make_record((tmp_path / "gone.jpg").as_uri())

    def otherwise(record: ImageRecord) -> None:
        asked.append(record.id)
        raise NotFound("It is gone.")

    verify = OriginalsVerifier(decoder, otherwise)
    others = [make_record(f"https://example.org/{n}.jpg") for n in range(3)]
    assert [verify(gone, other) for other in others] == [None] * 3
    assert asked == [gone.id]


@pytest.mark.slow
def test_a_picture_that_is_kept_elsewhere_stands_in_for_its_original(keep, tmp_path, decoder):
    small = np.asarray(Image.fromarray(draw_picture(1, (400, 300))).convert("L"))
    verify = OriginalsVerifier(decoder, lambda _: small)
    compared = verify(keep, make_record("https://example.org/a.jpg"))
    assert compared is not None
    assert compared.relation is Relation.SAME
    assert verify.missing == {}


@pytest.mark.slow
def test_one_picture_is_compared_with_many_one_after_the_other(verify, keep, tmp_path):
    others = [saved(tmp_path / f"{n}.png", draw_picture(n, (400, 300))) for n in (1, 2, 1)]
    assert [verify(keep, other).relation is Relation.SAME for other in others] == [True, False, True]
    second = saved(tmp_path / "second.png", draw_picture(2, (400, 300)))
    assert verify(second, others[1]).relation is Relation.SAME


@pytest.mark.slow
@pytest.mark.parametrize("turned", [np.rot90, np.flipud, np.fliplr, lambda pixels: np.rot90(pixels[::-1])])
def test_a_turned_or_mirrored_copy_is_the_same(verify, keep, tmp_path, turned):
    other = turned(draw_picture(1, (400, 300)))
    compared = verify(keep, saved(tmp_path / "turned.jpg", np.ascontiguousarray(other), quality=60))
    assert compared is not None
    assert compared.relation is Relation.SAME


def test_a_picture_is_decoded_once_beside_however_many_it_is_compared_with(tmp_path, decoder):
    class Counting:
        opened = 0

        def decode(self, *given):
            self.opened += 1
            return decoder.decode(*given)

    counting = Counting()
    verify = OriginalsVerifier(counting)
    records = [saved(tmp_path / f"{n}.png", draw_picture(n, (64, 48))) for n in range(4)]
    for keep in records:
        assert all(verify(keep, other) is not None for other in records if other is not keep)
    assert counting.opened == 4

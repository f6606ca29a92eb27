"""Does the contract of captioners notice a captioner that breaks it?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from lookalike.testing import CaptionerContract, ColourCaptioner
from lookalike.types import Caption, Maps, Pixels


class EndsInAStop(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        return [replace(caption, text=f"{caption.text}.") for caption in super().caption(images, maps)]


class IsSurerThanSure(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        return [replace(caption, confidence=1.5) for caption in super().caption(images, maps)]


class NeedsAPicture(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        return super().caption([images[0], *images[1:]], maps)


class CopiesItsNeighbours(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        captions = super().caption(images, maps)
        return [replace(caption, text=" ".join(one.text for one in captions)) for caption in captions]


class PaintsOver(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        for image in images:
            image[0, 0] = 0
        return super().caption(images, maps)


class KeepsTheRestToItself(ColourCaptioner):
    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        return super().caption(images, maps)[:1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (EndsInAStop, "each_picture_gets_one_line_without_a_full_stop_and_a_probability"),
        (IsSurerThanSure, "each_picture_gets_one_line_without_a_full_stop_and_a_probability"),
        (KeepsTheRestToItself, "pictures_of_any_size_may_stand_in_one_batch"),
        (NeedsAPicture, "no_pictures_get_no_captions"),
        (CopiesItsNeighbours, "a_picture_is_captioned_alike_alone_and_in_a_batch"),
        (PaintsOver, "a_picture_is_neither_changed_nor_need_it_lie_in_one_piece"),
    ],
)
def test_a_faulty_captioner_breaks_its_contract(faulty: Callable[[], ColourCaptioner], claim: str) -> None:
    class Contract(CaptionerContract):
        def load(self) -> ColourCaptioner:
            return faulty()

    with pytest.raises((AssertionError, IndexError, ValueError)):
        getattr(Contract(), f"test_{claim}")()

"""Are captions made again only where they may be, and does a captioner with eyes of its own see what it should?"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.captioners import Generation, load_captioner
from lookalike.config import load_settings
from lookalike.decode import Fit
from lookalike.describing import Edit
from lookalike.errors import BadInput, LookalikeError
from lookalike.fetch import Fetcher
from lookalike.gallery.filters import parse_filter
from lookalike.ingest import ingest, recaption
from lookalike.ingest.decoding import Opener
from lookalike.ingest.listing import Task
from lookalike.library import Lookalike
from lookalike.seeing import look_once
from lookalike.sources import FolderSource
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery
from lookalike.types import Caption, Item, Maps, Outcome, Pixels

FIT = Fit(size=20, mode="squash")


class Witness:
    """Says in which size it saw pictures."""

    name = "witness"
    fit: Fit | None = FIT

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        assert maps is None
        return [Caption(text=f"{image.shape[1]} by {image.shape[0]}", confidence=0.9) for image in images]


@pytest.fixture
def gallery(tmp_path, decoder):
    """Three pictures, of which a person wrote about one, and a captioner about another."""
    for number, name in enumerate(("person", "captioner", "nobody")):
        Image.fromarray(np.full((60, 90, 3), number * 60, np.uint8)).save(tmp_path / f"{name}.png")
    filled = MemoryGallery()
    list(ingest(FolderSource([tmp_path]), filled, ColourEncoder(), decoder))
    written = {"person": Edit(caption="Grandma"), "captioner": Edit(caption="a picture in black")}
    for record in filled.scan().records:
        name = Path(record.path).stem
        if name in written:
            filled.describe([record.id], written[name].apply)
        if name == "captioner":
            filled.describe([record.id], lambda one: replace(one, caption_source="colour:64"))
    return filled


def captions(gallery: MemoryGallery) -> dict[str, tuple[str, str]]:
    return {Path(one.path).stem: (one.caption, one.caption_source) for one in gallery.scan().records}


def test_all_get_a_caption_but_those_a_person_described(gallery, decoder):
    outcomes = [one.outcome for one in recaption(gallery, Witness(), decoder, Fetcher())]
    assert sorted(outcomes) == [Outcome.UNCHANGED, Outcome.UPDATED, Outcome.UPDATED]
    seen = ("20 by 20", "witness")
    assert captions(gallery) == {"person": ("Grandma", "person"), "captioner": seen, "nobody": seen}


@pytest.mark.parametrize(("wanted", "given"), [(None, 4), (2, 4), (8, 8)])
def test_as_many_pictures_as_the_setting_says_come_together_and_few_if_it_says_nothing(
    wanted, given, tmp_path, decoder
):
    class Counting(Witness):
        batch = wanted

        def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
            sizes.append(len(images))
            return super().caption(images, maps)

    for number in range(9):
        Image.fromarray(np.full((60, 90, 3), number * 20, np.uint8)).save(tmp_path / f"{number}.png")
    filled, sizes = MemoryGallery(), []
    list(ingest(FolderSource([tmp_path]), filled, ColourEncoder(), decoder, captioner=Counting()))
    assert max(sizes) == given
    sizes.clear()
    list(recaption(filled, Counting(), decoder, Fetcher(), anew=True))
    assert max(sizes) == given


def test_what_the_same_captioner_wrote_is_made_again_only_if_wanted(gallery, decoder):
    list(recaption(gallery, Witness(), decoder, Fetcher()))
    assert {one.outcome for one in recaption(gallery, Witness(), decoder, Fetcher())} == {Outcome.UNCHANGED}
    again = [one.outcome for one in recaption(gallery, Witness(), decoder, Fetcher(), anew=True)]
    assert again.count(Outcome.UPDATED) == 2


def test_a_filter_says_which(gallery, decoder):
    done = list(recaption(gallery, Witness(), decoder, Fetcher(), parse_filter("path:*nobody*")))
    assert [one.outcome for one in done] == [Outcome.UPDATED]
    assert captions(gallery)["captioner"] == ("a picture in black", "colour:64")


def test_stopping_keeps_what_was_written_and_the_next_run_goes_on(gallery, decoder, monkeypatch):
    monkeypatch.setattr("lookalike.ingest.storing.BATCH_ROWS", 1)
    running = recaption(gallery, Witness(), decoder, Fetcher(), parse_filter("-path:*person*"))
    next(running)
    running.close()
    assert [source for _, source in captions(gallery).values()].count("witness") == 1
    assert [one.outcome for one in recaption(gallery, Witness(), decoder, Fetcher())].count(Outcome.UPDATED) == 1


def test_a_picture_whose_original_has_gone_keeps_its_caption_and_is_no_failure_of_the_gallery(
    gallery, decoder, tmp_path
):
    (tmp_path / "captioner.png").unlink()
    done = {Path(one.uri).stem: one for one in recaption(gallery, Witness(), decoder, Fetcher())}
    assert done["captioner"].outcome is Outcome.UNREACHABLE
    assert "not there any more" in done["captioner"].reason
    assert captions(gallery)["captioner"] == ("a picture in black", "colour:64")
    assert gallery.failures() == []


def test_a_captioner_that_looks_through_an_encoder_needs_to_be_told_how_to_cut(gallery, decoder):
    blind = Witness()
    blind.fit = None
    with pytest.raises(BadInput, match="no eyes"):
        list(recaption(gallery, blind, decoder, Fetcher()))


def test_indexing_gives_a_captioner_the_picture_as_it_wants_it_and_the_encoder_as_before(tmp_path, decoder):
    Image.fromarray(np.full((60, 90, 3), 9, np.uint8)).save(tmp_path / "one.png")
    plain, both = MemoryGallery(), MemoryGallery()
    list(ingest(FolderSource([tmp_path]), plain, ColourEncoder(), decoder))
    list(ingest(FolderSource([tmp_path]), both, ColourEncoder(), decoder, captioner=Witness()))
    (before,), (now,) = (one.scan(embeddings=True).records for one in (plain, both))
    assert now.caption == "20 by 20"
    assert now.fingerprint == before.fingerprint
    for space, vector in before.embeddings.items():
        np.testing.assert_array_equal(now.embeddings[space], vector)


def test_a_captioner_that_sees_as_the_encoder_does_costs_no_second_decoding(tmp_path, decoder):
    Image.fromarray(np.full((60, 90, 3), 9, np.uint8)).save(tmp_path / "one.png")
    task = Task(Item(uri=(tmp_path / "one.png").as_uri(), version="1"))
    with ThreadPoolExecutor(1) as threads:
        opener = Opener(lambda _: tmp_path / "one.png", decoder, threads, FIT)
        assert opener.begin(task).result().view is None
        twice = Opener(lambda _: tmp_path / "one.png", decoder, threads, FIT, Fit(size=7))
        assert twice.begin(task).result().view.shape == (5, 7, 3)
    seen = look_once(decoder, tmp_path / "one.png", ColourEncoder(), ColourCaptioner())
    assert seen.caption.text == "a picture in black"


def test_one_look_at_a_picture_shows_the_captioner_its_own_cut(tmp_path, decoder):
    Image.fromarray(np.full((60, 90, 3), 9, np.uint8)).save(tmp_path / "one.png")
    assert look_once(decoder, tmp_path / "one.png", ColourEncoder(), Witness()).caption.text == "20 by 20"


def test_the_captioner_none_is_none_and_says_so_when_it_is_asked(tmp_path):
    settings = load_settings(captioner="none", captions=True)
    with Lookalike(tmp_path / "new.gallery", ColourEncoder(), settings=settings) as library:
        assert library.captioning() is None
        with pytest.raises(BadInput, match="the captioner is none"):
            _ = library.captioner


@pytest.mark.parametrize("name", ["blip", "mini:large", "hf:", "hf:../../etc", "mlflow:photos"])
def test_a_captioner_that_cannot_be_is_refused(name, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(LookalikeError):
        load_captioner(name)


@pytest.mark.parametrize("wrong", [{"beams": 0}, {"beams": 17}, {"max_tokens": 5_000}, {"batch": -1}])
def test_a_generation_that_would_take_all_memory_is_refused(wrong):
    with pytest.raises(BadInput, match="A captioner cannot work with"):
        Generation(**wrong)


def test_a_captioner_that_says_nothing_leaves_what_another_one_wrote_and_says_so(gallery, decoder):
    class Unsure(Witness):
        name = "unsure"

        def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
            return [replace(one, text="") for one in super().caption(images, maps)]

    list(recaption(gallery, Witness(), decoder, Fetcher()))
    before = captions(gallery)
    assert {one.outcome for one in recaption(gallery, Unsure(), decoder, Fetcher(), anew=True)} == {Outcome.UNCHANGED}
    assert captions(gallery) == before

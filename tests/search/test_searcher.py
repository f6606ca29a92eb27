"""Does a search find the very picture, then those most like it, in stable pages?"""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.decode import DecodePool
from lookalike.errors import BadInput, GalleryError, NotFound, Unreachable, UnreadableImage
from lookalike.gallery import Gallery
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.ingest import ingest
from lookalike.search import MAX_DEPTH, Query, Searcher
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, MemoryGallery, draw_picture, make_record, make_records
from lookalike.types import Region, Tier

pytestmark = pytest.mark.slow

CODECS = {"exact": Sizes(), "int8": Sizes(few=5, exact=10), "bits": Sizes(few=5, exact=10, bytes=100)}


@pytest.fixture
def gallery(photos: Path, decoder: DecodePool) -> Gallery:
    gallery = MemoryGallery()
    list(ingest(FolderSource([photos]), gallery, ColourEncoder(), decoder))
    return gallery


@pytest.fixture
def searcher(gallery: Gallery, decoder: DecodePool) -> Searcher:
    return Searcher(gallery, ColourEncoder(), decoder)


def test_the_very_file_comes_first_and_is_certain(searcher: Searcher, photos: Path) -> None:
    hits = searcher.search(Query(file=photos / "picture-5.png")).hits
    assert [hit.rank for hit in hits] == list(range(1, 11))
    assert (hits[0].tier, hits[0].confidence, hits[0].evidence.signal) == (Tier.IDENTICAL, 1.0, "sha256")
    assert hits[0].record.path == str(photos / "picture-5.png")
    assert all(hit.tier is Tier.SIMILAR for hit in hits[1:])


def test_the_same_pixels_in_another_file_are_identical(searcher: Searcher, photos: Path) -> None:
    again = io.BytesIO()
    Image.open(photos / "picture-5.png").save(again, "BMP")
    best = searcher.search(Query(data=again.getvalue())).hits[0]
    assert (best.tier, best.evidence.signal) == (Tier.IDENTICAL, "pixels")
    assert best.record.path == str(photos / "picture-5.png")


def test_a_smaller_copy_is_similar_and_comes_first(searcher: Searcher, photos: Path) -> None:
    small = io.BytesIO()
    Image.open(photos / "picture-5.png").resize((160, 120)).save(small, "JPEG", quality=50)
    answer = searcher.search(Query(data=small.getvalue()), k=3)
    assert answer.likely
    assert answer.hits[0].tier is Tier.SIMILAR
    assert answer.hits[0].record.path == str(photos / "picture-5.png")
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_picture_of_the_gallery_is_no_answer_to_itself_but_its_copy_is(
    photos: Path, decoder: DecodePool, tmp_path: Path
) -> None:
    (photos / "copy.png").write_bytes((photos / "picture-5.png").read_bytes())
    gallery = MemoryGallery()
    list(ingest(FolderSource([photos]), gallery, ColourEncoder(), decoder))
    searcher = Searcher(gallery, ColourEncoder(), decoder)
    record = searcher.search(Query(file=photos / "picture-5.png")).hits[0].record
    hits = searcher.search(Query(id=record.id), k=20).hits
    assert record.id not in {hit.record.id for hit in hits}
    assert len(hits) == 10
    assert hits[0].tier is Tier.IDENTICAL


def test_a_region_is_searched_for_alone(searcher: Searcher, photos: Path, decoder: DecodePool) -> None:
    collage = Image.new("RGB", (640, 240))
    for place, seed in enumerate((4, 6)):
        collage.paste(Image.fromarray(draw_picture(seed)), (320 * place, 0))
    data = io.BytesIO()
    collage.save(data, "PNG")
    for x, name in ((0.0, "picture-4.png"), (0.5, "picture-6.png")):
        region = Region(x=x, y=0, width=0.5, height=1)
        best = searcher.search(Query(data=data.getvalue(), region=region)).hits[0]
        assert best.record.path == str(photos / name)
        assert best.tier is Tier.SIMILAR  # a part is not the picture


def test_a_region_of_a_picture_of_the_gallery_may_find_that_picture_no_more(searcher: Searcher, photos: Path) -> None:
    record = searcher.search(Query(file=photos / "picture-5.png")).hits[0].record
    region = Region(x=0.1, y=0.1, width=0.8, height=0.8)
    hits = searcher.search(Query(id=record.id, region=region)).hits
    assert len(hits) == 9
    assert record.id not in {hit.record.id for hit in hits}


def test_a_filter_holds_for_identical_pictures_too(searcher: Searcher, photos: Path) -> None:
    hits = searcher.search(Query(file=photos / "picture-5.png", where="format:jpeg")).hits
    assert {hit.record.format for hit in hits} == {"jpeg"}
    assert len(hits) == 3


def test_a_lowest_score_cuts_the_answers(searcher: Searcher, photos: Path) -> None:
    every = searcher.search(Query(file=photos / "picture-5.png")).hits
    some = searcher.search(Query(file=photos / "picture-5.png", min_score=every[3].score)).hits
    assert [hit.record.id for hit in some] == [hit.record.id for hit in every[:4]]


def test_pages_are_the_long_answer_in_pieces(searcher: Searcher, photos: Path) -> None:
    query = Query(file=photos / "picture-5.png")
    whole = [(hit.rank, hit.record.id) for hit in searcher.search(query, k=10).hits]
    assert [(hit.rank, hit.record.id) for hit in all_pages(searcher, query, k=3)] == whole


@pytest.mark.parametrize("sizes", CODECS.values(), ids=CODECS.keys())
def test_pages_of_a_gallery_in_a_file_hold_every_record_once(sizes: Sizes, tmp_path: Path, decoder: DecodePool) -> None:
    encoder = ColourEncoder()
    (space,) = encoder.spaces.values()
    records = make_records(300, dim=space.dim, space=space.name)
    twins = [
        replace(make_record(f"file:///twin-{n}.jpg"), embeddings=records[7].embeddings) for n in range(40)
    ]  # equal scores, across more than a page
    with SqliteGallery.open(tmp_path / "pages.gallery", sizes=sizes) as gallery:
        gallery.add_space(space)
        gallery.put([*records, *twins])
        searcher = Searcher(gallery, encoder, decoder)
        found = [hit.record.id for hit in all_pages(searcher, Query(id=records[7].id), k=17)]
    assert len(found) == len(set(found))
    assert set(found) == {one.id for one in [*records, *twins]} - {records[7].id}
    assert set(found[:40]) == {one.id for one in twins}


def test_the_next_page_is_right_when_pictures_come_and_go(
    searcher: Searcher, gallery: Gallery, photos: Path, decoder: DecodePool
) -> None:
    query = Query(file=photos / "picture-5.png")
    whole = [hit.record.id for hit in searcher.search(query, k=10).hits]
    first = searcher.search(query, k=4)
    gallery.delete([whole[1], whole[6]])
    (photos / "new.png").write_bytes((photos / "picture-5.png").read_bytes())  # belongs on the first page
    list(ingest(FolderSource([photos / "new.png"]), gallery, ColourEncoder(), decoder))
    rest = searcher.search(query, k=10, after=first.after)
    assert [hit.record.id for hit in rest.hits] == [*whole[4:6], *whole[7:]]
    assert rest.after == ""


def test_what_comes_after_a_good_answer_is_not_called_merely_the_nearest(searcher: Searcher, photos: Path) -> None:
    query = Query(file=photos / "picture-5.png")
    whole = searcher.search(query, k=10).hits
    place = next(place for place, hit in enumerate(whole) if hit.confidence < 0.5)
    rest = searcher.search(query, k=10, after=searcher.search(query, k=place).after)
    assert all(hit.confidence < 0.5 for hit in rest.hits)
    assert rest.likely


def test_an_empty_gallery_has_no_answer(decoder: DecodePool, photos: Path) -> None:
    answer = Searcher(MemoryGallery(), ColourEncoder(), decoder).search(Query(file=photos / "picture-5.png"))
    assert (answer.hits, answer.after, answer.likely) == ((), "", False)


def test_a_gallery_made_with_another_encoder_is_refused_with_the_fix(gallery: Gallery, decoder: DecodePool) -> None:
    with pytest.raises(GalleryError, match="colour:64") as refusal:
        Searcher(gallery, ColourEncoder(dim=32), decoder).search(Query(data=b"any"))
    assert "--encoder colour:64" in refusal.value.fix


@pytest.mark.parametrize(
    ("name", "fix"), [("colour:64", "another version in its card"), ("colour:64@newer", "--encoder colour:64;")]
)
def test_of_other_weights_nothing_is_recommended_that_would_be_refused(
    gallery: Gallery, decoder: DecodePool, name: str, fix: str
) -> None:
    other = ColourEncoder()
    other.name = name
    other.spaces = {one.name: replace(one, encoder=name, digest="0" * 64) for one in other.spaces.values()}
    with pytest.raises(GalleryError, match="other weights") as refusal:
        Searcher(gallery, other, decoder).search(Query(data=b"any"))
    assert fix in refusal.value.fix


@pytest.mark.parametrize("k", [0, -1, MAX_DEPTH + 1])
def test_an_impossible_number_of_hits_is_refused(searcher: Searcher, k: int) -> None:
    with pytest.raises(BadInput, match=f"k is {k}"):
        searcher.search(Query(id="kq3v5n2xwz7dymbt"), k=k)


def test_what_cannot_be_had_is_said(searcher: Searcher, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no picture"):
        searcher.search(Query(id="kq3v5n2xwz7dymbt"))
    with pytest.raises(Unreachable):
        searcher.search(Query(file=tmp_path / "gone.jpg"))
    with pytest.raises(Unreachable, match="not asked"):
        searcher.search(Query(url="http://127.0.0.1/picture.jpg"))
    with pytest.raises(UnreadableImage):
        searcher.search(Query(data=b"no picture"))


def test_confidence_is_a_probability_whatever_the_calibration(
    photos: Path, decoder: DecodePool, gallery: Gallery
) -> None:
    encoder = ColourEncoder()
    (space,) = encoder.spaces.values()
    wild = MemoryGallery()
    wild.add_space(replace(space, calibration=(1e9, -1e9)))
    wild.put(gallery.get([record.id for record in gallery.scan(limit=100).records], embeddings=True))
    hits = Searcher(wild, encoder, decoder).search(Query(file=photos / "picture-5.png")).hits
    assert all(0 <= hit.confidence <= 1 for hit in hits)
    assert np.isfinite([hit.confidence for hit in hits]).all()


def test_without_a_calibration_confidence_still_falls_with_the_score(
    photos: Path, decoder: DecodePool, gallery: Gallery
) -> None:
    encoder = ColourEncoder()
    (space,) = encoder.spaces.values()
    uncalibrated = MemoryGallery()
    uncalibrated.add_space(replace(space, calibration=(0.0, 0.0)))
    records = gallery.get([record.id for record in gallery.scan(limit=100).records], embeddings=True)
    away = -records[0].embeddings[space.name]
    uncalibrated.put([*records, replace(make_record("file:///away.jpg"), embeddings={space.name: away})])
    hits = Searcher(uncalibrated, encoder, decoder).search(Query(id=records[0].id), k=20).hits
    confidences = [hit.confidence for hit in hits]
    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) > 3
    assert hits[-1].confidence < 0.1


def all_pages(searcher: Searcher, query: Query, k: int) -> Iterator:
    answer = searcher.search(query, k=k)
    yield from answer.hits
    while answer.after:
        answer = searcher.search(query, k=k, after=answer.after)
        yield from answer.hits

"""Are edited copies found, with proof of where, and does the index follow the gallery whatever happens?"""

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from lookalike import threads
from lookalike.copies import storing
from lookalike.copies.index import Candidate
from lookalike.copies.segment import Segment
from lookalike.copies.verifier import QueryPicture
from lookalike.decode import DecodePool
from lookalike.errors import Unreachable
from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.ingest import ingest
from lookalike.search import CopyFinder, Query, Searcher, Wanted, copies, effort, following
from lookalike.search.copies import Votes
from lookalike.search.effort import Effort
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, draw_picture
from lookalike.threads import going_out
from lookalike.thumbnails import Thumbnails
from lookalike.types import Grey, ImageRecord, MatchedRegion, Neighbors, Region, Relation, Tier

pytestmark = pytest.mark.slow

SIZE = (640, 480)
EVERYTHING = parse_filter("")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    for seed in range(12):
        scene(seed).save(folder / f"{seed}.png")
    return folder


@pytest.fixture
def gallery(scenes: Path, tmp_path: Path, decoder: DecodePool) -> Iterator[Gallery]:
    with SqliteGallery.open(tmp_path / "g.gallery") as gallery:
        list(ingest(FolderSource([scenes]), gallery, ColourEncoder(), decoder))
        yield gallery


@pytest.fixture
def finder(gallery: Gallery, decoder: DecodePool, tmp_path: Path) -> CopyFinder:
    return CopyFinder(gallery, Thumbnails(None, decoder).grey, tmp_path / "g.gallery.copies")


@pytest.fixture
def searcher(gallery: Gallery, decoder: DecodePool, finder: CopyFinder) -> Searcher:
    return Searcher(gallery, ColourEncoder(), decoder, copies=finder)


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def scene(seed: int) -> Image.Image:
    """A picture full of small things, as photographs are."""
    image, random = Image.fromarray(draw_picture(seed, SIZE)), np.random.default_rng(seed)
    draw = ImageDraw.Draw(image)
    for _ in range(250):
        x, y, width, height = random.uniform(0, (*SIZE, 30, 30))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x, y, x + width + 3, y + height + 3), fill=colour)
    return image


def wanted(image: Image.Image) -> Wanted:
    grey = image.convert("L")
    grey.thumbnail((448, 448))
    return Wanted(picture=QueryPicture(np.asarray(grey)))


def box(polygon: tuple[tuple[float, float], ...]) -> tuple[float, float, float, float]:
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def assert_near(region: MatchedRegion, expected: tuple[float, float, float, float]) -> None:
    assert box(region.image) == pytest.approx(expected, abs=0.04)


def test_a_part_finds_the_whole_and_says_where_it_was(searcher: Searcher, scenes: Path) -> None:
    part = scene(3).crop((160, 120, 480, 360))
    best = searcher.search(Query(data=jpeg(part))).hits[0]
    assert (best.tier, best.evidence.signal, best.evidence.relation) == (Tier.EDITED, "regions", Relation.SAME)
    assert best.record.path == str(scenes / "3.png")
    assert_near(best.evidence.regions[0], (0.25, 0.25, 0.75, 0.75))
    assert "cropped to 25 %" in best.evidence.transform
    assert best.confidence > 0.9


def test_a_mirror_image_is_found_and_said_to_be_one(searcher: Searcher, scenes: Path) -> None:
    best = searcher.search(Query(data=jpeg(ImageOps.mirror(scene(4))))).hits[0]
    assert (best.tier, best.record.path) == (Tier.EDITED, str(scenes / "4.png"))
    assert best.evidence.regions[0].mirrored
    assert "mirrored" in best.evidence.transform


@pytest.mark.parametrize(
    ("corner", "effort"),
    [(0, "fast"), (0, "normal"), (120, "thorough")],
    ids=["whole, fast", "whole", "part, thorough"],
)
def test_a_negative_is_found_whole_by_its_hash_and_a_part_of_it_by_looking_longer(
    finder: CopyFinder, gallery: Gallery, corner: int, effort: Effort
) -> None:
    negative = ImageOps.invert(scene(4)).crop((corner, corner, 640 - corner, 480 - corner))
    found = finder.find(replace(wanted(negative), effort=effort), EVERYTHING)
    (record,) = gallery.get(list(found))
    assert record.path.endswith("/4.png")
    assert found[record.id].relation is Relation.SAME


def test_what_was_looked_up_beforehand_answers_alike(finder: CopyFinder) -> None:
    asked = wanted(scene(3).crop((160, 120, 480, 360)))
    begun = replace(asked, votes=finder.begin(asked.picture))
    assert finder.find(begun, EVERYTHING) == finder.find(asked, EVERYTHING)


def test_a_collage_finds_every_picture_in_it(searcher: Searcher, scenes: Path) -> None:
    collage = Image.new("RGB", (640, 480), "white")
    for place, seed in enumerate((1, 5, 8, 10)):
        collage.paste(scene(seed).resize((310, 230)), ((place % 2) * 325, (place // 2) * 245))
    hits = searcher.search(Query(data=jpeg(collage), effort="thorough")).hits
    edited = {hit.record.path for hit in hits if hit.tier is Tier.EDITED}
    assert edited == {str(scenes / f"{seed}.png") for seed in (1, 5, 8, 10)}


def test_another_picture_is_no_copy(searcher: Searcher) -> None:
    hits = searcher.search(Query(data=jpeg(scene(99)))).hits
    assert {hit.tier for hit in hits} == {Tier.SIMILAR}


def test_what_was_found_in_a_region_lies_in_the_whole_query(searcher: Searcher, scenes: Path) -> None:
    desk = Image.new("RGB", (1_280, 480), "gray")
    desk.paste(scene(6), (640, 0))
    best = searcher.search(Query(data=jpeg(desk), region=Region(x=0.4, y=0, width=0.6, height=1))).hits[0]
    assert (best.tier, best.record.path) == (Tier.EDITED, str(scenes / "6.png"))
    found = best.evidence.regions[0]
    assert box(found.query) == pytest.approx((0.5, 0, 1, 1), abs=0.04)
    homography = np.reshape(found.homography, (3, 3))
    mapped = homography @ np.array([0.75, 0.5, 1])
    assert mapped[:2] / mapped[2] == pytest.approx((0.5, 0.5), abs=0.04)


def test_a_picture_of_the_gallery_finds_its_copies(
    searcher: Searcher, gallery: Gallery, tmp_path: Path, decoder: DecodePool
) -> None:
    late = tmp_path / "late"
    late.mkdir()
    scene(2).crop((64, 48, 576, 432)).save(late / "crop.png")
    list(ingest(FolderSource([late]), gallery, ColourEncoder(), decoder))
    original = next(record for record in gallery.scan().records if record.path.endswith("/2.png"))
    best = searcher.search(Query(id=original.id)).hits[0]
    assert (best.tier, best.record.path) == (Tier.EDITED, str(late / "crop.png"))


def test_pages_neither_repeat_nor_skip_a_hit(searcher: Searcher, gallery: Gallery) -> None:
    query = Query(data=jpeg(scene(7).crop((100, 100, 500, 400))))
    seen, after = [], ""
    while True:
        answer = searcher.search(query, k=4, after=after)
        seen += [hit.record.id for hit in answer.hits]
        after = answer.after
        if not after:
            break
    assert sorted(seen) == sorted(record.id for record in gallery.scan().records)


def test_later_pages_are_cut_from_the_copies_that_the_first_had_time_for(
    searcher: Searcher, gallery: Gallery, scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collage = Image.new("RGB", (640, 480), "white")
    for place, seed in enumerate((1, 5, 8, 10)):
        collage.paste(scene(seed).resize((310, 230)), ((place % 2) * 325, (place // 2) * 245))
    query = Query(data=jpeg(collage), effort="thorough")
    first = searcher.search(query, k=2)
    hurried = replace(effort.PLANS["thorough"], most=1, closer=0)
    monkeypatch.setattr(copies, "PLANS", {**effort.PLANS, "thorough": hurried})
    second = searcher.search(query, k=2, after=first.after)
    edited = {hit.record.path for hit in (*first.hits, *second.hits) if hit.tier is Tier.EDITED}
    assert edited == {str(scenes / f"{seed}.png") for seed in (1, 5, 8, 10)}
    gallery.delete([record.id for record in gallery.scan().records if record.path.endswith("/9.png")])
    rest = searcher.search(query, k=12, after=first.after).hits
    assert [hit.tier for hit in rest].count(Tier.EDITED) < 2, "where the gallery has changed, it is looked at anew"


def votes_for(finder: CopyFinder, gallery: Gallery, weights: Mapping[str, float]) -> Votes:
    """Give votes as the index does, best first, of few points each, by the names of files."""
    keys = {id_: key for key, id_ in gallery.ids(finder.refresh().keys().tolist()).items()}
    ids = {Path(record.path).name: record.id for record in gallery.scan().records}
    votes: Votes = Future()
    votes.set_result([Candidate(keys[ids[name]], weight, agreeing=3) for name, weight in weights.items()])
    return votes


def test_neither_what_is_known_nor_what_the_filter_keeps_out_takes_the_place_of_a_copy(
    finder: CopyFinder, gallery: Gallery
) -> None:
    weights = {"4.png": 9.0, "3.png": 0.9, **{f"{seed}.png": 0.5 for seed in range(5, 11)}}
    votes = votes_for(finder, gallery, weights)
    asked = replace(wanted(scene(3).crop((160, 120, 480, 360))), effort="fast", votes=votes)
    ids = {Path(record.path).name: record.id for record in gallery.scan().records}
    assert finder.find(asked, EVERYTHING).keys() == set(), "one is compared anyway, and that is another"
    assert finder.find(replace(asked, known={ids["4.png"]}), EVERYTHING).keys() == {ids["3.png"]}
    assert finder.find(asked, parse_filter("-path:4.png")).keys() == {ids["3.png"]}


def test_a_copy_that_passes_is_found_though_many_do_not(finder: CopyFinder, gallery: Gallery) -> None:
    record = next(record for record in gallery.scan(embeddings=True).records if record.path.endswith("/9.png"))
    gallery.delete([record.id])
    gallery.put([replace(record, uri=f"file:///outside/{n}.png", id=f"{n:016x}") for n in range(100)])
    gallery.put([record])
    found = finder.find(replace(wanted(scene(9)), effort="fast"), parse_filter("-path:outside/*"))
    assert found.keys() == {record.id}


def test_what_the_filter_keeps_out_is_not_found(searcher: Searcher) -> None:
    hits = searcher.search(Query(data=jpeg(scene(3).crop((160, 120, 480, 360))), where="-path:3.png")).hits
    assert all(not hit.record.path.endswith("/3.png") for hit in hits)


def test_the_index_follows_what_comes_and_goes(finder: CopyFinder, gallery: Gallery) -> None:
    assert len(finder.refresh()) == 12
    gone = next(record for record in gallery.scan().records if record.path.endswith("/9.png"))
    gallery.delete([gone.id])
    assert finder.find(wanted(scene(9)), EVERYTHING) == {}
    assert len(finder.refresh()) == 11


def test_a_vanished_original_is_no_error(finder: CopyFinder, gallery: Gallery, tmp_path: Path) -> None:
    record = next(record for record in gallery.scan(embeddings=True).records if record.path.endswith("/9.png"))
    gallery.put([replace(record, uri=(tmp_path / "never.png").as_uri(), id="a" * 16)])
    assert record.id in finder.find(wanted(scene(9)), EVERYTHING)


def test_features_that_cannot_be_read_hide_no_other_picture(finder: CopyFinder, gallery: Gallery) -> None:
    record = next(record for record in gallery.scan(embeddings=True).records if record.path.endswith("/9.png"))
    gallery.put([replace(record, fingerprint=replace(record.fingerprint, features=b"\xffnonsense"))])
    found = finder.find(wanted(scene(3).crop((160, 120, 480, 360))), EVERYTHING)
    assert [one.relation for one in found.values()] == [Relation.SAME]


def test_a_copy_at_hand_is_found_however_many_others_cannot_be_had(
    finder: CopyFinder, gallery: Gallery, tmp_path: Path
) -> None:
    record = next(record for record in gallery.scan(embeddings=True).records if record.path.endswith("/9.png"))
    gallery.delete([record.id])
    lost = [replace(record, uri=(tmp_path / f"{n}.png").as_uri(), id=f"{n:016x}") for n in range(12)]
    gallery.put(lost[:6])
    gallery.put([record])
    gallery.put(lost[6:])
    part = wanted(scene(9).crop((160, 120, 480, 360)))
    assert record.id in finder.find(part, EVERYTHING)


def test_a_silent_site_uses_up_the_wait_for_other_sites_alone(
    gallery: Gallery, decoder: DecodePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = next(record for record in gallery.scan(embeddings=True).records if record.path.endswith("/9.png"))
    print_ = replace(record.fingerprint, pixels="")
    silent = [replace(record, uri=f"https://example.org/{n}.png", id=f"{n:016x}", fingerprint=print_) for n in range(6)]
    gallery.delete([record.id])
    gallery.put(silent)
    gallery.put([record])
    clock, asked, local = [0.0], [], Thumbnails(None, decoder)
    for module in (threads, effort):
        monkeypatch.setattr(module, "monotonic", lambda: clock[0])

    def picture_of(record: ImageRecord) -> Grey:
        if record.uri.startswith("file:"):
            return local.grey(record)
        asked.append(record.id)
        with going_out():
            clock[0] += 6.0
        raise Unreachable("It does not answer.")

    part = wanted(scene(9).crop((160, 120, 480, 360)))
    assert record.id in CopyFinder(gallery, picture_of).find(part, EVERYTHING)
    assert len(asked) <= 2
    at_once = local.grey(record)
    finder = CopyFinder(gallery, picture_of, cached=lambda one: at_once if one.id == silent[5].id else None)
    assert silent[5].id in finder.find(part, EVERYTHING), "what is cached keeps nobody waiting"


@pytest.fixture
def saved_from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_SAVED_FROM", 1)


@pytest.mark.usefixtures("saved_from_one")
@pytest.mark.parametrize("harm", ["none", "list", "segment", "gone"])
def test_a_saved_index_is_used_again_and_made_anew_where_it_is_damaged(
    finder: CopyFinder, gallery: Gallery, decoder: DecodePool, tmp_path: Path, harm: str
) -> None:
    finder.refresh()
    folder = tmp_path / "g.gallery.copies"
    files = {"list": "segments.json", "segment": "*.segment"}
    for path in folder.glob({**files, "none": "nothing"}.get(harm, "*")):
        if path.is_file():
            path.unlink() if harm == "gone" else path.write_bytes(b"\0" * 100)
    again = CopyFinder(gallery, Thumbnails(None, decoder).grey, folder)
    assert len(again.refresh()) == 12
    assert len(again.find(wanted(scene(3).crop((160, 120, 480, 360))), EVERYTHING)) == 1


@pytest.mark.usefixtures("saved_from_one")
def test_an_index_whose_file_was_cut_off_under_it_is_made_anew(
    finder: CopyFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_MAPPED_BYTES", 0)
    finder.refresh()
    (file,) = (tmp_path / "g.gallery.copies").glob("*.segment")
    os.truncate(file, 4_096)
    assert len(finder.find(wanted(scene(3).crop((160, 120, 480, 360))), EVERYTHING)) == 1


def test_a_picture_under_blinds_is_found_by_what_shows_between_them(searcher: Searcher, scenes: Path) -> None:
    query = scene(4)
    draw = ImageDraw.Draw(query)
    for left in range(0, SIZE[0], 64):
        draw.rectangle((left, 0, left + 31, SIZE[1]), fill=0)
    hit = searcher.search(Query(data=jpeg(query))).hits[0]
    assert (hit.tier, hit.record.uri) == (Tier.EDITED, (scenes / "4.png").as_uri())


def test_a_picture_whose_tiles_were_shuffled_is_found(searcher: Searcher, scenes: Path) -> None:
    original, query = scene(5), Image.new("RGB", SIZE)
    boxes = [(x, y, x + 213, y + 160) for y in (0, 160, 320) for x in (0, 213, 426)]
    for place, box in enumerate(boxes):
        query.paste(original.crop(box), boxes[(place * 4 + 1) % 9][:2])
    hit = searcher.search(Query(data=jpeg(query))).hits[0]
    assert (hit.tier, hit.record.uri) == (Tier.EDITED, (scenes / "5.png").as_uri())


@pytest.mark.usefixtures("saved_from_one")
def test_what_another_process_saved_meanwhile_is_not_taken_for_what_this_one_knows(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = storing.save

    def overtaken(segments: Sequence[Segment], folder: Path, of: Mapping[str, Any]) -> tuple[Segment, ...]:
        """Save; then another process, which has seen no picture yet, does."""
        saved = save(segments, folder, of)
        save([], folder, {**of, "revision": 0})
        return saved

    monkeypatch.setattr(storing, "save", overtaken)
    assert len(following.FollowingIndex(gallery, tmp_path / "copies").refresh()) == 12
    assert len(following.FollowingIndex(gallery, tmp_path / "copies").refresh()) == 12


@pytest.mark.usefixtures("saved_from_one")
def test_an_index_of_another_gallery_is_not_believed(finder: CopyFinder, decoder: DecodePool, tmp_path: Path) -> None:
    finder.refresh()
    with SqliteGallery.open(tmp_path / "other.gallery") as other:
        assert len(CopyFinder(other, Thumbnails(None, decoder).grey, tmp_path / "g.gallery.copies").refresh()) == 0


def test_all_files_of_the_same_pixels_are_found_for_the_price_of_one(tmp_path: Path, decoder: DecodePool) -> None:
    for ending in ("png", "bmp", "tiff", "webp"):
        scene(3).save(tmp_path / f"same.{ending}", **({"lossless": True} if ending == "webp" else {}))
    with SqliteGallery.open(tmp_path / "g.gallery") as gallery:
        list(ingest(FolderSource([tmp_path]), gallery, ColourEncoder(), decoder))
        finder = CopyFinder(gallery, Thumbnails(None, decoder).grey)
        part = QueryPicture(np.asarray(scene(3).convert("L").crop((80, 60, 400, 300))))
        found = finder.find(Wanted(picture=part, effort="fast"), EVERYTHING)
        assert [one.relation for one in found.values()] == [Relation.SAME] * 4


def test_files_of_the_same_pixels_take_no_more_patience_than_one(finder: CopyFinder, gallery: Gallery) -> None:
    other = next(one for one in gallery.scan(embeddings=True).records if one.path.endswith("/4.png"))
    same = [f"4-{number}.png" for number in range(5)]
    gallery.put([replace(other, uri=other.uri.replace("4.png", name), id=f"{name:a>16}") for name in same])
    votes = votes_for(finder, gallery, {"4.png": 9.0, **dict.fromkeys(same, 9.0), "3.png": 2.0})
    asked = wanted(scene(3).crop((160, 120, 480, 360)))
    found = finder.find(replace(asked, effort="normal", votes=votes), EVERYTHING)
    assert [record.path[-6:] for record in gallery.get(list(found))] == ["/3.png"]


def test_pictures_whose_pixels_were_never_hashed_are_not_taken_for_one_another(
    tmp_path: Path, decoder: DecodePool
) -> None:
    for seed in (3, 4, 5):
        scene(seed).save(tmp_path / f"{seed}.png")
    with SqliteGallery.open(tmp_path / "g.gallery") as gallery:
        list(ingest(FolderSource([tmp_path]), gallery, ColourEncoder(), decoder))
        records = gallery.scan(embeddings=True).records
        gallery.put([replace(one, fingerprint=replace(one.fingerprint, pixels="")) for one in records])
        finder = CopyFinder(gallery, Thumbnails(None, decoder).grey)
        part = QueryPicture(np.asarray(scene(3).convert("L").crop((80, 60, 400, 300))))
        near = Neighbors(tuple(one.id for one in records), np.ones(3, np.float32))
        found = finder.find(Wanted(picture=part, effort="thorough", alike=near), EVERYTHING)
    same = [record.uri for record in records if record.id in found and found[record.id].relation is Relation.SAME]
    assert same == [(tmp_path / "3.png").as_uri()]

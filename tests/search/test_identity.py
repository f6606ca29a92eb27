"""Is what is called identical so down to every pixel, and is it found in whatever format?"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.copies import GREY_PX
from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.errors import NotFound
from lookalike.gallery import Gallery
from lookalike.ingest import ingest
from lookalike.search import CopyFinder, Query, Searcher, identity
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, MemoryGallery, draw_picture
from lookalike.thumbnails import Thumbnails
from lookalike.types import Hit, Tier

pytestmark = pytest.mark.slow

LARGE, SMALL = (1_024, 768), (640, 480)
EVEN = [2] * 64
COARSE = [255 if 4 in divmod(place, 8) else 2 for place in range(64)]
"""Drops just those waves that a decoding at half the size drops, too. Source: libjpeg, jidctred.c."""


def jpeg(size: tuple[int, int], table: list[int]) -> bytes:
    noise = np.random.default_rng(3).integers(-9, 9, (size[1], size[0], 3))
    image = Image.fromarray((draw_picture(3, size) + noise).clip(0, 255).astype(np.uint8))
    data = io.BytesIO()
    image.save(data, "JPEG", qtables=[table, table], subsampling=0)
    return data.getvalue()


def with_comment(jpeg: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe\x00\x07hello" + jpeg[2:]


def converted(jpeg: bytes, format_: str) -> bytes:
    data = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).save(data, format_)
    return data.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "large.jpg").write_bytes(jpeg(LARGE, EVEN))
    (tmp_path / "small.jpg").write_bytes(jpeg(SMALL, EVEN))
    return tmp_path


@pytest.fixture
def gallery(folder: Path, decoder: DecodePool) -> Iterator[Gallery]:
    with MemoryGallery() as gallery:
        list(ingest(FolderSource([folder]), gallery, ColourEncoder(), decoder))
        yield gallery


@pytest.fixture
def searcher(gallery: Gallery, decoder: DecodePool) -> Searcher:
    return Searcher(gallery, ColourEncoder(), decoder, copies=CopyFinder(gallery, Thumbnails(None, decoder).grey))


def hit_of(searcher: Searcher, query: Query, name: str) -> Hit:
    return next(hit for hit in searcher.search(query).hits if hit.record.path.endswith(name))


@pytest.mark.parametrize(("name", "size"), [("large.jpg", LARGE), ("small.jpg", SMALL)])
def test_the_same_jpeg_with_other_metadata_is_identical(searcher: Searcher, name: str, size: tuple[int, int]) -> None:
    hit = hit_of(searcher, Query(data=with_comment(jpeg(size, EVEN))), name)
    assert (hit.tier, hit.confidence, hit.evidence.signal) == (Tier.IDENTICAL, 1.0, "pixels")


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize(("name", "size"), [("large.jpg", LARGE), ("small.jpg", SMALL)])
def test_a_lossless_copy_of_a_jpeg_is_identical(
    searcher: Searcher, format_: str, name: str, size: tuple[int, int]
) -> None:
    hit = hit_of(searcher, Query(data=converted(jpeg(size, EVEN), format_)), name)
    assert (hit.tier, hit.confidence, hit.evidence.signal) == (Tier.IDENTICAL, 1.0, "pixels")
    assert hit.evidence.regions == ()


def test_a_jpeg_finds_its_lossless_copy_by_id_too(
    searcher: Searcher, gallery: Gallery, folder: Path, decoder: DecodePool
) -> None:
    (folder / "copy.png").write_bytes(converted(jpeg(LARGE, EVEN), "PNG"))
    list(ingest(FolderSource([folder]), gallery, ColourEncoder(), decoder))
    record = next(record for record in gallery.scan().records if record.path.endswith("large.jpg"))
    assert hit_of(searcher, Query(id=record.id), "copy.png").tier is Tier.IDENTICAL


def test_what_differs_only_in_detail_that_a_reduced_decoding_hides_is_not_identical(
    searcher: Searcher, gallery: Gallery, decoder: DecodePool
) -> None:
    data = jpeg(LARGE, COARSE)
    record = next(record for record in gallery.scan().records if record.path.endswith("large.jpg"))
    decoded = decoder.decode(data, Fit(size=64, mode="squash", grey=GREY_PX))
    assert decoded.pixel_hash == record.fingerprint.pixels, "their hashes do not tell"
    hit = hit_of(searcher, Query(data=data), "large.jpg")
    assert hit.tier is Tier.EDITED
    assert hit.confidence > 0.9


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_a_lossless_copy_in_which_a_few_pixels_were_touched_is_edited_and_not_identical(
    searcher: Searcher, format_: str
) -> None:
    image, data = Image.open(io.BytesIO(jpeg(LARGE, EVEN))), io.BytesIO()
    image.paste((0, 0, 0), (100, 100, 104, 104))
    image.save(data, format_)
    hit = hit_of(searcher, Query(data=data.getvalue()), "large.jpg")
    assert (hit.tier, hit.evidence.signal) == (Tier.EDITED, "regions")
    assert hit.confidence > 0.9


def test_where_the_original_has_gone_the_hash_of_a_large_jpeg_is_not_quite_certain(
    searcher: Searcher, folder: Path
) -> None:
    (folder / "large.jpg").unlink()
    hit = hit_of(searcher, Query(data=with_comment(jpeg(LARGE, EVEN))), "large.jpg")
    assert (hit.tier, hit.confidence) == (Tier.IDENTICAL, 0.99)


def test_an_original_that_was_overwritten_proves_nothing(searcher: Searcher, folder: Path) -> None:
    (folder / "large.jpg").write_bytes(jpeg(LARGE, COARSE))
    hit = hit_of(searcher, Query(data=with_comment(jpeg(LARGE, EVEN))), "large.jpg")
    assert (hit.tier, hit.confidence) == (Tier.IDENTICAL, 0.99)


def test_a_drive_that_gives_nothing_is_waited_for_once(
    searcher: Searcher, gallery: Gallery, folder: Path, decoder: DecodePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(with_comment(jpeg(LARGE, EVEN)) + name.encode())
    list(ingest(FolderSource([folder]), gallery, ColourEncoder(), decoder))
    asked, seconds = [], iter(range(0, 1_000, 2))

    def lost(uri: str, **_: object) -> Path:
        asked.append(uri)
        raise NotFound("Its drive does not answer.")

    monkeypatch.setattr(identity, "open_original", lost)
    monkeypatch.setattr(identity, "monotonic", lambda: next(seconds))
    hits = searcher.search(Query(data=with_comment(jpeg(LARGE, EVEN)))).hits
    assert [hit.confidence for hit in hits if hit.tier is Tier.IDENTICAL] == [0.99] * 4
    assert len(asked) == 1


def test_the_next_pages_of_a_search_decode_nothing_whole_again(
    searcher: Searcher, gallery: Gallery, folder: Path, decoder: DecodePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "copy.jpg").write_bytes(with_comment(jpeg(LARGE, EVEN)))
    list(ingest(FolderSource([folder]), gallery, ColourEncoder(), decoder))
    record = next(record for record in gallery.scan().records if record.path.endswith("large.jpg"))
    decode, decoded = identity.decode_whole, []

    def counted(pool: DecodePool, source: Path | bytes) -> Decoded:
        decoded.append(source)
        return decode(pool, source)

    monkeypatch.setattr(identity, "decode_whole", counted)
    first = searcher.search(Query(id=record.id), k=1)
    assert (first.hits[0].tier, first.hits[0].confidence) == (Tier.IDENTICAL, 1.0)
    assert len(decoded) == 2
    assert searcher.search(Query(id=record.id), k=1, after=first.after).hits[0].tier is not Tier.IDENTICAL
    assert len(decoded) == 2


def test_large_pictures_that_take_long_are_not_all_looked_at_and_every_page_says_the_same_of_them(
    searcher: Searcher, gallery: Gallery, folder: Path, decoder: DecodePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(with_comment(jpeg(LARGE, EVEN)) + name.encode())
    list(ingest(FolderSource([folder]), gallery, ColourEncoder(), decoder))
    seconds = iter(range(0, 1_000, 2))
    monkeypatch.setattr(identity, "monotonic", lambda: next(seconds))
    query = Query(data=with_comment(jpeg(LARGE, EVEN)))
    for _ in range(2):
        hits = searcher.search(query).hits
        assert [hit.confidence for hit in hits if hit.tier is Tier.IDENTICAL] == [1.0, 0.99, 0.99, 0.99]

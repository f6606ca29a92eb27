"""Are thumbnails right, and does a cache that is lost, broken or read-only only cost time?"""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import apsw
import numpy as np
import pytest
from PIL import Image

from lookalike.copies import GREY_PX
from lookalike.decode import DecodePool
from lookalike.errors import NotFound, UnreadableImage
from lookalike.testing import make_record, picture_bytes
from lookalike.thumbnails import SIZES, Thumbnails
from lookalike.types import ImageRecord

pytestmark = pytest.mark.slow

Keep = Callable[..., ImageRecord]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Write a file and give its record."""

    def write(content: bytes, name: str = "picture.jpg") -> ImageRecord:
        path = tmp_path / name
        path.write_bytes(content)
        return make_record(path.as_uri(), sha256=sha256(content).hexdigest())

    return write


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "gallery.thumbnails"


def grain(seed: int) -> bytes:
    """A picture whose thumbnail is large for its size."""
    pixels = np.random.default_rng(seed).integers(0, 255, (128, 128, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def size_of(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return picture.size


def rows(cache: Path) -> set[tuple[str, int]]:
    connection = apsw.Connection(str(cache))
    found = set(connection.execute("SELECT sha256, size FROM thumbnails"))
    connection.close()
    return found


def without_original(record: ImageRecord) -> ImageRecord:
    """Make sure that what comes now can only come from the cache."""
    return replace(record, uri="file:///gone.jpg")


@pytest.mark.parametrize(("asked", "side"), [(-1, 128), (1, 128), (129, 256), (512, 512), (513, 1024), (9999, 1024)])
def test_sizes_are_rounded_up_to_one_of_few(keep, decoder, asked, side):
    plain = io.BytesIO()
    Image.new("RGB", (1600, 1200), "teal").save(plain, "jpeg")
    record = keep(plain.getvalue())
    assert side in SIZES
    assert size_of(Thumbnails(None, decoder).jpeg(record, asked)) == (side, side * 3 // 4)


def test_a_small_picture_is_not_enlarged(keep, decoder):
    assert size_of(Thumbnails(None, decoder).jpeg(keep(picture_bytes(1, (50, 40))), 512)) == (50, 40)


def test_a_thumbnail_stands_upright(keep, decoder):
    exif = Image.Exif()
    exif[0x0112] = 6
    record = keep(picture_bytes(1, (600, 300), exif=exif))
    assert size_of(Thumbnails(None, decoder).jpeg(record, 256)) == (128, 256)


def test_a_thumbnail_looks_like_its_original(keep, decoder):
    content = picture_bytes(3, (640, 480))
    small = Image.open(io.BytesIO(Thumbnails(None, decoder).jpeg(keep(content), 128)))
    expected = Image.open(io.BytesIO(content)).resize((128, 96), Image.Resampling.BOX)
    pairs = zip(small.tobytes(), expected.tobytes(), strict=True)
    assert sum(abs(one - other) for one, other in pairs) / (128 * 96 * 3) < 8


def test_a_thumbnail_made_once_comes_from_the_cache_even_in_another_process_later(keep, decoder, cache):
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        made = thumbnails.jpeg(record, 256)
        assert thumbnails.jpeg(without_original(record), 200) == made
        with pytest.raises(NotFound):
            thumbnails.jpeg(without_original(record), 1024)
    with Thumbnails(cache, decoder) as thumbnails:
        assert thumbnails.jpeg(without_original(record), 256) == made
    assert rows(cache) == {(record.sha256, 256), (record.sha256, 512)}


def test_a_picture_that_was_seen_small_is_compared_with_others_without_its_original(keep, decoder, cache):
    record = keep(picture_bytes(3, (1600, 1200)))
    with Thumbnails(cache, decoder) as thumbnails:
        assert size_of(thumbnails.jpeg(record, 256)) == (256, 192)
        assert thumbnails.grey(without_original(record)).shape == (GREY_PX * 3 // 4, GREY_PX)


def test_a_smaller_thumbnail_is_made_of_a_larger_one_that_is_cached(keep, decoder, cache):
    record = keep(picture_bytes(3, (640, 480)))
    with Thumbnails(cache, decoder) as thumbnails:
        expected = Image.open(io.BytesIO(Thumbnails(None, decoder).jpeg(record, 128)))
        thumbnails.jpeg(record, 512)
        made = thumbnails.jpeg(without_original(record), 128)
        assert rows(cache) == {(record.sha256, 128), (record.sha256, 512)}
    assert size_of(made) == (128, 96)
    pairs = zip(Image.open(io.BytesIO(made)).tobytes(), expected.tobytes(), strict=True)
    assert sum(abs(one - other) for one, other in pairs) / (128 * 96 * 3) < 8


def test_what_is_cached_is_given_in_grey_without_a_look_at_the_original(keep, decoder, cache):
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        assert thumbnails.cached_grey(record) is None
        thumbnails.jpeg(record, 256)
        found = thumbnails.cached_grey(without_original(record))
        assert found is not None
        assert np.array_equal(found, thumbnails.grey(record))


@pytest.mark.skipif(os.name == "nt", reason="needs permissions as Unix has them")
def test_the_cache_is_for_its_owner_alone(keep, decoder, cache):
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(keep(picture_bytes(1)), 128)
    assert cache.stat().st_mode & 0o077 == 0


def test_two_that_share_a_cache_see_each_others_thumbnails(keep, decoder, cache):
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as one, Thumbnails(cache, decoder) as other:
        one.jpeg(record, 256)
        assert other.jpeg(without_original(record), 256)


def test_copies_of_one_picture_share_a_thumbnail(keep, decoder, cache):
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(keep(picture_bytes(1), "a.jpg"), 256)
        made = rows(cache)
        thumbnails.jpeg(keep(picture_bytes(1), "b.jpg"), 256)
    assert rows(cache) == made


def test_a_file_that_changed_since_it_was_indexed_is_not_kept_under_its_old_name(keep, decoder, cache):
    before = keep(picture_bytes(1))
    keep(picture_bytes(2))
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(before, 256)
    assert {one for one, _ in rows(cache)} == {sha256(picture_bytes(2)).hexdigest()}


def test_what_cannot_be_had_or_decoded_says_so(keep, decoder, cache):
    with Thumbnails(cache, decoder) as thumbnails:
        with pytest.raises(UnreadableImage):
            thumbnails.jpeg(keep(b"no picture"), 256)
        with pytest.raises(NotFound):
            thumbnails.jpeg(make_record("file:///nowhere/at/all.jpg"), 256)
        with pytest.raises(NotFound):
            thumbnails.jpeg(make_record("https://example.org/a.jpg"), 256)


def test_the_cache_may_be_deleted_at_any_time(keep, decoder, cache):
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        made = thumbnails.jpeg(record, 256)
        for path in cache.parent.glob(f"{cache.name}*"):
            path.unlink()
        assert thumbnails.jpeg(record, 256) == made
        assert rows(cache) == {(record.sha256, 256), (record.sha256, 512)}
        assert thumbnails.jpeg(without_original(record), 256) == made


def test_only_the_main_file_of_the_cache_may_be_deleted_too(keep, decoder, cache):
    records = [keep(picture_bytes(seed), f"{seed}.jpg") for seed in range(3)]
    with Thumbnails(cache, decoder) as thumbnails:
        for record in records:
            thumbnails.jpeg(record, 256)
            cache.unlink()
            assert thumbnails.jpeg(record, 256)


def test_the_cache_may_be_replaced_by_a_copy(keep, decoder, cache):
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(record, 256)
    content = cache.read_bytes()
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(keep(picture_bytes(2), "b.jpg"), 256)
        cache.unlink()
        cache.write_bytes(content)
        assert thumbnails.jpeg(without_original(record), 256)


@pytest.mark.parametrize(
    "content",
    [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000, b"SQLite format 3\0"],
    ids=["empty", "text", "broken", "cut off"],
)
def test_a_broken_cache_is_made_anew(keep, decoder, cache, content):
    cache.write_bytes(content)
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        made = thumbnails.jpeg(record, 256)
        assert thumbnails.jpeg(record, 256) == made
        assert thumbnails.jpeg(without_original(record), 256) == made


def test_pages_that_were_damaged_give_no_wrong_thumbnail(keep, decoder, cache):
    record = keep(picture_bytes(1, (640, 480)))
    with Thumbnails(cache, decoder) as thumbnails:
        made = thumbnails.jpeg(record, 512)
    content = bytearray(cache.read_bytes())
    inside = content.find(made[-3000:-2000])
    assert inside > 0
    content[inside : inside + 100] = b"\0" * 100
    cache.write_bytes(content)
    with Thumbnails(cache, decoder) as thumbnails:
        assert thumbnails.jpeg(record, 512) == made


def test_a_cache_of_another_version_is_made_anew(keep, decoder, cache):
    connection = apsw.Connection(str(cache))
    connection.execute("CREATE TABLE thumbnails (other TEXT); PRAGMA user_version = 99")
    connection.close()
    record = keep(picture_bytes(1))
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(record, 256)
        assert thumbnails.jpeg(without_original(record), 256)


@pytest.mark.parametrize("place", ["no such folder/cache", "a folder"])
def test_a_cache_that_cannot_be_opened_costs_only_time(keep, decoder, tmp_path, place):
    (tmp_path / "a folder").mkdir()
    record = keep(picture_bytes(1))
    with Thumbnails(tmp_path / place, decoder) as thumbnails:
        assert thumbnails.jpeg(record, 256) == thumbnails.jpeg(record, 256)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_a_cache_that_may_only_be_read_still_answers(keep, decoder, cache, tmp_path):
    record, other = keep(picture_bytes(1)), keep(picture_bytes(2), "b.jpg")
    with Thumbnails(cache, decoder) as thumbnails:
        made = thumbnails.jpeg(record, 256)
    connection = apsw.Connection(str(cache))
    connection.execute("UPDATE thumbnails SET used = 0")
    connection.execute(
        "CREATE TRIGGER no_update BEFORE UPDATE ON thumbnails BEGIN SELECT raise(FAIL, 'read-only'); END"
    )
    connection.execute(
        "CREATE TRIGGER no_insert BEFORE INSERT ON thumbnails BEGIN SELECT raise(FAIL, 'read-only'); END"
    )
    connection.close()
    with Thumbnails(cache, decoder) as thumbnails:
        assert thumbnails.jpeg(without_original(record), 256) == made
        assert thumbnails.jpeg(other, 256) == thumbnails.jpeg(other, 256)


def test_a_cache_that_another_program_holds_locked_costs_only_time(keep, decoder, cache):
    first, second = keep(picture_bytes(1)), keep(picture_bytes(2), "b.jpg")
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(first, 256)
        lock = apsw.Connection(str(cache))
        lock.execute("BEGIN IMMEDIATE")
        assert thumbnails.jpeg(second, 256)
        assert thumbnails.jpeg(without_original(first), 256)
        lock.execute("ROLLBACK")
        lock.close()


def test_a_full_cache_drops_what_was_not_used_for_longest(keep, decoder, cache):
    limit = 150_000
    records = [keep(grain(seed), f"{seed}.png") for seed in range(30)]
    with Thumbnails(cache, decoder, max_bytes=limit) as thumbnails:
        for record in records:
            thumbnails.jpeg(record, 128)
        assert thumbnails.jpeg(without_original(records[-1]), 128)
    assert cache.stat().st_size < limit * 1.2
    kept = {digest for digest, _ in rows(cache)}
    assert 1 < len(kept) < len(records)


def test_what_is_looked_at_again_and_again_stays(keep, decoder, cache):
    favourite = keep(grain(99), "favourite.png")
    with Thumbnails(cache, decoder, max_bytes=150_000) as thumbnails:
        thumbnails.jpeg(favourite, 128)
        for seed in range(30):
            thumbnails.jpeg(keep(grain(seed), f"{seed}.png"), 128)
            connection = apsw.Connection(str(cache))
            connection.execute("UPDATE thumbnails SET used = used - 7200")
            connection.close()
            thumbnails.jpeg(favourite, 128)
    assert (favourite.sha256, 128) in rows(cache)
    assert len(rows(cache)) < 30


def test_a_full_cache_drops_few_at_a_time_because_others_wait_meanwhile(keep, decoder, cache, monkeypatch):
    monkeypatch.setattr("lookalike.thumbnails._DROPPED", 2)
    with Thumbnails(cache, decoder) as thumbnails:
        for seed in range(40):
            thumbnails.jpeg(keep(grain(seed), f"{seed}.png"), 128)
    with Thumbnails(cache, decoder, max_bytes=150_000) as thumbnails:
        for seed in range(40, 43):
            before = len(rows(cache))
            thumbnails.jpeg(keep(grain(seed), f"{seed}.png"), 128)
            assert len(rows(cache)) >= before - 2


def test_a_thumbnail_larger_than_its_share_is_not_kept(keep, decoder, cache):
    with Thumbnails(cache, decoder, max_bytes=20_000) as thumbnails:
        thumbnails.jpeg(keep(grain(1)), 128)
        assert rows(cache) == set()


def test_many_threads_may_ask_at_once(keep, decoder, cache):
    records = [keep(picture_bytes(seed), f"{seed}.jpg") for seed in range(6)]
    with Thumbnails(cache, decoder) as thumbnails, ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda record: thumbnails.jpeg(record, 128), records * 5))
    assert made == made[:6] * 5


def test_a_decoder_that_was_closed_still_leaves_what_is_cached(keep, cache):
    record = keep(picture_bytes(1))
    decoder = DecodePool(1)
    with Thumbnails(cache, decoder) as thumbnails:
        thumbnails.jpeg(record, 128)
        decoder.close()
        assert thumbnails.jpeg(record, 128)


def test_the_grey_at_hand_comes_from_the_cache_or_a_file_and_from_no_other_site(keep, decoder, cache):
    content, asked = picture_bytes(1, (320, 240)), []

    class Site:
        def get(self, url: str) -> bytes:
            asked.append(url)
            return content

    record = keep(content)
    away = replace(record, uri="https://example.org/a.jpg")
    with Thumbnails(cache, decoder, fetcher=Site()) as thumbnails:
        with pytest.raises(NotFound):
            thumbnails.grey_at_hand(away)
        assert asked == []
        grey = thumbnails.grey(away)
        assert np.array_equal(thumbnails.grey_at_hand(away), grey)
        assert len(asked) == 1
    assert np.array_equal(Thumbnails(None, decoder).grey_at_hand(record), grey)

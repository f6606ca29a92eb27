"""When are one-bit codes made, how long a list do they need, and when are they given up?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import ByteCodec, ExactCodec
from lookalike.gallery.sqlite.scanning import Sizes, SpaceIndex
from lookalike.gallery.sqlite.spaces import StoredSpace
from lookalike.testing import make_record, make_space
from lookalike.testing.records import make_vectors
from lookalike.types import ImageRecord, Space


def records_of(vectors: np.ndarray, space: Space, start: int = 0) -> list[ImageRecord]:
    return [
        make_record(f"file:///{start + i}", embeddings={space.name: vector.astype(np.float16)})
        for i, vector in enumerate(vectors)
    ]


def stored(gallery: SqliteGallery, space: Space) -> StoredSpace:
    with gallery._memory.view() as view:
        return view.space(space.name, space.dim)


def index(gallery: SqliteGallery, space: Space) -> SpaceIndex:
    with gallery._memory.view() as view:
        return view.index(view.space(space.name, space.dim))


def found_share(gallery: SqliteGallery, space: Space, vectors: np.ndarray, queries: np.ndarray) -> float:
    """The share of the ten nearest that the gallery finds, counted by score."""
    kept = vectors.astype(np.float16).astype(np.float32)
    shares = []
    for query, near in zip(queries, gallery.nearest(space.name, queries, 10), strict=True):
        tenth = np.sort(kept @ query)[-10]
        shares.append((near.scores >= tenth - 1e-5).mean())
    return float(np.mean(shares))


@pytest.mark.slow
def test_the_form_that_is_scanned_follows_the_size(path: Path):
    space = make_space(dim=64)
    vectors, queries = make_vectors(400), make_vectors(20, seed=6)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=100, bytes=250, shortlists=(300,))) as gallery:
        gallery.add_space(space)
        for end, codec, form in (
            (100, ExactCodec, ""),
            (200, ByteCodec, ""),
            (250, ByteCodec, ""),
            (400, BitCodec, "bits"),
        ):
            gallery.put(records_of(vectors[:end], space))
            assert isinstance(index(gallery, space).codec, codec)
            assert stored(gallery, space).codec == form
            assert found_share(gallery, space, vectors[:end], queries) >= 0.99
        assert gallery.check() == []


@pytest.mark.slow
def test_another_process_that_knows_smaller_sizes_reads_the_same_codes(path: Path):
    space = make_space(dim=64)
    vectors = make_vectors(300)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=100)) as writer:
        writer.add_space(space)
        with SqliteGallery.open(path, sizes=Sizes(few=1, exact=100)) as reader:
            writer.put(records_of(vectors[:90], space))
            assert isinstance(index(reader, space).codec, ExactCodec)
            writer.put(records_of(vectors, space))
            assert isinstance(index(reader, space).codec, BitCodec)
            assert found_share(reader, space, vectors, make_vectors(20, seed=6)) >= 0.99


@pytest.fixture(params=[0, 1_000_000], ids=["by the codes", "one and all"])
def compared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """How the nearest are learned: in galleries of any size by either way."""
    monkeypatch.setattr("lookalike.gallery.sqlite.calibrating._EXHAUSTIVE", request.param)


@pytest.mark.slow
@pytest.mark.usefixtures("compared")
def test_the_first_list_that_suffices_is_taken_and_measured_again_after_doubling(path: Path):
    space = make_space(dim=128)
    vectors = make_vectors(1_300, 128)
    sizes = Sizes(few=1, exact=10, bytes=300, shortlists=(10, 30, 75, 1_000))
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(space)
        gallery.put(records_of(vectors[:310], space))
        first = stored(gallery, space)
        assert first.codec == "bits"
        assert first.calibrated_rows == 310
        assert first.shortlist == 75, "random vectors need far more than ten candidates for ten neighbours"
        gallery.put(records_of(vectors[310:600], space, start=310))
        assert stored(gallery, space) == replace(first, rows=600)
        gallery.put(records_of(vectors[600:], space, start=600))
        second = stored(gallery, space)
        assert second.calibrated_rows == 1_300
        assert second.shortlist == 1_000
        assert second.codec_revision == first.codec_revision, "what was encoded need not be encoded again"
        assert index(gallery, space).shortlist == 1_000
        assert found_share(gallery, space, vectors, make_vectors(40, 128, seed=6)) >= 0.99
        assert gallery.check() == []


@pytest.mark.slow
@pytest.mark.usefixtures("compared")
def test_where_bits_find_too_little_bytes_stay(path: Path):
    space = make_space(dim=8)
    vectors = make_vectors(2_000, 8)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=900, shortlists=(20, 40))) as gallery:
        gallery.add_space(space)
        gallery.put(records_of(vectors[:1_000], space))
        assert stored(gallery, space).codec == ""
        assert stored(gallery, space).calibrated_rows == 1_000, "it is not tried again at once"
        gallery.put(records_of(vectors[1_000:], space, start=1_000))
        assert stored(gallery, space).calibrated_rows == 2_000, "but after doubling"
        assert isinstance(index(gallery, space).codec, ByteCodec)
        assert found_share(gallery, space, vectors, make_vectors(20, 8, seed=6)) >= 0.99


@pytest.mark.slow
def test_bits_that_no_longer_suffice_are_given_up_for_bytes(path: Path):
    space = make_space(dim=128)
    vectors = make_vectors(1_300, 128)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=300, shortlists=(60,))) as gallery:
        gallery.add_space(space)
        gallery.put(records_of(vectors[:310], space))
        assert isinstance(index(gallery, space).codec, BitCodec)
        with SqliteGallery.open(path) as reader:
            reader.nearest(space.name, vectors[:1], 3)
            gallery.put(records_of(vectors[310:], space, start=310))
            for one in (gallery, reader):
                assert isinstance(index(one, space).codec, ByteCodec | ExactCodec)
        assert stored(gallery, space).codec == ""
        assert found_share(gallery, space, vectors, make_vectors(20, 128, seed=6)) >= 0.99
        assert gallery.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("form", [Sizes(few=1, exact=100), Sizes(few=1, exact=100, bytes=200)], ids=["bytes", "bits"])
def test_a_gallery_that_has_shrunk_is_scanned_as_a_small_one(path: Path, form: Sizes):
    space = make_space(dim=64)
    vectors, queries = make_vectors(400), make_vectors(20, seed=6)
    records = records_of(vectors, space)
    with SqliteGallery.open(path, sizes=form) as gallery:
        gallery.add_space(space)
        gallery.put(records)
        kept = index(gallery, space).codec
        gallery.delete([one.id for one in records[60:]])
        assert type(index(gallery, space).codec) is type(kept), "half of what is scanned exactly is not reached"
        with SqliteGallery.open(path, sizes=form) as again:
            assert isinstance(index(again, space).codec, ExactCodec)
        gallery.delete([one.id for one in records[50:60]])
        assert isinstance(index(gallery, space).codec, ExactCodec)
        assert found_share(gallery, space, vectors[:50], queries) == 1
        gallery.put(records[50:])
        assert type(index(gallery, space).codec) is type(kept)
        assert found_share(gallery, space, vectors, queries) >= 0.95
        assert gallery.check() == []


@pytest.mark.slow
def test_the_list_is_measured_again_where_the_content_was_exchanged(path: Path):
    space = make_space(dim=128)
    near = make_vectors(1, 128) + 0.05 * make_vectors(700, 128, seed=3)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    records = records_of(make_vectors(700, 128), space)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=300, shortlists=(75, 1_000))) as gallery:
        gallery.add_space(space)
        gallery.put(records)
        first = stored(gallery, space)
        gallery.delete([one.id for one in records[300:]])
        assert stored(gallery, space).calibrated_rows == 300
        gallery.put(records_of(near, space, start=700))
        assert stored(gallery, space).calibrated_rows == 1_000 > first.calibrated_rows
        assert gallery.check() == []


def test_bytes_are_fitted_anew_when_the_gallery_has_doubled(path: Path):
    space = make_space(dim=64)
    narrow = make_vectors(40, 64) * 0.05 + np.eye(64, dtype=np.float32)[0]
    narrow /= np.linalg.norm(narrow, axis=1, keepdims=True)
    wide = make_vectors(200, 64, seed=3)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10)) as gallery:
        gallery.add_space(space)
        gallery.put(records_of(narrow, space))
        first = index(gallery, space)
        gallery.put(records_of(wide, space, start=40))
        second = index(gallery, space)
        assert second.codec.step > 2 * first.codec.step
        assert found_share(gallery, space, np.concatenate([narrow, wide]), wide[:20]) >= 0.99


@pytest.mark.slow
def test_spaces_grow_into_bits_each_for_itself(path: Path):
    large, small = make_space("toy@1/large", 64), make_space("toy@1/small", 64)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=100)) as gallery:
        for space in (large, small):
            gallery.add_space(space)
        records = records_of(make_vectors(200), large)
        both = {
            large.name: records[0].embeddings[large.name],
            small.name: make_vectors(1, seed=2)[0].astype(np.float16),
        }
        gallery.put([replace(records[0], embeddings=both), *records[1:]])
        assert stored(gallery, large).codec == "bits"
        assert stored(gallery, small).codec == ""
        assert stored(gallery, small).rows == 1
        assert gallery.nearest(small.name, make_vectors(1, seed=2), 5)[0].ids == (records[0].id,)


@pytest.mark.slow
@pytest.mark.parametrize("form", [Sizes(few=1), Sizes(few=1, exact=10), Sizes(few=1, exact=10, bytes=50)])
def test_more_than_ten_neighbours_are_found_as_well(path: Path, form: Sizes):
    space = make_space(dim=128)
    random = np.random.default_rng(2)
    vectors = make_vectors(30, 128, seed=1)[random.integers(0, 30, 3_000)] + 0.5 * make_vectors(3_000, 128)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with SqliteGallery.open(path, sizes=form) as gallery:
        gallery.add_space(space)
        gallery.put(records_of(vectors, space))
        kept = vectors.astype(np.float16).astype(np.float32)
        for k in (1, 10, 100, 2_500):
            near = gallery.nearest(space.name, vectors[:1], k)[0]
            tenth = np.sort(kept @ vectors[0])[-k]
            assert len(near.ids) == k
            assert (near.scores >= tenth - 1e-5).mean() >= 0.98


@pytest.mark.slow
def test_a_space_with_gaps_is_scanned_without_them(path: Path):
    """Pages of records without embeddings lie between those that have some."""
    space = make_space(dim=64)
    vectors = make_vectors(2_200)
    with SqliteGallery.open(path, sizes=Sizes(few=1, exact=10, bytes=100)) as gallery:
        gallery.add_space(space)
        gallery.put([make_record(f"file:///gap/1/{i}") for i in range(2_500)])
        gallery.put(records_of(vectors[:1_100], space))
        gallery.put([make_record(f"file:///gap/2/{i}") for i in range(2_500)])
        gallery.put(records_of(vectors[1_100:], space, start=1_100))
        assert found_share(gallery, space, vectors, make_vectors(20, seed=6)) >= 0.95
        assert len(gallery.nearest(space.name, vectors[:1], 2_200)[0].ids) == 2_200
        assert gallery.check() == []

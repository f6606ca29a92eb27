"""Does each form of scanning find what an exhaustive comparison finds?"""

import threading

import faiss
import numpy as np
import pytest

from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import ByteCodec, Codec, ExactCodec, best
from lookalike.testing.records import make_vectors
from lookalike.threads import one_thread


def clustered(n: int, dim: int, seed: int = 0) -> np.ndarray:
    """Vectors with near neighbours, as real ones have."""
    random = np.random.default_rng(seed)
    centres = make_vectors(20, dim, seed=1)
    vectors = centres[random.integers(0, 20, n)] + 0.6 * make_vectors(n, dim, seed)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def scan(codec: Codec, vectors: np.ndarray, query: np.ndarray, k: int, passing: np.ndarray) -> list[int]:
    """The rows that a scan finds, best first."""
    scores, rows = codec.scan(codec.seal(codec.encode(vectors)), codec.ask(query), k, passing, -np.inf)
    assert passing[rows].all()
    assert len(set(rows.tolist())) == len(rows) >= min(k, passing.sum())
    return rows[np.argsort(-scores, kind="stable")].tolist()


def recall(codec: Codec, vectors: np.ndarray, queries: np.ndarray, k: int, passing: np.ndarray) -> float:
    """The share of the ten nearest of those passing among the first k of a scan."""
    shares = []
    for query in queries:
        nearest = np.argsort(-np.where(passing, vectors @ query, -9))[:10]
        shares.append(np.isin(nearest, scan(codec, vectors, query, k, passing)[:k]).mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("dim", [8, 64, *(pytest.param(dim, marks=pytest.mark.slow) for dim in (100, 200, 512))])
@pytest.mark.parametrize("share", [1.0, 0.999, 0.6, 0.02])
@pytest.mark.parametrize(("make", "k"), [(ExactCodec, 10), (ByteCodec, 30), (BitCodec, 600)])
def test_a_scan_finds_the_nearest_of_those_that_pass(make, k, share, dim):
    vectors, queries = clustered(3_000, dim), clustered(4, dim, seed=9)
    codec = make(dim) if make is ExactCodec else make.fit(vectors)
    passing = np.random.default_rng(3).random(3_000) < share
    expected = 0.8 if make is BitCodec and dim < 64 else 0.95
    assert recall(codec, vectors, queries, k, passing) >= expected


@pytest.mark.parametrize("make", [ExactCodec, ByteCodec, BitCodec])
def test_codes_come_out_of_a_block_as_they_went_in(make):
    vectors = clustered(100, 96)
    codec = make(96) if make is ExactCodec else make.fit(vectors)
    codes = codec.encode(vectors)
    assert codes.shape == (100, codec.width)
    assert codes.dtype == codec.dtype
    assert np.array_equal(codec.codes(codec.seal(codes)), codes)
    assert codec.rows(codec.seal(codes)) == 100
    assert codec.codes(codec.seal(codes[:0])).shape == (0, codec.width)
    assert isinstance(codec, Codec)


def test_scores_of_a_scan_rise_with_closeness():
    vectors, query = clustered(2_000, 128), clustered(1, 128, seed=9)[0]
    exact, everything = vectors @ query, np.ones(2_000, np.bool_)
    for codec in (ExactCodec(128), ByteCodec.fit(vectors), BitCodec.fit(vectors)):
        block = codec.seal(codec.encode(vectors))
        scores, rows = codec.scan(block, codec.ask(query), 2_000, everything, -np.inf)
        assert np.corrcoef(scores, exact[rows])[0, 1] > 0.8


def test_rows_below_the_least_score_that_counts_may_stay_away_and_no_others():
    vectors, query = clustered(2_000, 128), clustered(1, 128, seed=9)[0]
    passing = np.random.default_rng(1).random(2_000) < 0.6
    for codec in (ExactCodec(128), ByteCodec.fit(vectors), BitCodec.fit(vectors)):
        block = codec.seal(codec.encode(vectors))
        scores, rows = codec.scan(block, codec.ask(query), 50, passing, -np.inf)
        twentieth = float(np.sort(scores)[-20])
        fewer_scores, fewer = codec.scan(block, codec.ask(query), 50, passing, twentieth)
        assert set(rows[scores >= twentieth]) == set(fewer[fewer_scores >= twentieth])


@pytest.mark.slow
def test_a_second_look_tells_more_than_the_bits():
    vectors, queries = clustered(4_000, 256), clustered(30, 256, seed=9)
    codec = BitCodec.fit(vectors)
    block = codec.seal(codec.encode(vectors))
    found_by_bits, found_by_both = [], []
    for query in queries:
        nearest = np.argsort(-(vectors @ query))[:10]
        rows = np.array(scan(codec, vectors, query, 400, np.ones(4_000, np.bool_)))
        again = rows[np.argsort(-codec.look_again(codec.ask(query), *codec.take(block, rows)))]
        found_by_bits.append(np.isin(nearest, rows[:40]).mean())
        found_by_both.append(np.isin(nearest, again[:40]).mean())
    assert np.mean(found_by_both) > np.mean(found_by_bits)


def test_vectors_beyond_the_scale_of_the_bytes_are_cut_off_not_turned_round():
    codec = ByteCodec.fit(0.1 * make_vectors(100, 16))
    codes = codec.encode(np.array([[1.0] * 16, [-1.0] * 16], np.float32))
    assert set(codes[0]) == {255}
    assert set(codes[1]) == {1}


@pytest.mark.parametrize("vectors", [np.zeros((50, 32), np.float32), np.ones((50, 32), np.float32)])
def test_vectors_without_any_difference_are_scanned_all_the_same(vectors):
    for codec in (ExactCodec(32), ByteCodec.fit(vectors), BitCodec.fit(vectors)):
        assert sorted(scan(codec, vectors, vectors[0], 50, np.ones(50, np.bool_))) == list(range(50))


def test_a_query_starts_no_threads_and_leaves_the_setting_as_it_was():
    before = faiss.omp_get_max_threads()
    with one_thread():
        assert faiss.omp_get_max_threads() == 1
        seen = []
        other = threading.Thread(target=lambda: seen.append(faiss.omp_get_max_threads()))
        other.start()
        other.join()
    assert seen == [before]
    assert faiss.omp_get_max_threads() == before


def test_the_best_are_the_highest():
    assert set(best(np.array([3.0, 1.0, 2.0]), 2)) == {0, 2}
    assert best(np.array([3.0, 1.0]), 7).tolist() == [0, 1]


@pytest.mark.slow
def test_a_second_look_guesses_the_inner_product_itself():
    vectors, query = clustered(4_000, 256), clustered(1, 256, seed=9)[0]
    codec = BitCodec.fit(vectors)
    block = codec.seal(codec.encode(vectors))
    guesses = codec.look_again(codec.ask(query), *codec.take(block, np.arange(4_000)))
    errors = guesses - vectors @ query
    assert errors.std() < 0.03

"""Does a scan that guesses beforehand how far to look find what a scan without a guess finds?"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from lookalike.gallery.sqlite import scanning
from lookalike.gallery.sqlite.bits import SAMPLED, BitCodec
from lookalike.gallery.sqlite.pages import ROWS
from lookalike.gallery.sqlite.scanning import SpaceIndex
from lookalike.testing.records import make_vectors

DIM = 64
COUNT = 200


def index_of(vectors: np.ndarray, rows_per_block: int) -> SpaceIndex:
    """An index of several blocks."""

    class Small(SpaceIndex):
        rows_per_block = property(lambda _: rows_per_block)

    codec = BitCodec.fit(vectors)
    codes = codec.encode(vectors)
    blocks = [codec.seal(codes[start : start + rows_per_block]) for start in range(0, len(codes), rows_per_block)]
    return Small(codec, 0, 0, len(vectors), blocks=tuple(blocks))


def furthest(index: SpaceIndex, query: np.ndarray, keys: np.ndarray) -> int:
    """By how many bits the furthest of some keys differs."""
    codes = np.concatenate([index.codec.take(block, np.arange(index.codec.rows(block)))[0] for block in index.blocks])
    asked = index.codec.ask(query)
    return int(np.bitwise_count(codes[keys] ^ np.concatenate([asked.first, asked.others])).sum(axis=1).max())


@pytest.mark.parametrize("share", [1.0, 0.4, 0.05])
def test_a_guess_from_a_sample_changes_nothing_in_what_is_found(share):
    vectors, queries = make_vectors(4 * ROWS, DIM), make_vectors(10, DIM, seed=6)
    index = index_of(vectors, ROWS)
    passing = np.random.default_rng(0).random(len(vectors)) < share
    for query in queries:
        asked = index.codec.ask(query)
        guessed, plain = (index._scan(asked, COUNT, passing, sampled=sampled) for sampled in (True, False))
        assert len(guessed) == len(plain) == COUNT
        assert passing[guessed].all()
        assert furthest(index, query, guessed) == furthest(index, query, plain)


@pytest.mark.parametrize("pages", [5, 9])
def test_records_that_have_no_vector_here_yet_change_nothing_in_what_is_found(pages):
    vectors, query = make_vectors(5 * ROWS, DIM), make_vectors(1, DIM, seed=6)[0]
    index = index_of(vectors, 3 * ROWS)
    asked, passing = index.codec.ask(query), np.arange(pages * ROWS) < len(vectors)
    guessed, plain = (index._scan(asked, COUNT, passing, sampled=sampled) for sampled in (True, False))
    assert index._least(asked, COUNT, passing) > -np.inf
    assert furthest(index, query, guessed) == furthest(index, query, plain)


def test_a_block_that_holds_nothing_yet_changes_nothing_in_what_a_new_thread_finds():
    vectors, query = make_vectors(2 * ROWS, DIM), make_vectors(1, DIM, seed=6)[0]
    full = index_of(vectors, ROWS)
    index = replace(full, blocks=(full.empty_block(), *full.blocks))
    asked, passing = index.codec.ask(query), np.arange(3 * ROWS) >= ROWS
    with ThreadPoolExecutor(1) as fresh:
        found = fresh.submit(index._scan, asked, COUNT, passing).result()
    assert found.tolist() == (full._scan(asked, COUNT, passing[ROWS:]) + ROWS).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_a_first_look_at_half_of_many_signs_loses_next_to_nothing(share):
    centres = np.repeat(make_vectors(64, 512, seed=7), 8 * ROWS // 64, axis=0)
    vectors, queries = centres + 0.7 * make_vectors(8 * ROWS, 512), centres[::410] + 0.7 * make_vectors(20, 512, 6)
    index = index_of(vectors, 2 * ROWS)
    passing = np.random.default_rng(0).random(len(vectors)) < share
    kept = []
    for query in queries:
        found = index._scan(index.codec.ask(query), COUNT, passing)
        assert len(found) == COUNT
        assert passing[found].all()
        kept.append(np.isin(np.argsort(-(vectors @ query) - 9 * passing)[:10], found).mean())
    assert np.mean(kept) > 0.98


@pytest.mark.slow
def test_the_guess_is_made_from_what_passes_and_spares_most_rows():
    vectors, query = make_vectors(16 * ROWS, DIM), make_vectors(1, DIM, seed=6)[0]
    index = index_of(vectors, 4 * ROWS)
    asked, passing = index.codec.ask(query), np.ones(len(vectors), np.bool_)
    least = index._least(asked, COUNT, passing)
    found = sum(len(index.codec.scan(block, asked, COUNT, passing[: 4 * ROWS], least)[1]) for block in index.blocks)
    assert COUNT <= found < len(vectors) / 4


def test_a_sample_unlike_all_other_rows_loses_nothing():
    near, far = np.eye(1, DIM, dtype=np.float32), -np.eye(1, DIM, dtype=np.float32)
    vectors = np.repeat(far, 8 * ROWS, axis=0) + 0.01 * make_vectors(8 * ROWS, DIM)
    vectors[::SAMPLED] = near
    index = index_of(vectors, 4 * ROWS)
    keys = index._scan(index.codec.ask(near[0]), COUNT, np.ones(len(vectors), np.bool_))
    assert len(keys) == COUNT


def test_one_row_that_passes_is_found():
    vectors = make_vectors(2 * ROWS, DIM)
    index = index_of(vectors, ROWS)
    passing = np.zeros(len(vectors), np.bool_)
    passing[ROWS + 1] = True
    assert index._scan(index.codec.ask(vectors[0]), COUNT, passing).tolist() == [ROWS + 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked off here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_is_forked_off_scans_with_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(scanning, "_LANE_BYTES", 1)
    monkeypatch.setattr(scanning, "usable_cores", lambda: 2)
    index, query = index_of(make_vectors(4 * ROWS, DIM), ROWS), make_vectors(1, DIM, seed=6)[0]
    asked, passing = index.codec.ask(query), np.ones(4 * ROWS, np.bool_)
    expected = index._scan(asked, COUNT, passing)
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20)
            code = 0 if np.array_equal(index._scan(asked, COUNT, passing), expected) else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0

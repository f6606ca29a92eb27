"""Which of many perceptual hashes are close to one another?"""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from jaxtyping import Int64, UInt8

from lookalike.duplicates.stopping import IsStopped, never

BITS = 256
_CHUNK_BITS = 16
_CHUNKS = BITS // _CHUNK_BITS
MAX_DISTANCE = 2 * _CHUNKS - 1
"""The largest distance that `close_pairs` is exact for: 31, which PDQ's authors call a match, is just that.

If two hashes differ in no more than 31 of 256 bits, then one at least of their 16 chunks differs in one bit or none.
Source: Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space with Multi-Index Hashing, 2014, section 3.
Threshold: https://github.com/facebook/ThreatExchange/blob/main/pdq/README.md, "Matching".
"""
_BLOCK = 1_000_000
"""Pairs compared at a time."""

Hashes = UInt8[np.ndarray, "n 32"]
"""256 bits a row."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, the lower number first, each once, and how many bits they differ in."""

    first: Int64[np.ndarray, " p"]
    second: Int64[np.ndarray, " p"]
    distance: Int64[np.ndarray, " p"]


def close_pairs(hashes: Hashes, max_distance: int = MAX_DISTANCE, is_stopped: IsStopped = never) -> Pairs:
    """Find all pairs of rows that differ in no more than `max_distance` bits; exact up to MAX_DISTANCE.

    Rows should differ: a thousand equal ones are half a million pairs. Stopped early, it gives but some.
    """
    if max_distance > MAX_DISTANCE:
        raise ValueError(f"distances above {MAX_DISTANCE} are not found exactly")
    words = np.ascontiguousarray(hashes).view(np.uint64)
    found = [_join(chunk, words, max_distance) for chunk in takewhile(lambda _: not is_stopped(), _chunks(hashes))]
    rows = np.unique(np.concatenate([*found, np.zeros((0, 3), np.int64)]), axis=0)
    return Pairs(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())


def _chunks(hashes: Hashes) -> Int64[np.ndarray, "16 n"]:
    """Give 16 bits at a time as numbers, drawn from all over the hash, because neighbouring bits are alike."""
    order = np.random.default_rng(0).permutation(BITS)
    mixed = np.packbits(np.unpackbits(hashes, axis=1)[:, order], axis=1)
    numbers: np.ndarray = np.ascontiguousarray(mixed).view(np.uint16).astype(np.int64).T
    return numbers


def _join(chunk: np.ndarray, words: np.ndarray, max_distance: int) -> np.ndarray:
    """Compare the rows whose chunks differ in no more than one bit."""
    order = np.argsort(chunk, kind="stable")
    values = chunk[order]
    equal = np.arange(len(values))
    runs = [_Runs(equal, equal + 1, np.searchsorted(values, values, "right"))]
    for bit in range(_CHUNK_BITS):
        without = np.flatnonzero(values & (1 << bit) == 0)
        other = values[without] | (1 << bit)
        runs.append(_Runs(without, np.searchsorted(values, other), np.searchsorted(values, other, "right")))
    return np.concatenate([_compared(run, order, words, max_distance) for run in runs])


@dataclass(frozen=True, slots=True)
class _Runs:
    """Which row is to be compared with which run of rows, as places in the order of one chunk."""

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


def _compared(runs: _Runs, order: np.ndarray, words: np.ndarray, max_distance: int) -> np.ndarray:
    """Compare, a block of pairs at a time, and give first, second and distance of those that are close."""
    counts = runs.ends - runs.starts
    totals = np.cumsum(counts)
    close, at = [np.zeros((0, 3), np.int64)], 0
    while at < len(counts):
        done = totals[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(totals, done + _BLOCK, "right")))
        number = np.repeat(np.arange(at, stop), counts[at:stop])
        offset = np.arange(len(number)) - np.repeat(totals[at:stop] - counts[at:stop] - done, counts[at:stop])
        left, right = order[runs.rows[number]], order[runs.starts[number] + offset]
        distance = np.bitwise_count(words[left] ^ words[right]).sum(axis=1, dtype=np.int64)
        near = distance <= max_distance
        pairs = (np.minimum(left, right)[near], np.maximum(left, right)[near], distance[near])
        close.append(np.stack(pairs, axis=1).astype(np.int64))
        at = stop
    return np.concatenate(close)

"""Do readers see whole, recent states, across threads and processes?"""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.columns import ROWS_PER_BLOCK
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.testing import make_record, make_records, make_space
from lookalike.testing.records import make_vectors

SPACE = make_space()
SIZES = {
    "exact": Sizes(few=1),
    "bytes": Sizes(few=1, exact=10),
    "bits": Sizes(few=1, exact=10, bytes=100),
}

FIND = """
import json, sys, time
import numpy as np
from lookalike.gallery.sqlite import SqliteGallery
with SqliteGallery.open(sys.argv[1], create=False) as gallery:
    gallery.nearest("toy@1/colour", np.eye(64, dtype=np.float32)[:1], 1)
    print("ready", flush=True)
    for line in sys.stdin:
        vector = np.array([json.loads(line)], np.float32)
        while gallery.nearest("toy@1/colour", vector, 1)[0].scores[0] < 0.99:
            time.sleep(0.001)
        print(time.time(), flush=True)
"""


@pytest.fixture(
    params=[pytest.param("exact", marks=pytest.mark.slow), pytest.param("bytes", marks=pytest.mark.slow), "bits"]
)
def sizes(request) -> Sizes:
    """Each form of scanning; what ends as bits has been the other two."""
    return SIZES[request.param]


def query_of(record) -> np.ndarray:
    return record.embeddings[SPACE.name].astype(np.float32)[None]


@pytest.mark.slow
def test_a_new_row_is_found_in_another_process_within_a_tenth_of_a_second(gallery, path):
    """The best of three medians counts: others may keep the machine busy for a while."""
    other = subprocess.Popen(
        [sys.executable, "-c", FIND, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "ready\n"

    def wait_for(record) -> float:
        other.stdin.write(json.dumps(query_of(record)[0].tolist()) + "\n")
        other.stdin.flush()
        gallery.put([record])
        durable = time.time()
        return float(other.stdout.readline()) - durable

    new = make_records(100, seed=5)
    assert any(np.median([wait_for(one) for one in new[start : start + 20]]) < 0.1 for start in (40, 60, 80))
    other.communicate(timeout=30)


@pytest.mark.slow
def test_every_change_is_seen_whatever_form_is_scanned(path, sizes):
    records = make_records(300)
    with SqliteGallery.open(path, sizes=sizes) as writer, SqliteGallery.open(path, sizes=sizes) as reader:
        writer.add_space(SPACE)
        for start in range(0, 300, 60):
            batch = records[start : start + 60]
            writer.put(batch)
            for record in batch[::20]:
                assert reader.nearest(SPACE.name, query_of(record), 1)[0].ids == (record.id,)
        changed = replace(records[7], embeddings=records[250].embeddings, label="changed")
        writer.delete([records[250].id])
        writer.put([changed])
        assert reader.nearest(SPACE.name, query_of(records[250]), 1)[0].ids == (changed.id,)
        assert reader.count(parse_filter("label:changed")) == 1
        assert reader.count() == 299
        assert writer.check() == reader.check() == []


@pytest.mark.slow
def test_a_key_that_is_used_again_belongs_to_the_new_record_only(path, sizes):
    old, new = make_records(200), make_records(200, seed=8)
    new = [replace(one, id=f"new-{one.id}", uri=f"{one.uri}?new") for one in new]
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(SPACE)
        gallery.put(old)
        gallery.nearest(SPACE.name, query_of(old[0]), 1)
        gallery.delete([one.id for one in old[:150]])
        gallery.put(new[:150])
        for record in new[:150:30]:
            assert gallery.nearest(SPACE.name, query_of(record), 1)[0].ids == (record.id,)
        found = gallery.nearest(SPACE.name, query_of(old[3]), 200)[0]
        assert set(found.ids) == {one.id for one in (*new[:150], *old[150:])}
        assert gallery.check() == []


@pytest.mark.slow
def test_threads_that_search_while_another_writes_see_whole_states(path, sizes):
    """Every state holds pairs of records with one vector and one label; a torn one would show half a pair."""
    records = make_records(240)
    pairs = [
        (
            replace(records[i], label=f"pair{i}"),
            replace(records[i + 1], label=f"pair{i}", embeddings=records[i].embeddings),
        )
        for i in range(0, 240, 2)
    ]
    failures: list[str] = []
    done = threading.Event()

    def search(seed: int) -> None:
        random = np.random.default_rng(seed)
        while not done.is_set():
            i = int(random.integers(0, len(pairs)))
            query = query_of(pairs[i][0])
            found = gallery.nearest(SPACE.name, query, 2, parse_filter(f"label:pair{2 * i}"))[0]
            if len(found.ids) not in (0, 2) or (len(found.ids) == 2 and found.scores.min() < 0.99):
                failures.append(f"{found} for pair {i}")
            if gallery.count() % 2:
                failures.append("half a pair is there")

    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(SPACE)
        gallery.put([one for pair in pairs[:60] for one in pair])
        threads = [threading.Thread(target=search, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for pair in pairs[60:]:
            gallery.put(pair)
        for i in range(0, 60, 3):
            gallery.delete([one.id for one in pairs[i]])
        done.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert gallery.count() == 200
        assert gallery.check() == []


@pytest.mark.slow
def test_what_a_reader_holds_does_not_change_under_it(path, sizes):
    records = make_records(200)
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(SPACE)
        gallery.put(records)
        with gallery._memory.view() as view:
            space = view.space(SPACE.name, SPACE.dim)
            index, columns = view.index(space), view.columns
            codes = [index.codec.codes(block).copy() for block in index.blocks]
            widths = [block.column("width").copy() for block in columns.blocks]
            gallery.put([replace(one, width=1, embeddings=records[0].embeddings) for one in records])
            assert gallery.nearest(SPACE.name, query_of(records[0]), 3)[0].scores.min() > 0.99
            for block, before in zip(index.blocks, codes, strict=True):
                assert np.array_equal(index.codec.codes(block), before)
            for block, before in zip(columns.blocks, widths, strict=True):
                assert np.array_equal(block.column("width"), before)


@pytest.mark.slow
def test_a_change_exchanges_only_the_block_it_lies_in(path, monkeypatch):
    monkeypatch.setattr("lookalike.gallery.sqlite.columns.PAGES_PER_BLOCK", 1)
    monkeypatch.setattr("lookalike.gallery.sqlite.columns.ROWS_PER_BLOCK", 1_024)
    records = [make_record(f"file:///{i}", width=10 + i) for i in range(2_100)]
    with SqliteGallery.open(path) as gallery:
        gallery.put(records)
        assert gallery.count(parse_filter("width>=0")) == 2_100
        with gallery._memory.view() as view:
            before = view.columns.blocks
        gallery.put([replace(records[1_500], width=9)])
        with gallery._memory.view() as view:
            after = view.columns.blocks
        assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]
        assert gallery.count(parse_filter("width:9")) == 1


@pytest.mark.slow
def test_filters_sorting_and_facets_hold_across_blocks(path, monkeypatch):
    monkeypatch.setattr("lookalike.gallery.sqlite.columns.PAGES_PER_BLOCK", 1)
    monkeypatch.setattr("lookalike.gallery.sqlite.columns.ROWS_PER_BLOCK", 1_024)
    records = make_records(2_100)
    queries = make_vectors(3, seed=4)
    with SqliteGallery.open(path, sizes=Sizes(few=1)) as gallery:
        gallery.add_space(SPACE)
        gallery.put(records)
        found = gallery.scan(parse_filter("tag:snow"), order="-width", limit=3_000).records
        snowy = [one for one in records if "snow" in {*one.tags, *one.recognised}]
        assert [one.width for one in found] == sorted((one.width for one in snowy), reverse=True)
        assert gallery.facets("tag")["snow"] == len(snowy)
        for query, near in zip(queries, gallery.nearest(SPACE.name, queries, 5, parse_filter("tag:snow")), strict=True):
            scores = sorted((query_of(one)[0] @ query for one in snowy), reverse=True)
            np.testing.assert_allclose(near.scores, scores[:5], atol=1e-5)
        assert gallery.find("sha256", [one.sha256 for one in records]) == {one.sha256: [one.id] for one in records}


def test_a_block_holds_the_keys_it_says():
    assert ROWS_PER_BLOCK == 65_536


def test_one_more_thread_may_use_the_gallery_while_versions_are_listed(gallery):
    for uri, version in gallery.versions("file:///"):
        gallery.put([make_record(uri, version=f"{version}x")])
    assert all(version.endswith("x") for _, version in gallery.versions(""))

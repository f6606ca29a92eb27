"""Do the peers that are installed here find what is nearest, as the bench asks them?"""

import json
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("engine", ["FAISS flat", "FAISS HNSW-SQ8"])
def test_a_peer_is_built_in_one_process_and_finds_in_another(bench, tmp_path, engine):
    search, result = import_module("vector_search"), tmp_path / "result.json"
    search.exhaustive(tmp_path / "truth.npz", 1_000, 20)
    told = {}
    for half, given in (("build", "1000"), ("serve", tmp_path / "truth.npz")):
        command = [sys.executable, "-m", "peers.vectors", half, engine, tmp_path / "index", given, result]
        done = subprocess.run(command, cwd=bench, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        told |= json.loads(result.read_text())
    assert told["bytes"] > 100_000
    assert told["queries"].keys() == search.FILTERS.keys()
    assert 0 < told["added_s"] < 1
    assert told["queries"]["none"]["recall"] >= (1.0 if engine == "FAISS flat" else 0.9)


class Forgetful:
    """Finds a row when it has been asked for it so many times."""

    def __init__(self, after):
        self.after, self.asked = after, 0

    def add(self, number, _):
        self.asked = 0
        return number + 1

    def nearest(self, *_):
        self.asked += 1
        return [900_000_001] if self.asked < self.after else [*range(900_000_000, 900_000_020)]


def test_an_added_row_counts_when_it_is_found_and_not_when_a_query_came_back(bench, monkeypatch):
    peer, search = import_module("peers.vectors.__main__"), import_module("vector_search")
    monkeypatch.setattr(peer, "PATIENCE_S", 0.05)
    assert peer.add(Forgetful(1)) < 0.01
    assert peer.add(Forgetful(4)) >= 0.003, "it is asked again and again"
    never = peer.add(Forgetful(10**9))
    served = {"build_s": 1.0, "open_s": 1.0, "bytes": 1, "rss": 1, "queries": {}, "added_s": never}
    assert "is not found" in str(search.comparison({"Forgetful": served}))


def test_the_exact_neighbours_are_those_that_comparing_everything_gives(bench, tmp_path):
    search, made_up = import_module("vector_search"), import_module("made_up_vectors")
    search.exhaustive(tmp_path / "truth.npz", 2_500, 5)
    truth = np.load(tmp_path / "truth.npz")
    vectors = np.concatenate([some for _, some in made_up.batches(2_500)]).astype(np.float16).astype(np.float32)
    labels = np.concatenate([made_up.labels(start, len(some)) for start, some in made_up.batches(2_500)])
    for name, label in {"none": "", "10 %": "common", "1 %": "rare"}.items():
        scores = np.where((labels == label) | (not label), truth["queries"] @ vectors.T, -2)
        assert (truth[f"ids, {name}"] == np.argsort(-scores, axis=1, kind="stable")[:, : search.K]).all()


@pytest.mark.parametrize(("one_bit", "codec"), [(False, "ExactCodec"), (True, "BitCodec")])
def test_the_short_form_is_asked_by_one_bit_codes_too_and_says_where_another_codec_answers(
    bench, tmp_path, one_bit, codec
):
    served, records = import_module("vector_served"), import_module("made_up_records")
    sizes = served.Sizes(exact=500, bytes=1_000) if one_bit else served.Sizes()
    records.fill(tmp_path / "small.gallery", 2_000, sizes)
    with served.SqliteGallery.open(tmp_path / "small.gallery", sizes=sizes) as gallery:
        served.check_codec(gallery, sizes)
        with pytest.raises(SystemExit, match=f"are scanned by {codec} instead"):
            served.check_codec(gallery, served.Sizes(exact=1_000))

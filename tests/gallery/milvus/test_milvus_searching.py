"""What does a search on Milvus give while somebody writes? Vectors come in before the records that they belong to."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from milvus_servers import Shelf

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus import MilvusGallery, matching, vocabulary
from lookalike.gallery.milvus.packing import Packed
from lookalike.testing import MemoryGallery, make_record, make_records, make_space
from lookalike.testing.records import make_vectors

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(60)]

SPACE = make_space()
WAIT_S = 20.0


def test_what_comes_in_during_a_search_takes_no_place_from_what_is_there(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = make_vectors(1, seed=3)
    records = make_records(45)
    nearest = [replace(one, embeddings={SPACE.name: query[0].astype(np.float16)}) for one in records[30:]]
    with MilvusGallery.open(milvus_lite.url("searched")) as gallery, ThreadPoolExecutor(1) as threads:
        gallery.add_space(SPACE)
        gallery.put(records[:30])
        server, vectors_are_in, searched = gallery._server, Event(), Event()
        send, search = server.send, server.search

        def held_back(packed: Packed) -> None:
            if packed.collection.endswith("_records"):
                vectors_are_in.set()
                assert searched.wait(WAIT_S)
            send(packed)

        def during(*given: Any) -> Any:
            monkeypatch.setattr(server, "search", search)
            monkeypatch.setattr(server, "send", held_back)
            writing.append(threads.submit(gallery.put, nearest))
            assert vectors_are_in.wait(WAIT_S)
            return search(*given)

        writing: list[Any] = []
        monkeypatch.setattr(server, "search", during)
        found = gallery.nearest(SPACE.name, query, 20)[0]
        searched.set()
        writing[0].result(WAIT_S)
        assert len(found.ids) == 20
        assert {*found.ids} <= {one.id for one in records[:30]}
        assert {*gallery.nearest(SPACE.name, query, 15)[0].ids} == {one.id for one in nearest}
    milvus_lite.clear()


def test_a_label_that_comes_in_while_labels_are_looked_up_is_found_at_once(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusGallery.open(milvus_lite.url("searched")) as gallery:
        gallery.put([make_record("file:///a.jpg", label="dog")])
        fetch = vocabulary.fetch

        def fetched_and_put(*given: Any) -> Any:
            monkeypatch.undo()
            rows = fetch(*given)
            gallery.put([make_record("file:///b.jpg", label="cat")])
            return rows

        monkeypatch.setattr(vocabulary, "fetch", fetched_and_put)
        assert gallery.count(parse_filter("label:*og")) == 1
        assert gallery.count(parse_filter("label:*at")) == 1
    milvus_lite.clear()


def test_the_later_words_of_a_long_text_tell_about_as_much_as_they_do_elsewhere(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima oscar papa quebec romeo zulu"
    words = text.split(" ")[:-1]
    held = np.random.default_rng(4).random((60, len(words))) < 0.5
    captions = [" ".join(word for word, is_held in zip(words, row, strict=True) if is_held) for row in held]
    records = [make_record(f"file:///{place}", caption=caption) for place, caption in enumerate(captions)]
    monkeypatch.setattr(matching, "_COUNTED", 4)
    with MilvusGallery.open(milvus_lite.url("searched")) as gallery, MemoryGallery() as reference:
        for one in (gallery, reference):
            one.put(records)
        found, expected = gallery.match_text(text, 60), reference.match_text(text, 60)
        scores = dict(zip(expected.ids, expected.scores.tolist(), strict=True))
        np.testing.assert_allclose(found.scores, [scores[id_] for id_ in found.ids], atol=0.05)
    milvus_lite.clear()

"""Are all rows read, each once and in order, when one answer holds but a few of them, whichever?"""

from collections.abc import Callable
from dataclasses import replace
from inspect import stack
from typing import Any

import pytest
from milvus_servers import Shelf

from lookalike.gallery.milvus import MilvusGallery, walking
from lookalike.gallery.milvus.columns import Terms
from lookalike.gallery.milvus.schema import notes_of
from lookalike.testing import make_records

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize(
    "given_first",
    [sorted, lambda ids: sorted(ids, reverse=True), lambda ids: sorted(ids, key=lambda id_: id_[::-1])],
    ids=["lowest", "highest", "any"],
)
def test_notes_of_any_number_are_read_whichever_come_first(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch, given_first: Callable[[list[str]], list[str]]
) -> None:
    words = [f"{n:05}" for n in range(100)]
    depths: list[int] = []
    with MilvusGallery.open(milvus_lite.url("walked")) as gallery:
        gallery._notes.note_terms([Terms({"word": words}, ())])
        server, query = gallery._server, gallery._server.query

        def few(*given: Any) -> list[dict[str, Any]]:
            depths.append(len(stack(0)))
            rows = {row["id"]: row for row in query(*given)}
            return [rows[id_] for id_ in given_first(list(rows))[:2]]

        monkeypatch.setattr(walking, "LARGEST_WINDOW", 2)
        monkeypatch.setattr(server, "query", few)
        found = walking.fetch(server, notes_of(server.address.name), 'kind == "word"', ("name",))
        assert max(depths) - min(depths) < 20, "else Python gives up where there are many"
        assert sorted(row["name"] for row in found) == words
        assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    milvus_lite.clear()


def test_all_records_of_the_same_bytes_are_found_however_many(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = [replace(one, sha256="ab" * 32, embeddings={}) for one in make_records(7)]
    with MilvusGallery.open(milvus_lite.url("walked")) as gallery:
        gallery.put(same)
        query = gallery._server.query
        monkeypatch.setattr(walking, "LARGEST_WINDOW", 2)
        monkeypatch.setattr(gallery._server, "query", lambda *given: query(*given)[:2])
        assert gallery.find("sha256", ["ab" * 32, "cd" * 32]) == {"ab" * 32: [one.id for one in same]}
    milvus_lite.clear()

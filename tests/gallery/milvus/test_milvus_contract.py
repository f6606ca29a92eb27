"""Does a gallery on Milvus do what every gallery must? Asked of a real server, and about searching of Lite.

What Lite does otherwise than the server is how it understands expressions and searches."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus import matching
from lookalike.testing import DurableGalleryContract
from lookalike.testing.searching_contract import SearchingContract

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]


class TestOnServer(DurableGalleryContract):
    @pytest.fixture(autouse=True)
    def _on(self, milvus: Shelf) -> Iterator[None]:
        self.shelf = milvus
        yield
        milvus.clear()

    def open(self, tmp_path: Path) -> Gallery:
        return self.shelf.open(str(tmp_path))


class TestOnLite(SearchingContract):
    @pytest.fixture(autouse=True)
    def _on(self, milvus_lite: Shelf) -> Iterator[None]:
        self.shelf = milvus_lite
        yield
        milvus_lite.clear()

    def open(self, tmp_path: Path) -> Gallery:
        return self.shelf.open(str(tmp_path))

    def test_words_that_many_records_hold_are_found_by_the_servers_own_bm25(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.filled(tmp_path, 200) as gallery:
            for text, filter_ in (("dog", ""), ("snowy hill", "label:dog"), ("jumps over", ""), ("a seag", "")):
                where = parse_filter(filter_)
                all_read = gallery.match_text(text, 10, where)
                with monkeypatch.context() as patch:
                    patch.setattr(matching, "_SCORED", 0)
                    patch.setattr(matching, "_CANDIDATES", 40)
                    patch.delattr(matching._Search, "_likely")
                    found = gallery.match_text(text, 10, where)
                np.testing.assert_allclose(found.scores, all_read.scores, atol=0.01)

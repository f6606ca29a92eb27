"""Does a gallery on Milvus do what every gallery must? Asked of a real server, and about searching of Lite.

What Lite does otherwise than the server is how it understands expressions and searches."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery
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

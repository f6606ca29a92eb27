"""Does a gallery on Milvus do what every gallery must? Asked of a real server, and of Milvus Lite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery
from lookalike.testing import DurableGalleryContract

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]


class TestOnServer(DurableGalleryContract):
    @pytest.fixture(autouse=True)
    def _on(self, milvus: Shelf) -> Iterator[None]:
        self.shelf = milvus
        yield
        milvus.clear()

    def open(self, tmp_path: Path) -> Gallery:
        return self.shelf.open(str(tmp_path))


class TestOnLite(DurableGalleryContract):
    @pytest.fixture(autouse=True)
    def _on(self, milvus_lite: Shelf) -> Iterator[None]:
        self.shelf = milvus_lite
        yield
        milvus_lite.clear()

    def open(self, tmp_path: Path) -> Gallery:
        return self.shelf.open(str(tmp_path))

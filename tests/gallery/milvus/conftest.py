"""What do tests of the Milvus adapter need? A real server, and galleries on it that are emptied rather than made anew:
making and loading collections takes Milvus seconds. Tests that kill a server have one of their own, as what is written
within a minute of a restart may be read late."""

from collections.abc import Iterator

import pytest
from milvus_servers import PASSWORD, LiteProcess, MilvusProcess, Shelf


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    pytest.importorskip("milvus", reason="the package milvus is not installed")
    process = MilvusProcess(tmp_path_factory.mktemp("milvus"), authorization=True)
    process.start()
    with Shelf(f"milvus://{PASSWORD}@127.0.0.1:{process.port}") as shelf:
        yield shelf
    process.stop()


@pytest.fixture(scope="session")
def milvus_lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    pytest.importorskip("milvus_lite", reason="the package milvus-lite is not installed")
    process = LiteProcess(tmp_path_factory.mktemp("lite") / "lite.db")
    process.start()
    with Shelf(f"milvus://127.0.0.1:{process.port}") as shelf:
        yield shelf
    process.stop()

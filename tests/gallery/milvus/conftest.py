"""What do tests of the Milvus adapter need? A real server, and galleries on it that are emptied rather than made anew:
making and loading collections takes Milvus seconds. All tests share one server, also those that kill it."""

from collections.abc import Iterator

import pytest
from milvus_servers import PASSWORD, LiteProcess, MilvusProcess, Shelf


@pytest.fixture(scope="session")
def _milvus_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusProcess]:
    pytest.importorskip("milvus", reason="the package milvus is not installed")
    process = MilvusProcess(tmp_path_factory.mktemp("milvus"), authorization=True, **{"common.session.ttl": 10})
    process.start()
    yield process
    process.stop()


@pytest.fixture
def milvus_process(_milvus_process: MilvusProcess) -> MilvusProcess:
    """The server, which runs."""
    _milvus_process.revive()
    return _milvus_process


@pytest.fixture(scope="session")
def milvus(_milvus_process: MilvusProcess) -> Iterator[Shelf]:
    _milvus_process.revive()
    with Shelf(f"milvus://{PASSWORD}@127.0.0.1:{_milvus_process.port}") as shelf:
        yield shelf


@pytest.fixture(scope="session")
def milvus_lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    pytest.importorskip("milvus_lite", reason="the package milvus-lite is not installed")
    process = LiteProcess(tmp_path_factory.mktemp("lite") / "lite.db")
    process.start()
    with Shelf(f"milvus://127.0.0.1:{process.port}") as shelf:
        yield shelf
    process.stop()

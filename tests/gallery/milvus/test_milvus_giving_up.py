"""How long do callers wait whose server hangs? It answers greetings only, and its line leads nowhere once it is cut."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lookalike.errors import GalleryError, Unreachable
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.server import Server

grpc = pytest.importorskip("grpc", reason="pymilvus is not installed")
milvus_pb2 = pytest.importorskip("pymilvus.grpc_gen.milvus_pb2")
milvus_pb2_grpc = pytest.importorskip("pymilvus.grpc_gen.milvus_pb2_grpc")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

TIMEOUT_S = 2
CALLERS = 8


class Greeter(milvus_pb2_grpc.MilvusServiceServicer):
    """Lets clients in, and has them wait for all else."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.over = threading.Event()

    def Connect(self, *_):  # noqa: N802 - as the protocol names it
        return milvus_pb2.ConnectResponse(identifier=1)

    def GetVersion(self, *_):  # noqa: N802
        return milvus_pb2.GetVersionResponse(version="v2.5.4")

    def DescribeCollection(self, *_):  # noqa: N802
        self.asked.release()
        self.over.wait()
        return milvus_pb2.DescribeCollectionResponse()


class Line:
    """Leads one connection to a server; when it is cut, others are taken, and nobody answers them."""

    def __init__(self, behind: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._behind = behind
        self._ends: list[socket.socket] = []
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._lead, daemon=True).start()

    def _lead(self) -> None:
        self._ends = [self._listening.accept()[0], socket.create_connection(("127.0.0.1", self._behind))]
        for one, other in (self._ends, self._ends[::-1]):
            threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        for one in self._ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self.cut()
        self._listening.close()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65_536):
            other.sendall(piece)


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    greeter = Greeter()
    yield greeter
    greeter.over.set()


@pytest.fixture
def line(greeter: Greeter) -> Iterator[Line]:
    process = grpc.server(ThreadPoolExecutor(CALLERS + 2))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(greeter, process)
    behind = process.add_insecure_port("127.0.0.1:0")
    process.start()
    with contextlib.closing(Line(behind)) as line:
        yield line
    greeter.over.set()
    process.stop(None).wait()


@pytest.fixture
def server(line: Line) -> Iterator[Server]:
    with contextlib.closing(Server(Address.parse(f"milvus://127.0.0.1:{line.port}/photos?timeout={TIMEOUT_S}"))) as one:
        yield one


def test_each_of_many_callers_is_told_in_time_that_nobody_answers(server: Server, greeter: Greeter, line: Line) -> None:
    def ask(_: int) -> float:
        since = time.monotonic()
        with pytest.raises(Unreachable):
            server.has("photos_records")
        return time.monotonic() - since

    with ThreadPoolExecutor(CALLERS) as threads:
        waiting = [threads.submit(ask, n) for n in range(CALLERS)]
        for _ in waiting:
            assert greeter.asked.acquire(timeout=TIMEOUT_S)
        line.cut()
        waited = [one.result() for one in waiting]
    assert max(waited) < 4 * TIMEOUT_S, waited


def test_a_connection_that_was_let_go_of_is_said_to_be_closed(server: Server) -> None:
    server.close()
    with pytest.raises(GalleryError, match="has been closed"):
        server.has("photos_records")

"""Can callers who say nothing, or too much, take the service's connections or memory from the others?"""

import logging
import os
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from threading import Event, current_thread

import httpx2
import psutil
import pytest
from waiting import eventually

from lookalike.service import ServiceLimits
from lookalike.service.passage import connections
from lookalike.uris import local_path

pytestmark = pytest.mark.slow

_ASKING = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
_SENDING = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
_LONG = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
_LAST = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_SENDING += b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"


def connect(server, request: bytes = b"") -> socket.socket:
    opened = socket.create_connection((server.host, server.port), timeout=10)
    opened.sendall(request)
    return opened


def is_let_go(connection: socket.socket) -> bool:
    """Whether the server has hung up without an answer."""
    try:
        return not connection.recv(100)
    except ConnectionResetError:
        return True


def has_enough(connection: socket.socket, piece: bytes) -> bool:
    """Whether the server hangs up within a megabyte."""
    connection.settimeout(10)
    try:
        for _ in range(100):
            connection.sendall(piece)
            time.sleep(0.001)
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_the_idle_make_room_for_those_who_ask(parts, serving, monkeypatch):
    monkeypatch.setattr(connections, "_MOST", 20)
    with serving(parts) as server, ExitStack() as held:
        idle = [held.enter_context(connect(server)) for _ in range(60)]
        assert httpx2.get(f"{server.url}healthz", timeout=20).status_code == 200
        assert is_let_go(idle[0])
        held.enter_context(connect(server, b""))
        last = idle[-1]
        last.sendall(_ASKING + b"\r\n")
        assert last.recv(12) == b"HTTP/1.1 200", "who came last is still there"


def test_of_many_who_came_in_one_moment_the_first_make_room(parts, serving, monkeypatch):
    come = Event()
    monkeypatch.setattr(connections, "most_connections", lambda: 20 * come.wait(20))
    with serving(parts) as server, ExitStack() as held:
        idle = [held.enter_context(connect(server)) for _ in range(40)]
        come.set()
        assert all(map(is_let_go, idle[:20]))
        for late in idle[20:]:
            late.sendall(_ASKING + b"\r\n")
            assert late.recv(12) == b"HTTP/1.1 200"


def test_where_all_are_busy_the_next_is_told_to_come_back(parts, serving, monkeypatch):
    monkeypatch.setattr(connections, "_MOST", 3)
    sending = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 99\r\n"
    with serving(parts) as server, ExitStack() as held:
        for _ in range(3):
            busy = held.enter_context(connect(server, sending + b"Expect: 100-continue\r\n\r\n"))
            assert busy.recv(12) == b"HTTP/1.1 100", "it waits for the picture"
        with connect(server, _ASKING + b"\r\n") as fourth:
            assert fourth.recv(200).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: lo"])
def test_a_head_that_does_not_come_is_not_waited_for(parts, serving, monkeypatch, said):
    monkeypatch.setattr(connections, "_HEAD_S", 1)
    begun = _ASKING + b"\r\nGET /"
    with serving(parts) as server, connect(server, begun) as second, connect(server, said) as silent:
        assert second.recv(12) == b"HTTP/1.1 200"
        assert is_let_go(silent)
        while second.recv(65_536):  # the rest of the answer, and then the end
            pass


@pytest.mark.parametrize(
    ("begun", "piece"),
    [
        (_ASKING + b"X: ", b"a" * 10_000),
        (_ASKING, b"X: a\r\n" * 2_000),
        (b"GET /", b"a" * 10_000),
        (_SENDING + b"0\r\n", b"X: a\r\n" * 2_000),
        (_SENDING + b"1;", b"a" * 10_000),
    ],
    ids=["header", "headers", "address", "trailers", "chunk"],
)
def test_what_stands_around_bodies_is_bounded(server, begun, piece):
    with connect(server, begun) as connection:
        assert has_enough(connection, piece)
    assert httpx2.get(f"{server.url}healthz", timeout=20).status_code == 200


def test_a_head_that_is_too_long_is_told_so(server):
    with connect(server, _ASKING + b"X: " + b"a" * 60_000) as connection:
        time.sleep(0.1)
        connection.sendall(b"a" * 10_000)
        assert connection.recv(12) == b"HTTP/1.1 431"


def test_a_request_that_names_two_hosts_is_refused(server):
    with connect(server, _ASKING + b"Host: evil.example\r\n\r\n") as connection:
        assert connection.recv(12) == b"HTTP/1.1 400"


def narrow(server, taken_bytes: int = 2_048) -> socket.socket:
    """Connect so that the system takes little on the way."""
    server._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)  # connections take after it
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, taken_bytes)
    opened.connect((server.host, server.port))
    return opened


def stall(server, *, last: bytes = b"", answers: int = 1) -> socket.socket:
    """Ask for more than the system takes on the way to somebody who reads nothing."""
    stalled = narrow(server)
    stalled.sendall(_LONG * answers + last)
    return stalled


def connections_of(server) -> int:
    """How many connections the system holds open on the server's side."""
    return sum(one.laddr.port == server.port and bool(one.raddr) for one in psutil.Process().net_connections("tcp4"))


@pytest.mark.parametrize(
    ("answers", "last"),
    [(1, b""), (10, b""), (1, _LAST)],
    ids=["idle", "in the middle", "closing"],
)
def test_a_caller_who_takes_no_answer_is_let_go(parts, serving, monkeypatch, answers, last):
    monkeypatch.setattr(connections, "_LOOK_S", 0.2)
    monkeypatch.setattr("lookalike.service.server._KEEP_ALIVE_S", 1)
    with serving(parts) as server, stall(server, last=last, answers=answers):
        assert eventually(lambda: connections_of(server) == 1)
        assert eventually(lambda: connections_of(server) == 0)


def test_callers_who_take_no_answer_make_room_at_once(parts, serving, monkeypatch):
    monkeypatch.setattr(connections, "_MOST", 3)
    with serving(parts) as server, ExitStack() as held:
        for _ in range(20):
            held.enter_context(stall(server))
        assert httpx2.get(f"{server.url}healthz", timeout=20).status_code == 200
        assert eventually(lambda: connections_of(server) <= 3)


@pytest.mark.parametrize("last", [_LONG, _LAST], ids=["idle", "closing"])
def test_a_caller_who_takes_long_over_an_answer_gets_all_of_it(parts, serving, monkeypatch, last):
    monkeypatch.setattr(connections, "_LOOK_S", 0.5)
    monkeypatch.setattr(connections, "_LEAST_TAKEN_BYTES", 2_000)
    monkeypatch.setattr("lookalike.service.server._KEEP_ALIVE_S", 0.2)
    with serving(parts) as server:
        whole = 2 * len(httpx2.get(f"{server.url}openapi.json", timeout=20).content)
        got = 0
        with stall(server, last=last) as slow:
            slow.settimeout(10)
            while piece := slow.recv(2_000):
                got += len(piece)
                time.sleep(0.01)
    assert got > whole


@pytest.mark.skipif(os.name == "nt", reason="Windows counts no files")
def test_files_are_left_for_the_gallery(monkeypatch):
    monkeypatch.setattr("resource.getrlimit", lambda _: (100, 100))
    assert connections.most_connections() == 50
    monkeypatch.setattr("resource.getrlimit", lambda _: (1_000_000, 1_000_000))
    assert connections.most_connections() == 2_000


@pytest.mark.parametrize("path", ["v1/export", "v1/images/{id}/file"])
def test_a_large_file_is_taken_to_its_end_by_a_caller_who_is_slow_all_the_time(filled, serving, path):
    (record,) = filled.gallery.scan(limit=1).records
    with local_path(record.uri).open("ab") as file:  # behind its end, a picture may hold what it likes
        file.write(bytes(1_000_000))
    note = os.urandom(600_000).hex()  # at most halved by compression
    filled.gallery.put([replace(record, metadata={"note": note})])
    impatient = replace(filled, limits=ServiceLimits(max_silence_s=1.5))
    with serving(impatient) as server, narrow(server, 16_384) as slow:
        slow.settimeout(20)
        asked = f"GET /{path.format(id=record.id)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        slow.sendall(asked.encode())
        began, got = time.monotonic(), b""
        while piece := slow.recv(3_000):
            got += piece
            time.sleep(0.01)
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) > 600_000
    assert (b"PAR1" if path.endswith("export") else bytes(30)) in body[-50:]
    assert time.monotonic() - began > 1.8, "the whole of it took no longer than a pause may"


@pytest.mark.parametrize("path", ["v1/export", "v1/images/{id}/file"])
def test_a_caller_who_stalls_in_the_middle_of_a_file_is_hung_up_on_and_nobody_calls_it_our_failure(
    filled, serving, caplog, path
):
    (record,) = filled.gallery.scan(limit=1).records
    with local_path(record.uri).open("ab") as file:
        file.write(bytes(3_000_000))
    filled.gallery.put([replace(record, metadata={"note": os.urandom(600_000).hex()})])
    impatient = replace(filled, limits=ServiceLimits(max_silence_s=0.3))
    with serving(impatient) as server, narrow(server) as stalled:
        stalled.sendall(f"GET /{path.format(id=record.id)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert stalled.recv(12) == b"HTTP/1.1 200"
        assert eventually(lambda: b"lookalike_requests_in_progress 0" in impatient.metrics.write())
    ours = ("lookalike", "uvicorn", "asyncio")
    told = [one for one in caplog.records if one.name.startswith(ours) and one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in told] == []


def test_two_take_an_export_at_a_time_and_others_are_told_to_come_back(filled, serving, problem):
    (record,) = filled.gallery.scan(limit=1).records
    filled.gallery.put([replace(record, metadata={"note": os.urandom(600_000).hex()})])
    with serving(filled) as server, httpx2.Client(base_url=server.url, timeout=20) as client:
        with ExitStack() as held:
            for _ in range(2):
                slow = held.enter_context(narrow(server))
                slow.sendall(b"GET /v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert slow.recv(12) == b"HTTP/1.1 200"
            refused = client.get("/v1/export")
            problem(refused, 503, says="Too many exports")
            assert int(refused.headers["retry-after"]) > 0
        assert eventually(lambda: client.get("/v1/export").status_code == 200)


def test_what_was_made_for_an_export_is_let_go_of_in_its_thread_when_the_caller_leaves(filled, serving, monkeypatch):
    ended: list[str] = []

    def endless(*_):
        try:
            while True:
                yield bytes(100_000)
        finally:
            ended.append(current_thread().name)

    monkeypatch.setattr("lookalike.exchange.stream_parquet", endless)
    with serving(filled) as server:
        with narrow(server) as leaving:
            leaving.sendall(b"GET /v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert leaving.recv(12) == b"HTTP/1.1 200"
        assert eventually(lambda: ended)
    assert "MainThread" not in ended[0]
    assert "worker" in ended[0].lower()

"""Does the service keep its word on a real socket: ports, limits, crowds, callers that vanish, and the end?"""

import base64
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from waiting import eventually

from lookalike.errors import BadInput
from lookalike.gallery.filters import Filter
from lookalike.service import BoundServer, ServiceLimits, create_app
from lookalike.testing import MemoryGallery, make_record, picture_bytes
from lookalike.types import Embeddings, Neighbors

pytestmark = pytest.mark.slow

_JSON_HEAD = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class GatedGallery(MemoryGallery):
    """A gallery whose queries wait for a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        self.inside.release()
        assert self.gate.wait(20)
        return super().nearest(space, vectors, k, where)


def raw(server: BoundServer, request: bytes) -> socket.socket:
    connection = socket.create_connection((server.host, server.port), timeout=20)
    connection.sendall(request)
    return connection


def answer_of(connection: socket.socket) -> bytes:
    received = b""
    with connection:
        while chunk := connection.recv(65_536):
            received += chunk
            if b"\r\n\r\n" in received and b"problem+json" in received and received.endswith(b"}"):
                break
    return received


def test_any_free_port_is_taken_and_told(server):
    assert server.url == f"http://127.0.0.1:{server.port}/"
    answer = httpx2.get(f"{server.url}healthz")
    assert answer.json() == {"status": "ok"}
    assert "server" not in answer.headers


def test_answers_do_not_wait_for_nagles_algorithm(server):
    with httpx2.Client(base_url=server.url) as client:
        times = []
        for _ in range(30):
            start = time.perf_counter()
            client.post(
                "v1/search", json={"id": "a" * 16}
            )  # refused at once, so that only the way there and back counts
            times.append(time.perf_counter() - start)
    assert min(times[20:]) < 0.035, "every answer waits for a delayed acknowledgement of 40 ms"


def test_a_taken_port_says_so(server, parts):
    with pytest.raises(BadInput, match="--port"):
        BoundServer(create_app(parts), port=server.port)


@pytest.mark.parametrize(
    ("host", "port", "option"),
    [
        ("127.0.0.1", 99_999, "--port"),
        ("203.0.113.7", 0, "--host"),
        ("no such name", 0, "--host"),
        ("ü" * 80, 0, "--host"),
    ],
)
def test_an_impossible_address_says_so_and_which_option_to_change(parts, host, port, option):
    with pytest.raises(BadInput, match=f"Cannot listen.* with {option}"):
        BoundServer(create_app(parts), host, port)


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(server):
    head = _JSON_HEAD + b"Content-Length: 900000000\r\n\r\n"
    assert answer_of(raw(server, head)).startswith(b"HTTP/1.1 413")


def test_who_searches_by_too_large_a_picture_is_told_to_scale_it_down(server):
    head = _JSON_HEAD + b"Content-Length: 900000000\r\nConnection: close\r\n\r\n"
    assert b"Scale the picture down first." in answer_of(raw(server, head))


def test_a_body_that_never_says_its_length_is_cut_off_at_the_limit(parts, serving):
    small = replace(parts, limits=ServiceLimits(max_upload_bytes=100_000))
    sent = 0

    def endless():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        while sent < 500_000_000:
            sent += 65_536
            yield b"\0" * 65_536

    with serving(small) as server, httpx2.Client(timeout=20) as client:
        headers = {"content-type": "multipart/form-data; boundary=x"}
        try:
            status = client.post(f"{server.url}v1/search", content=endless(), headers=headers).status_code
        except httpx2.TransportError:
            status = 413  # the server hung up on us in the middle of sending
    assert status == 413
    assert sent < 100_000_000


def test_a_caller_that_falls_silent_is_let_go(parts, serving):
    impatient = replace(parts, limits=ServiceLimits(max_silence_s=0.3))
    head = _JSON_HEAD + b"Content-Length: 50\r\n\r\n{"
    with serving(impatient) as server:
        assert b"did not come within 0.3 s" in answer_of(raw(server, head))


def test_a_caller_that_hangs_up_in_the_middle_leaves_nothing_behind(server, filled):
    head = (
        b"POST /v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: 5000000\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    )
    connection = raw(server, head + picture_bytes(1))
    incoming = filled.library.uploads / "incoming"
    assert eventually(lambda: incoming.is_dir() and any(incoming.iterdir()))
    connection.close()
    assert eventually(lambda: not any(incoming.iterdir()))
    assert filled.gallery.count() == 10
    assert httpx2.get(f"{server.url}healthz").status_code == 200


def test_when_too_many_wait_the_next_are_told_to_come_back(parts_over, problem, serving):
    gallery = GatedGallery()
    busy = replace(parts_over(gallery), limits=ServiceLimits(at_once=1, max_waiting=2))
    with serving(busy) as server, ThreadPoolExecutor(8) as threads, httpx2.Client(timeout=30) as client:
        client.post(f"{server.url}v1/images", files={"image": ("a", picture_bytes(1))}).raise_for_status()

        def ask():
            return client.post(f"{server.url}v1/search", files={"image": ("a", picture_bytes(2))})

        gallery.gate.clear()
        asked = [threads.submit(ask) for _ in range(8)]
        assert eventually(lambda: sum(one.done() for one in asked) == 5)
        for refused in (one.result() for one in asked if one.done()):
            problem(refused, 503)
            assert int(refused.headers["retry-after"]) > 0
        assert client.get(f"{server.url}v1/info").status_code == 200
        gallery.gate.set()
        assert sorted(one.result().status_code for one in asked) == [200] * 3 + [503] * 5
        assert ask().status_code == 200


def test_uploads_that_take_long_hold_no_search_up(parts_over, serving):
    class SlowGallery(MemoryGallery):
        def put(self, *given, **named) -> None:
            inside.release()
            assert gate.wait(20)
            super().put(*given, **named)

    inside, gate = threading.Semaphore(0), threading.Event()
    busy = replace(parts_over(SlowGallery()), limits=ServiceLimits(at_once=2, max_waiting=2))
    with serving(busy) as server, ThreadPoolExecutor(2) as threads, httpx2.Client(timeout=20) as client:
        uploads = [
            threads.submit(client.post, f"{server.url}v1/images", files={"image": ("a", picture_bytes(number))})
            for number in (1, 2)
        ]
        try:
            assert all(inside.acquire(timeout=20) for _ in uploads)
            found = client.post(f"{server.url}v1/search", files={"image": ("a", picture_bytes(3))}, timeout=10)
            assert found.status_code == 200
        finally:
            gate.set()
        assert [one.result().status_code for one in uploads] == [201, 201]


def test_listings_that_take_long_hold_nothing_else_up(parts_over, serving):
    class SlowGallery(MemoryGallery):
        def scan(self, *given, **named):
            assert gate.wait(60)
            return super().scan(*given, **named)

    gate = threading.Event()
    busy = replace(parts_over(SlowGallery()), limits=ServiceLimits(at_once=2, max_waiting=20))
    with serving(busy) as server, ThreadPoolExecutor(60) as threads, httpx2.Client(timeout=20) as client:
        listings = [threads.submit(httpx2.get, f"{server.url}v1/images", timeout=60) for _ in range(60)]
        try:
            assert eventually(lambda: client.get(f"{server.url}v1/status").json()["queues"][3]["waiting"] == 52)
            for path in ("readyz", "v1/status", "v1/images/aaaa"):
                assert client.get(f"{server.url}{path}").status_code in {200, 404}
            found = client.post(f"{server.url}v1/images", files={"image": ("a", picture_bytes(1))})
            assert found.status_code == 201
        finally:
            gate.set()
        assert {one.result().status_code for one in listings} == {200}


def test_originals_on_a_drive_that_hangs_hold_nothing_else_up(parts_over, serving, tmp_path, monkeypatch):
    look, gate = Path.stat, threading.Event()

    def stat(path: Path, **how: bool) -> os.stat_result:
        if path.parent.name == "nas":
            gate.wait(20)
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.png").write_bytes(picture_bytes(1))
    records = [make_record((tmp_path / "nas" / f"{number}.png").as_uri()) for number in range(60)]
    here = make_record((tmp_path / "here" / "a.png").as_uri(), format="png")
    parts = parts_over(MemoryGallery())
    parts.gallery.put([*records, here])
    parts = replace(parts, limits=ServiceLimits(at_once=2, max_waiting=20))
    with serving(parts) as server, ThreadPoolExecutor(60) as threads, httpx2.Client(timeout=20) as client:
        files = [threads.submit(httpx2.get, f"{server.url}v1/images/{one.id}/file", timeout=30) for one in records]
        try:
            assert eventually(lambda: _queue(client, server, "originals")["waiting"] > 50)
            for path in ("v1/images/aaaa", f"v1/images/{here.id}", f"v1/images/{here.id}/file"):
                assert client.get(f"{server.url}{path}", timeout=10).status_code in {200, 404}
        finally:
            gate.set()
        assert {one.result().status_code for one in files} == {404}


def _queue(client: httpx2.Client, server: BoundServer, name: str) -> dict:
    return next(one for one in client.get(f"{server.url}v1/status").json()["queues"] if one["name"] == name)


def test_bodies_that_fill_the_memory_together_are_told_to_come_back(parts_over, serving):
    gallery = GatedGallery()
    tight = replace(parts_over(gallery), limits=ServiceLimits(max_held_bytes=0, max_upload_bytes=50_000, at_once=2))
    picture = picture_bytes(2).ljust(45_000, b"\0")
    as_file = {"files": {"image": ("a", picture)}}
    as_json = {"json": {"image": base64.b64encode(picture[:36_000]).decode()}}
    with serving(tight) as server, ThreadPoolExecutor(2) as threads, httpx2.Client(timeout=30) as client:
        client.post(f"{server.url}v1/images", files={"image": ("a", picture_bytes(1))}).raise_for_status()
        for large in (as_file, as_json):
            gallery.gate.clear()
            inside = [threads.submit(client.post, f"{server.url}v1/search", **large) for _ in range(2)]
            assert all(gallery.inside.acquire(timeout=20) for _ in inside)
            assert client.post(f"{server.url}v1/search", **as_file).status_code == 503
            assert client.post(f"{server.url}v1/search", **as_json).status_code == 503
            gallery.gate.set()
            assert [one.result().status_code for one in inside] == [200, 200]
        assert client.post(f"{server.url}v1/search", **as_file).status_code == 200


def test_many_callers_at_once_all_get_the_right_answer(server, photos):
    names = [f"picture-{n}.png" for n in range(3, 10)]

    def ask(name: str) -> str:
        answer = client.post(f"{server.url}v1/search", files={"image": ("a", (photos / name).read_bytes())})
        return answer.json()["hits"][0]["path"].rpartition("/")[2]

    with httpx2.Client(timeout=30) as client, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, names * 4)) == names * 4


def test_what_is_under_way_is_finished_before_the_end(parts_over, serving):
    gallery = GatedGallery()
    with ThreadPoolExecutor(1) as threads:
        with serving(parts_over(gallery)) as server:
            picture = {"image": ("a", picture_bytes(1))}
            httpx2.post(f"{server.url}v1/images", files=picture, timeout=20).raise_for_status()
            gallery.gate.clear()
            asked = threads.submit(httpx2.post, f"{server.url}v1/search", files=picture, timeout=20)
            assert gallery.inside.acquire(timeout=20)
            threading.Timer(0.5, gallery.gate.set).start()
        assert asked.result().status_code == 200


PROGRAM = """
import sys
from pathlib import Path
from lookalike.config import Settings
from lookalike.decode import DecodePool
from lookalike.library import Lookalike, ReadyParts
from lookalike.service import BoundServer, Parts, create_app
from lookalike.testing import ColourEncoder, MemoryGallery
from lookalike.thumbnails import Thumbnails

with DecodePool(1) as decoder, Thumbnails(None, decoder) as thumbnails:
    ready = ReadyParts(gallery=MemoryGallery(), decoder=decoder, thumbnails=thumbnails)
    where, settings = Path(sys.argv[1]) / "g.gallery", Settings(captioner="none", uploads=sys.argv[1])
    parts = Parts(library=Lookalike(where, ColourEncoder(), settings=settings, ready=ready))
    try:
        BoundServer(create_app(parts)).run(lambda url: print(url, flush=True))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_a_signal_ends_a_served_program_cleanly(tmp_path, sent, code):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        url = program.stdout.readline().strip()
        assert httpx2.post(f"{url}v1/search", files={"image": ("a", picture_bytes(1))}, timeout=20).status_code == 200
        program.send_signal(sent)
        _, complaints = program.communicate(timeout=20)
    assert program.returncode == code
    assert complaints == ""

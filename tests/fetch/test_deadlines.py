"""Does nothing that a server does cost more time than it may?"""

import socket
import threading
import time

import pytest

from lookalike.config import load_settings
from lookalike.errors import BadInput, Unreachable
from lookalike.fetch import Fetcher

pytestmark = pytest.mark.slow

LOCAL = ["127.0.0.1"]


def silent(stream, _request):
    stream.recv(1)


DRIPS = {
    "status": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
    "hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "counted body": (b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"x"),
    "tiny chunks": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 5_000),
    "gzip": (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08" + bytes(7), b"\0\0\0\xff\xff"),
}


@pytest.mark.parametrize(("head", "part"), DRIPS.values(), ids=DRIPS)
def test_a_server_that_never_comes_to_an_end_is_cut_off_in_time(serve, endlessly, head, part):
    site = serve(endlessly(head, part, every_s=0.03))
    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"127.0.0.1 did not answer in time \(3 s to connect, 0.4 s for everything\)"):
        Fetcher(allow=LOCAL, total_s=0.4).get(site.url)
    assert time.monotonic() - start < 20


def test_a_server_that_says_nothing_is_given_up_in_time(serve):
    site = serve(silent)
    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"127.0.0.1 did not answer in time \(3 s to connect, 0.4 s for everything\)"):
        Fetcher(allow=LOCAL, total_s=0.4).get(site.url)
    assert 0.35 < time.monotonic() - start < 20


def test_the_time_counts_over_all_redirects(serve, counting_down):
    def reply(stream, request):
        time.sleep(0.4)
        counting_down(stream, request)

    site = serve(reply)
    start = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        Fetcher(allow=LOCAL, total_s=1.0).get(f"{site.url}3")
    assert time.monotonic() - start < 20


def test_a_slow_lookup_is_given_up_when_the_time_to_connect_is_over():
    done = threading.Event()

    def resolve(name):
        done.wait(10)
        return ["127.0.0.1"]

    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"photos\.example did not answer in time"):
        Fetcher(resolve=resolve, connect_s=0.3).get("https://photos.example/")
    assert time.monotonic() - start < 9, "long before the lookup comes back"
    done.set()


def test_a_host_that_swallows_packets_is_given_up_when_the_time_to_connect_is_over():
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())  # nobody accepts it, so that the next ones are not even answered
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        start = time.monotonic()
        with pytest.raises(Unreachable, match=r"127.0.0.1 did not answer in time"):
            Fetcher(allow=LOCAL, connect_s=0.4).get(url)
        assert time.monotonic() - start < 20


def test_an_address_that_swallows_packets_leaves_time_for_the_next_one(serve, http):
    site = serve(http())
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.3", site.port))
        full.listen(0)
        waiting.connect(full.getsockname())
        fetcher = Fetcher(allow=["photos.example"], connect_s=0.8, resolve=lambda _name: ["127.0.0.3", "127.0.0.1"])
        assert fetcher.get(f"http://photos.example:{site.port}/") == b"picture"


def test_a_server_that_never_agrees_on_tls_is_given_up_when_the_time_to_connect_is_over(serve):
    site = serve(silent)
    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"127.0.0.1 did not answer in time"):
        Fetcher(allow=LOCAL, connect_s=0.4).get(f"https://127.0.0.1:{site.port}/")
    assert time.monotonic() - start < 20


def test_the_longest_time_that_can_be_set_can_be_waited(serve, http):
    most = load_settings(fetch_timeout_s=1_000_000).fetch_timeout_s
    assert Fetcher(allow=LOCAL, total_s=most).get(serve(http()).url) == b"picture"
    with pytest.raises(BadInput, match="fetch_timeout_s cannot be"):
        load_settings(fetch_timeout_s=1e10)

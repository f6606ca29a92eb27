"""Does nothing that a server sends cost more bytes than it may, or break anything?"""

import gzip
import socket
import time
import tracemalloc
import zlib

import pytest

from lookalike.errors import TooLarge, Unreachable
from lookalike.fetch import Fetcher

LOCAL = ["127.0.0.1"]


def test_exactly_as_many_bytes_as_allowed_are_taken_and_one_more_is_not(serve, http):
    site = serve(lambda stream, request: stream.sendall(http(b"x" * int(request.split()[1][1:]))))
    fetcher = Fetcher(allow=LOCAL, max_bytes=100_000)
    assert len(fetcher.get(f"{site.url}100000")) == 100_000
    with pytest.raises(TooLarge, match=r"127.0.0.1 sends more than 100,000 bytes\. .*fetch_max_bytes"):
        fetcher.get(f"{site.url}100001")


def test_a_length_past_the_limit_is_refused_before_the_body_comes(serve, endlessly):
    site = serve(endlessly(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", b"x", every_s=0.01))
    start = time.monotonic()
    with pytest.raises(TooLarge):
        Fetcher(allow=LOCAL).get(site.url)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(b""), b"x" * 65_536),
    ],
    ids=["without a length", "in chunks", "behind a gzip"],
)
def test_an_endless_body_is_cut_off(serve, endlessly, head, part):
    site = serve(endlessly(head, part))
    fetcher = Fetcher(allow=LOCAL, max_bytes=1_000_000, total_s=5.0)
    with pytest.raises(TooLarge):
        fetcher.get(site.url)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate", "identity", "identity, gzip", ""])
def test_a_compressed_body_is_unfolded(serve, encoding, http):
    body = b"picture" * 50_000
    pack = {"deflate": zlib.compress, "identity": bytes, "": bytes}.get(encoding, gzip.compress)
    site = serve(http(pack(body), content_encoding=encoding))
    assert Fetcher(allow=LOCAL).get(site.url) == body


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("behind", [b"", bytes(100)], ids=["", "with zeros behind"])
def test_all_members_of_a_gzip_are_unfolded(serve, size, behind, http):
    parts = [b"a picture " * 100, b"", b"in three members"]
    body = b"".join(map(gzip.compress, parts)) + behind
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in in_parts(body, size)) + b"0\r\n\r\n"
    site = serve(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)
    assert Fetcher(allow=LOCAL).get(site.url) == b"".join(parts)
    with pytest.raises(TooLarge):
        Fetcher(allow=LOCAL, max_bytes=1_010).get(site.url)
    broken = serve(http(body[: -len(behind) or None][:-1], content_encoding="gzip"))
    with pytest.raises(Unreachable, match="breaks off"):
        Fetcher(allow=LOCAL).get(broken.url)


def test_a_gzip_of_ever_more_empty_members_is_given_up(serve, http):
    site = serve(http(gzip.compress(b"") * 10_001, content_encoding="gzip"))
    with pytest.raises(Unreachable, match="more than 10,000 members"):
        Fetcher(allow=LOCAL).get(site.url)


def in_parts(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_cut_off_without_being_held_in_memory(serve, encoding, http):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    assert len(bomb) < 200_000
    site = serve(http(bomb, content_encoding=encoding))
    fetcher = Fetcher(allow=LOCAL, max_bytes=2_000_000)
    Fetcher(allow=LOCAL).get(serve(http()).url)  # loads the HTTP library, whose memory does not count
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            fetcher.get(site.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,deflate,gzip", "br", "zstd", "gzip, br", "compress", "x", "gzip;q=1"]
)
def test_a_nested_or_unknown_encoding_is_refused(serve, encoding, http):
    body = gzip.compress(gzip.compress(bytes(100_000)))
    with pytest.raises(Unreachable, match=r"127.0.0.1 sent a body encoded as"):
        Fetcher(allow=LOCAL).get(serve(http(body, content_encoding=encoding)).url)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(gzip.compress(b"picture" * 99)[:-4], "breaks off"), (b"picture", "broken body"), (b"", "breaks off"),
     (gzip.compress(b"picture")[:-8] + b"12345678", "broken body")],
    ids=["cut short", "no gzip", "empty", "wrong checksum"],
)  # fmt: skip
def test_a_broken_compressed_body_is_unreachable(serve, body, reason, http):
    with pytest.raises(Unreachable, match=reason):
        Fetcher(allow=LOCAL).get(serve(http(body, content_encoding="gzip")).url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npicture",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\npicture",
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\ncontent-length: 8\r\n\r\npicture",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9" + b"9" * 5_000 + b"\r\n\r\npicture",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\npicture\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7\r\npicture\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 300_000 + b"\r\n\r\npicture",
        b"-ERR unknown command 'GET'\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"<html>picture</html>",
    ],
    ids=lambda answer: repr(answer[:45]),
)
def test_a_server_that_speaks_no_proper_http_is_unreachable(serve, answer):
    with pytest.raises(Unreachable, match=r"127.0.0.1 could not be asked"):
        Fetcher(allow=LOCAL).get(serve(answer).url)


def test_what_follows_a_body_of_known_length_is_left_alone(serve, http):
    assert Fetcher(allow=LOCAL).get(serve(http(b"picture and more", content_length="7")).url) == b"picture"


def test_a_port_where_nothing_listens_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"127.0.0.1 could not be asked: Connection refused"):
            Fetcher(allow=LOCAL).get(f"http://127.0.0.1:{free.getsockname()[1]}/")

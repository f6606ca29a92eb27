"""Does one GET bring the picture, from the address that was checked and from no other?"""

import itertools
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from lookalike.errors import BadInput, Unreachable
from lookalike.fetch import Fetcher

LOCAL = ["127.0.0.1"]


def test_a_picture_comes_back_whatever_the_server_says_of_it(serve, http):
    for answer in (http(b"\x89PNG", content_type="text/html", etag='"abc"'), b"HTTP/1.0 200 OK\r\n\r\n\x89PNG"):
        assert Fetcher(allow=LOCAL).get(f"{serve(answer).url}cat.png#top") == b"\x89PNG"


def test_the_request_holds_what_is_needed_and_nothing_about_the_asker(serve, http):
    site = serve(http())
    Fetcher(allow=LOCAL).get(f"{site.url}fotos/Kätzchen 1.jpg?größe=2")
    assert site.requests == [
        b"GET /fotos/K%%C3%%A4tzchen%%201.jpg?gr%%C3%%B6%%C3%%9Fe=2 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"User-Agent: lookalike/0.1 (+reverse image search)\r\n"
        b"Accept: image/*, */*;q=0.5\r\n"
        b"Accept-Encoding: gzip\r\n"
        b"Connection: close\r\n\r\n" % site.port
    ]


def test_a_listed_ipv6_address_is_asked(serve, http):
    site = serve(http(), host="::1")
    assert Fetcher(allow=["::1"]).get(site.url) == b"picture"
    assert b"\r\nHost: [::1]:%d\r\n" % site.port in site.requests[0]


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial", "304 Not Modified", "404 Not Found", "503 X", "799 X"]
)
def test_a_status_other_than_200_is_unreachable_and_named(serve, status):
    site = serve(b"HTTP/1.1 " + status.encode() + b"\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(Unreachable, match=rf"127.0.0.1 answers with status {status[:3]}"):
        Fetcher(allow=LOCAL).get(site.url)


@pytest.mark.slow
def test_one_fetcher_serves_many_threads(serve, http):
    site = serve(lambda stream, request: stream.sendall(http(request.split()[1])))
    fetcher = Fetcher(allow=LOCAL)
    urls = [f"{site.url}{n}" for n in range(64)]
    with ThreadPoolExecutor(16) as threads:
        contents = list(threads.map(fetcher.get, urls))
    assert contents == [b"/%d" % n for n in range(64)]


def test_a_wrong_entry_in_allow_is_bad_input_at_once():
    with pytest.raises(BadInput, match="fetch_allow: 'http://nas' is no network"):
        Fetcher(allow=["http://nas"])


def test_the_name_is_looked_up_once_and_the_address_that_was_checked_is_asked(serve, http):
    site, trap = serve(http()), serve(http(b"secret"), host="127.0.0.2")
    answers = iter(["127.0.0.1", "127.0.0.2"])

    def rebinding(name):
        assert name == "photos.example"
        return [next(answers)]

    fetcher = Fetcher(allow=LOCAL, resolve=rebinding)
    assert fetcher.get(f"http://photos.example:{site.port}/") == b"picture"
    assert b"\r\nHost: photos.example:%d\r\n" % site.port in site.requests[0]
    with pytest.raises(Unreachable, match=r"photos.example is not asked: it leads to a loopback address"):
        fetcher.get(f"http://photos.example:{trap.port}/")
    assert next(answers, None) is None
    assert trap.connections == 0


def test_a_name_is_refused_where_one_of_its_addresses_is_forbidden(serve, http):
    site = serve(http())
    fetcher = Fetcher(allow=LOCAL, resolve=lambda _name: ["127.0.0.1", "127.0.0.2"])
    with pytest.raises(Unreachable, match=r"photos.example is not asked"):
        fetcher.get(f"http://photos.example:{site.port}/")
    assert site.connections == 0


def test_the_message_does_not_give_away_which_inner_address_a_name_has():
    with pytest.raises(Unreachable) as caught:
        Fetcher(resolve=lambda _name: ["10.20.30.40"]).get("http://intranet.example/")
    assert "10.20.30.40" not in str(caught.value)


def test_the_next_address_is_asked_where_the_first_does_not_answer(serve, http):
    site = serve(http())
    fetcher = Fetcher(allow=["photos.example"], resolve=lambda _name: ["::1", "127.0.0.3", "127.0.0.1"])
    assert fetcher.get(f"http://photos.example:{site.port}/") == b"picture"


def test_a_name_that_nobody_knows_is_unreachable():
    def resolve(name):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable, match=r"photos\.example could not be asked: Name or service not known"):
        Fetcher(resolve=resolve).get("https://photos.example/")


@pytest.mark.parametrize("port", [22, 25, 6379, 9200])
def test_a_public_host_is_not_asked_on_ports_that_are_not_the_webs(network, port):
    fetcher = Fetcher(resolve=lambda _name: ["93.184.215.14"])
    with pytest.raises(Unreachable, match=f"port {port} is not one that the web uses"):
        fetcher.get(f"http://photos.example:{port}/")
    assert network.connections == []


@pytest.mark.slow
def test_whatever_bytes_a_server_sends_the_answer_is_a_picture_or_an_error_that_names_the_host(serve):
    pieces = [b"HTTP/1.1 ", b"200", b" OK", b"\r\n", b"\r\n\r\n", b"content-length: 3", b"\xff\x00", b"Location: /"]
    answers = [b"".join(mix) for mix in itertools.permutations(pieces, 4)][::8]
    served = iter(answers)
    site = serve(lambda stream, _request: stream.sendall(next(served)))
    fetcher = Fetcher(allow=LOCAL, total_s=2.0)
    outcomes = []
    for _ in answers:
        try:
            fetcher.get(site.url)
        except Unreachable as error:
            outcomes.append(error.what)
    assert all(outcome.startswith("127.0.0.1 ") for outcome in outcomes)

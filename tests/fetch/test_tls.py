"""Is it the right server that answers?"""

import pytest

from lookalike.errors import Unreachable
from lookalike.fetch import Fetcher

LOCAL = ["127.0.0.1"]


def test_the_certificate_is_checked_against_the_name_and_the_name_is_sent(serve, tls_for, trusted, http):
    tls = tls_for("photos.example")
    named = []
    tls.sni_callback = lambda _socket, name, _context: named.append(name)
    site = serve(http(), tls=tls)
    fetcher = Fetcher(allow=LOCAL, resolve=lambda _name: ["127.0.0.1"])
    url = f"https://photos.example:{site.port}/cat.jpg"
    assert fetcher.get(url) == b"picture"
    assert named == ["photos.example"]
    assert b"\r\nHost: photos.example:%d\r\n" % site.port in site.requests[0]
    with pytest.raises(Unreachable, match=r"other\.example could not be asked: its certificate is not valid \(Host"):
        fetcher.get(f"https://other.example:{site.port}/")
    assert len(site.requests) == 1


def test_the_certificate_of_an_address_is_checked_against_the_address(serve, tls_for, trusted, http):
    site = serve(http(), tls=tls_for("127.0.0.1"))
    assert Fetcher(allow=LOCAL).get(f"https://127.0.0.1:{site.port}/") == b"picture"
    other = serve(http(), tls=tls_for("127.0.0.2"))
    with pytest.raises(Unreachable, match="its certificate is not valid"):
        Fetcher(allow=LOCAL).get(f"https://127.0.0.1:{other.port}/")


def test_a_certificate_of_an_unknown_authority_is_not_accepted(serve, tls_for, http):
    site = serve(http(), tls=tls_for("127.0.0.1"))
    with pytest.raises(Unreachable, match=r"127.0.0.1 could not be asked: its certificate is not valid"):
        Fetcher(allow=LOCAL).get(f"https://127.0.0.1:{site.port}/")
    assert site.requests == []


def test_a_server_without_tls_is_unreachable_by_https(serve, http):
    with pytest.raises(Unreachable, match=r"127.0.0.1 could not be asked"):
        Fetcher(allow=LOCAL).get(f"https://127.0.0.1:{serve(http()).port}/")


def test_a_redirect_from_https_to_http_is_not_followed(serve, tls_for, trusted, http, redirect):
    plain = serve(http())
    site = serve(redirect(plain.url), tls=tls_for("127.0.0.1"))
    with pytest.raises(Unreachable, match=r"127.0.0.1 redirects from https to 127.0.0.1 without encryption"):
        Fetcher(allow=LOCAL).get(f"https://127.0.0.1:{site.port}/")
    assert plain.connections == 0

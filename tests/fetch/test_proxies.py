"""Are the proxies of the environment used where asked, and only there?"""

import contextlib
import socket
import threading

import pytest

from lookalike.errors import Unreachable
from lookalike.fetch import Fetcher

LOCAL = ["127.0.0.1"]


def pour(source, sink):
    with contextlib.suppress(OSError):  # either side may hang up whenever it likes
        while part := source.recv(65_536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(serve, http, monkeypatch):
    """A proxy on loopback that the environment names: it answers plain requests, and tunnels others to 127.0.0.1."""

    def tunnel(stream, request):
        method, aim, _ = request.split(maxsplit=2)
        if method != b"CONNECT":
            stream.sendall(http(b"through the proxy to " + aim))
            return
        stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", int(aim.rpartition(b":")[2]))) as onward:
            pipes = [threading.Thread(target=pour, args=pair) for pair in ((stream, onward), (onward, stream))]
            for pipe in pipes:
                pipe.start()
            for pipe in pipes:
                pipe.join(10)

    site = serve(tunnel)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, site.url.replace("//", "//me:s%40cret@"))
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return site


def resolve_public(name):
    return ["127.0.0.1" if name == "127.0.0.1" else "93.184.215.14"]


def test_a_proxy_of_the_environment_is_not_used_unless_asked(serve, proxy, http):
    site = serve(http())
    assert Fetcher(allow=LOCAL).get(site.url) == b"picture"
    assert proxy.connections == 0


def test_a_proxy_is_used_where_asked_and_gets_its_password(proxy):
    fetcher = Fetcher(use_environment_proxies=True, resolve=resolve_public)
    assert fetcher.get("http://photos.example/cat.jpg") == b"through the proxy to http://photos.example/cat.jpg"
    assert b"Host: photos.example\r\n" in proxy.requests[0]
    assert b"Proxy-Authorization: Basic bWU6c0BjcmV0\r\n" in proxy.requests[0]


@pytest.mark.slow
def test_https_goes_through_a_tunnel_and_the_password_stays_with_the_proxy(serve, proxy, tls_for, trusted, http):
    site = serve(http(), tls=tls_for("photos.example"))
    fetcher = Fetcher(use_environment_proxies=True, allow=["photos.example"], resolve=resolve_public)
    assert fetcher.get(f"https://photos.example:{site.port}/") == b"picture"
    assert proxy.requests[0].startswith(b"CONNECT photos.example:%d HTTP/1.1\r\n" % site.port)
    assert b"roxy" not in site.requests[0]


def resolve_proxy(name):
    if name == "127.0.0.1":
        return [name]
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_name_that_only_the_proxy_knows_is_left_to_it(proxy):
    fetcher = Fetcher(use_environment_proxies=True, resolve=resolve_proxy)
    assert fetcher.get("http://photos.example/").startswith(b"through the proxy")


@pytest.mark.parametrize("port", [22, 6379])
def test_a_name_that_only_the_proxy_knows_is_asked_on_the_ports_of_the_web_alone(proxy, port):
    url = f"http://photos.example:{port}/"
    with pytest.raises(Unreachable, match=f"port {port} is not one that the web uses"):
        Fetcher(use_environment_proxies=True, resolve=resolve_proxy).get(url)
    assert proxy.connections == 0
    listed = Fetcher(["photos.example"], use_environment_proxies=True, resolve=resolve_proxy)
    assert listed.get(url).startswith(b"through the proxy")


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "intranet.example"])
def test_a_forbidden_address_is_not_asked_through_the_proxy_either(proxy, host):
    with pytest.raises(Unreachable, match="is not asked"):
        Fetcher(use_environment_proxies=True, resolve=lambda _name: ["10.0.0.1"]).get(f"http://{host}/")
    assert proxy.connections == 0


def test_what_no_proxy_names_is_asked_directly(serve, proxy, monkeypatch, http):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = serve(http())
    assert Fetcher(allow=LOCAL, use_environment_proxies=True).get(site.url) == b"picture"
    assert proxy.connections == 0


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "http://", "http://[::1", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_no_fault_of_what_was_asked_for(proxy, monkeypatch, value):
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(Unreachable, match="proxy for http is no http"):
        Fetcher(use_environment_proxies=True, resolve=resolve_public).get("http://photos.example/")

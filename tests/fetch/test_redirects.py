"""Where may a redirect lead, and what goes along?"""

import pytest

from lookalike.errors import Unreachable
from lookalike.fetch import Fetcher

LOCAL = ["127.0.0.1"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize(
    "location", ["/b c.jpg", "b%20c.jpg", "//127.0.0.1:{port}/b%20c.jpg", "HTTP://127.0.0.1:{port}/b c.jpg#x"]
)
def test_a_redirect_is_followed(serve, status, location, http, redirect):
    def reply(stream, request):
        aim = location.format(port=stream.getsockname()[1])
        stream.sendall(http() if b"GET /b%20c.jpg" in request else redirect(aim, status))

    site = serve(reply)
    assert Fetcher(allow=LOCAL).get(f"{site.url}a.jpg") == b"picture"


def test_three_redirects_are_followed_and_a_fourth_is_not(serve, counting_down):
    site = serve(counting_down)
    assert Fetcher(allow=LOCAL).get(f"{site.url}3") == b"picture"
    with pytest.raises(Unreachable, match="redirects more than 3 times"):
        Fetcher(allow=LOCAL).get(f"{site.url}4")
    assert site.connections == 4 + 4


def test_a_redirect_in_a_circle_ends(serve, redirect):
    site = serve(redirect("/"))
    with pytest.raises(Unreachable, match="redirects more than 3 times"):
        Fetcher(allow=LOCAL).get(site.url)
    assert site.connections == 4


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "localhost", "[::1]", "[::ffff:127.0.0.2]", "127.2", "2130706434", "①②⑦.0.0.2"]
)
def test_a_redirect_to_a_forbidden_address_is_not_followed(serve, network, host, http, redirect):
    trap = serve(http(b"secret"), host="::")
    site = serve(redirect(f"http://{host}:{trap.port}/"))
    with pytest.raises(Unreachable):
        Fetcher(allow=LOCAL, resolve=lambda _name: ["::1"]).get(site.url)
    assert site.connections == 1
    assert network.connections == [("127.0.0.1", site.port)]
    assert trap.connections == 0


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:6379/_INFO", "data:image/png;base64,aGk=",
     "http://me:secret@127.0.0.1/", "http://127.0.0.1\\@photos.example/", "http://[::1", "//[x]/",
     "https://" + "x" * 9_000],
)  # fmt: skip
def test_a_redirect_to_something_else_is_not_followed(serve, location, redirect):
    site = serve(redirect(location))
    with pytest.raises(Unreachable, match=r"127.0.0.1 redirects to something that cannot be asked"):
        Fetcher(allow=LOCAL).get(site.url)
    assert site.connections == 1


def test_a_redirect_that_names_no_place_is_a_status(serve, http):
    with pytest.raises(Unreachable, match="status 302"):
        Fetcher(allow=LOCAL).get(serve(http(b"", "302 Found")).url)


def test_a_cookie_is_not_sent_back_nor_a_referer(serve, http):
    def reply(stream, request):
        stream.sendall(http() if b"GET /b" in request else http(b"", "302 Found", set_cookie="a=b", location="/b"))

    site = serve(reply)
    Fetcher(allow=LOCAL).get(site.url)
    assert len(site.requests) == 2
    assert not any(word in site.requests[1].lower() for word in (b"cookie", b"referer", b"authorization"))


def test_each_host_on_the_way_is_looked_up_once(serve, http, redirect):
    asked = []

    def resolve(name):
        asked.append(name)
        return ["127.0.0.1"]

    second = serve(http())
    first = serve(redirect(f"http://b.example:{second.port}/"))
    Fetcher(allow=LOCAL, resolve=resolve).get(f"http://a.example:{first.port}/")
    assert asked == ["a.example", "b.example"]

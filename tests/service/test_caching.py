"""Are pictures kept by browsers as long as they may be, and texts sent as small as they can be?"""

import gzip
import shutil

import brotli
import pytest

from lookalike.service.passage.compressing import chosen
from lookalike.testing import picture_bytes


@pytest.fixture
def one(client) -> dict:
    return client.get("/v1/images?limit=1&sort=path").json()["images"][0]


@pytest.mark.parametrize("kind", ["thumbnail_url", "file_url"])
def test_a_picture_that_is_asked_for_by_its_content_is_kept_for_good(client, one, kind):
    for asked in ({"v": one["sha256"]}, {"v": "0" * 64}, {}):
        answer = client.get(one[kind], params=asked)
        assert answer.status_code == 200
        assert ("immutable" in answer.headers["cache-control"]) is (asked.get("v") == one["sha256"])


def test_an_uploaded_picture_is_kept_for_good_too(empty):
    uploaded = empty.post("/v1/images", files={"image": ("new.png", picture_bytes(91, file_format="png"))})
    image = uploaded.json()["images"][0]["image"]
    for version, is_kept in ((image["sha256"], True), ("0" * 64, False)):
        answer = empty.get(image["file_url"], params={"v": version})
        assert ("immutable" in answer.headers["cache-control"]) is is_kept


def test_a_file_that_has_changed_is_not_kept_for_good(client, one, photos):
    shutil.copy(photos / "holiday" / "picture-1.jpg", one["path"])
    answer = client.get(one["file_url"], params={"v": one["sha256"]})
    assert answer.headers["cache-control"] == "private, no-cache"
    small = client.get(one["thumbnail_url"], params={"v": one["sha256"]})
    assert (small.status_code, small.headers["cache-control"]) == (200, "private, max-age=300")
    assert "etag" not in small.headers


@pytest.mark.parametrize("kind", ["thumbnail_url", "file_url"])
@pytest.mark.parametrize("known", ["*", '"x", {}', "W/{}", "{}"])
def test_a_picture_that_the_caller_has_is_not_sent_again(client, one, kind, known):
    etag = client.get(one[kind]).headers["etag"]
    answer = client.get(one[kind], headers={"if-none-match": known.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(one[kind], headers={"if-none-match": etag[1:-2]}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("identity", ""),
        ("gzip;q=0", ""),
        ("", ""),
        ("gzip;q=zero", ""),
        ("deflate, zstd", ""),
    ],
)
def test_the_best_that_a_caller_takes_is_chosen(accepted, encoding):
    assert chosen(accepted) == encoding


@pytest.mark.parametrize(("encoding", "expand"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_texts_are_sent_small_and_come_out_the_same(server, encoding, expand):
    import http.client

    def get(path: str, accepted: str):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        connection.request("GET", path, headers={"Accept-Encoding": accepted})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    plain, text = get("/v1/images", "identity")
    small, compressed = get("/v1/images", encoding)
    assert plain.headers["content-encoding"] is None
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert small.headers["content-encoding"] == encoding
    assert int(small.headers["content-length"]) == len(compressed) < len(text) / 3
    assert expand(compressed) == text
    page, body = get("/page/docs.css", encoding)
    if page.status == 200 and page.headers["content-encoding"]:
        assert page.headers["etag"].startswith("W/")
        assert expand(body) == get("/page/docs.css", "identity")[1]


def test_pictures_and_short_answers_are_sent_as_they_are(client, one):
    for path in (one["thumbnail_url"], one["file_url"], "/healthz"):
        answer = client.get(path, headers={"accept-encoding": "br"})
        assert "content-encoding" not in answer.headers


@pytest.mark.slow
def test_a_range_of_a_picture_is_of_its_own_bytes(client, one):
    answer = client.get(one["file_url"], headers={"accept-encoding": "br", "range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (206, picture_bytes(0, file_format="jpeg")[:10])

"""Are the gallery's pictures listed, described, shown and handed out as they should be?"""

import io
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anyio import CapacityLimiter
from PIL import Image

from lookalike.errors import NotFound
from lookalike.service.pictures.originals import original_file
from lookalike.testing import make_record
from lookalike.types import Failure, Outcome


@pytest.fixture
def one(client) -> dict:
    """The JPEG picture-0 as the service describes it."""
    return client.get("/v1/images", params={"where": "path:picture-0.jpg"}).json()["images"][0]


@pytest.mark.slow
def test_browsing_in_pages_lists_every_picture_once(client):
    names, cursor = [], ""
    while True:
        page = client.get("/v1/images", params={"limit": 3, "cursor": cursor, "sort": "path"}).json()
        names += [image["path"].rpartition("/")[2] for image in page["images"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert sorted(names) == [f"picture-{n}.{'jpg' if n < 3 else 'png'}" for n in range(10)]


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["uri", "path"])
def test_browsing_goes_on_behind_the_longest_of_names(empty, parts, sort):
    folders = [os.fsdecode(bytes([200 + n]) * 255) for n in range(16)]
    longest = [make_record(Path("/", *folders[:-1], last).as_uri()) for last in (*folders, "z")]
    parts.gallery.put(longest)
    names, cursor = [], ""
    while cursor or not names:
        page = empty.get("/v1/images", params={"limit": 5, "cursor": cursor, "sort": sort})
        assert page.status_code == 200, page.text
        names += [image["id"] for image in page.json()["images"]]
        cursor = page.json()["cursor"]
    assert sorted(names) == sorted(record.id for record in longest)


def test_what_could_not_be_taken_in_is_listed_behind_the_longest_of_names(empty, parts):
    folders = ["é" * 127] * 16
    uris = [Path("/", *folders, str(n)).as_uri() for n in range(3)]
    parts.gallery.put(
        [], [Failure(uri=uri, version="", outcome=Outcome.UNREADABLE, reason="", at=datetime.now(UTC)) for uri in uris]
    )
    first = empty.get("/v1/failures", params={"limit": 2}).json()
    rest = empty.get("/v1/failures", params={"limit": 2, "cursor": first["cursor"]})
    assert [one["uri"] for one in rest.json()["failures"]] == uris[2:]


def test_browsing_with_a_filter_lists_what_passes(client):
    images = client.get("/v1/images", params={"where": "format:jpeg"}).json()["images"]
    assert [image["format"] for image in images] == ["jpeg"] * 3


@pytest.mark.parametrize(
    ("params", "says"),
    [({"where": "labe:dog"}, "^^^^"), ({"sort": "beauty"}, "beauty"), ({"cursor": "x"}, ""), ({"limit": "0"}, "limit")],
)
def test_a_wrong_listing_is_a_problem(empty, params, says, problem):
    problem(empty.get("/v1/images", params=params), 400, says=says)


def test_a_picture_is_described(client, one, photos):
    assert client.get(f"/v1/images/{one['id']}").json() == one
    assert one["uri"] == (photos / "holiday/picture-0.jpg").as_uri()
    assert one["bytes"] == (photos / "holiday/picture-0.jpg").stat().st_size


@pytest.mark.parametrize(
    "path",
    [
        "/v1/images/aaaaaaaaaaaaaaaa",
        "/v1/images/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/images/..%2f..%2fetc%2fpasswd/file",
        "/v1/images/%00/file",
        "/v1/images/'%20OR%201=1--/thumbnail",
        "/v1/images/a/b/c",
        "/page/../service.py",
        "/page/%2e%2e/app.py",
        "/page/%2e%2e%2f%2e%2e%2fapp.py",
        "/page//etc/passwd",
        "/page/",
    ],
)
def test_a_path_to_nothing_is_not_found(empty, path, problem):
    problem(empty.get(path), 404)


def test_an_overlong_id_is_a_problem(empty, problem):
    problem(empty.get(f"/v1/images/{'a' * 5000}"), 400)


@pytest.mark.parametrize(("asked", "given"), [(1, 128), (128, 128), (200, 256), (4096, 320)])
def test_thumbnails_come_in_few_sizes_and_never_larger_than_the_picture(client, one, asked, given):
    answer = client.get(f"/v1/images/{one['id']}/thumbnail", params={"size": asked})
    assert answer.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(answer.content)).size) == given


@pytest.mark.parametrize("size", ["0", "-5", "99999", "big"])
def test_an_impossible_size_is_a_problem(client, one, size, problem):
    problem(client.get(f"/v1/images/{one['id']}/thumbnail", params={"size": size}), 400, says="size")


def test_a_picture_that_is_opened_by_itself_runs_nothing_and_a_page_runs_its_own_scripts(client, one):
    picture, page = (client.get(url).headers["content-security-policy"] for url in (one["thumbnail_url"], "/"))
    assert "sandbox" in picture
    assert "script-src" not in picture
    assert "sandbox" not in page
    assert "script-src 'self'" in page


def test_a_known_thumbnail_is_not_sent_again(client, one):
    url = one["thumbnail_url"]
    etag = client.get(url).headers["etag"]
    again = client.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_original_comes_whole_and_says_what_it_is(client, one, photos):
    answer = client.get(one["file_url"])
    assert answer.content == (photos / "holiday/picture-0.jpg").read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('inline; filename="picture-0.jpg"')
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = client.head(one["file_url"])
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
def test_a_range_of_the_original_comes_alone(client, one, photos, asked, start, end):
    whole = (photos / "holiday/picture-0.jpg").read_bytes()
    answer = client.get(one["file_url"], headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[start:end]
    first = start if start >= 0 else len(whole) + start
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(whole)}"


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 99]
)
def test_a_range_that_cannot_be_understood_is_ignored(client, one, photos, asked):
    answer = client.get(one["file_url"], headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, one["bytes"])


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_a_problem(client, one, asked, problem):
    answer = client.get(one["file_url"], headers={"range": asked})
    problem(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{one['bytes']}"


def test_a_known_original_is_not_sent_again_and_a_changed_one_is_sent_whole(client, one, photos):
    etag = client.get(one["file_url"]).headers["etag"]
    assert client.get(one["file_url"], headers={"if-none-match": f'"other", W/{etag}'}).status_code == 304
    resumed = {"range": "bytes=5-", "if-range": etag}
    assert client.get(one["file_url"], headers=resumed).status_code == 206
    os.utime(photos / "holiday/picture-0.jpg", (1, 1))
    assert client.get(one["file_url"], headers={"if-none-match": etag}).status_code == 200
    assert client.get(one["file_url"], headers=resumed).status_code == 200


@pytest.mark.parametrize("now", [b"secret = 1\n", b"<html><script>alert(1)</script>", b"\x89PNG\r\n\x1a\n rest", b""])
def test_a_file_that_is_no_longer_that_picture_is_not_handed_out(client, one, photos, now, problem):
    (photos / "holiday/picture-0.jpg").write_bytes(now)
    problem(client.get(one["file_url"]), 404, says="any more")


def test_a_link_that_took_the_place_of_a_picture_is_not_followed(client, one, photos, tmp_path, problem):
    shutil.copy(photos / "holiday" / "picture-1.jpg", tmp_path / "private.jpg")
    (photos / "holiday" / "picture-0.jpg").unlink()
    (photos / "holiday" / "picture-0.jpg").symlink_to(tmp_path / "private.jpg")
    for answer in (
        client.get(one["file_url"]),
        client.get(one["thumbnail_url"]),
        client.post("/v1/search", json={"id": one["id"], "crop": [0, 0, 0.5, 0.5]}),
    ):
        problem(answer, 404, says="link")


def test_a_file_that_has_gone_is_not_found(client, one, photos, problem):
    (photos / "holiday/picture-0.jpg").unlink()
    problem(client.get(one["file_url"]), 404, says="not there any more")
    problem(client.get(one["thumbnail_url"]), 404, says="not there any more")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that can be opened and not be read")
def test_a_file_that_its_disk_cannot_read_is_not_found():
    with pytest.raises(NotFound, match="cannot be read: Input/output error"):
        original_file(make_record("file:///proc/self/mem"), "", CapacityLimiter(1))


def test_a_file_that_became_unreadable_has_no_thumbnail_and_says_why(client, one, photos, problem):
    (photos / "holiday/picture-0.jpg").write_bytes(b"GIF89a" + b"\0" * 50)
    problem(client.get(one["thumbnail_url"]), 422)


@pytest.mark.slow
@pytest.mark.parametrize(
    "title",
    [
        '"><script>alert(1)</script>.jpg',
        "a\r\nSet-Cookie: x=1.jpg",
        "../../etc/passwd",
        "日本語.jpg",
        "a" * 5000,
        "…;filename=b",
    ],
)
def test_a_hostile_title_makes_no_hostile_header(filled, client, title):
    record = filled.gallery.scan(limit=1).records[0]
    filled.gallery.put([replace(filled.gallery.get([record.id], embeddings=True)[0], title=title)])
    answer = client.get(f"/v1/images/{record.id}/file")
    disposition = answer.headers["content-disposition"]
    assert answer.status_code == 200
    assert disposition.count('"') == 2
    assert "set-cookie" not in answer.headers
    assert not set("<>\r\n/\\") & set(disposition)
    assert disposition.isascii()
    assert len(disposition) < 3_000


def test_camera_raw_is_always_saved_and_never_shown(filled, client, tmp_path):
    path = tmp_path / "picture.dng"
    path.write_bytes(b"IIRO" + b"\0" * 100)
    record = make_record(path.as_uri(), format="raw")
    filled.gallery.put([record])
    answer = client.get(f"/v1/images/{record.id}/file")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_record_whose_original_is_elsewhere_says_so(filled, client, problem):
    record = make_record("s3://example/cat.jpg")
    filled.gallery.put([record])
    problem(client.get(f"/v1/images/{record.id}/file"), 404)
    problem(client.get(f"/v1/images/{record.id}/thumbnail"), 404)
    assert client.get(f"/v1/images/{record.id}").json()["path"] == "/cat.jpg"


def test_the_original_of_a_picture_on_the_web_is_where_it_is(filled, client):
    record = make_record("https://example.org/cat.jpg")
    filled.gallery.put([record])
    answer = client.get(f"/v1/images/{record.id}/file", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, record.uri)


def test_values_are_counted_that_hold_what_is_typed(client, problem):
    asked = {"field": "folder", "like": "HOLI"}
    (folder,) = client.get("/v1/facets", params=asked).json()["values"]
    assert folder["value"].endswith("/holiday")
    assert folder["count"] == 3
    assert client.get("/v1/facets", params=asked | {"like": "nowhere"}).json()["values"] == []
    problem(client.get("/v1/facets", params=asked | {"like": "a" * 201}), 400, says="like")

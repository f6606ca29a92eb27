"""Can one live with pictures of which an import told neither the format nor the bytes?"""

from dataclasses import replace

import pytest
from uploading import unrelenting

from lookalike.service.ledger import Ledger
from lookalike.service.needs import make_service
from lookalike.testing import make_record, picture_bytes


@pytest.fixture
def path(tmp_path):
    """The file of an imported record; it has no ending, so that nothing but its bytes tells what it is."""
    path = tmp_path / "picture"
    path.write_bytes(picture_bytes(1, file_format="jpeg"))
    return path


@pytest.fixture
def record(parts, path):
    record = make_record(path.as_uri(), version="", sha256="", format="", width=0, height=0, bytes=0)
    parts.gallery.put([record])
    return record


@pytest.fixture
def urls(record) -> dict[str, str]:
    return {kind: f"/v1/images/{record.id}/{kind}" for kind in ("file", "thumbnail")}


@pytest.mark.parametrize(("format_", "ending"), [("jpeg", "jpg"), ("png", "png")])
def test_the_original_is_what_its_bytes_are(empty, path, urls, format_, ending):
    path.write_bytes(picture_bytes(2, file_format=format_))
    answer = empty.get(urls["file"])
    assert answer.status_code == 200, answer.text
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] == f"image/{format_}"
    assert answer.headers["content-disposition"].startswith(f'inline; filename="picture.{ending}"')
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "immutable" not in answer.headers["cache-control"]


def test_the_original_of_a_camera_is_saved_and_never_shown(empty, path, urls):
    path.write_bytes(b"IIRO" + b"\0" * 100)
    answer = empty.get(urls["file"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "content", [b"secret = 1\n", b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""]
)
def test_what_is_no_picture_is_not_handed_out(empty, path, urls, content, problem):
    path.write_bytes(content)
    problem(empty.get(urls["file"]), 404, says="any more")


def test_a_link_in_its_place_is_not_followed(empty, path, urls, tmp_path, problem):
    path.rename(tmp_path / "private")
    path.symlink_to(tmp_path / "private")
    problem(empty.get(urls["file"]), 404, says="link")


def test_an_original_of_which_only_the_version_is_known_is_not_kept_for_good(parts, empty, path, record, urls):
    found = path.stat()
    parts.gallery.put([replace(record, version=f"{found.st_size}-{found.st_mtime_ns}")])
    assert empty.get(urls["file"]).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("known", ["*", '"-256"', 'W/"-256"', '""'])
def test_a_thumbnail_has_no_name_and_is_never_taken_as_known(empty, path, urls, known, problem):
    first = empty.get(urls["thumbnail"], headers={"if-none-match": known})
    assert (first.status_code, "etag" in first.headers) == (200, False)
    path.write_bytes(picture_bytes(2, file_format="jpeg"))
    second = empty.get(urls["thumbnail"], headers={"if-none-match": known})
    assert second.status_code == 200
    assert second.content != first.content
    path.unlink()
    problem(empty.get(urls["thumbnail"], headers={"if-none-match": known}), 404)


def test_it_can_be_forgotten_for_good_and_its_file_stays(parts, calling, path, record, tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        make_service(replace(parts, ledger=ledger)).trash.throw([record.id])
        with calling(replace(unrelenting(parts), ledger=ledger)) as client:
            assert client.get(f"/v1/images/{record.id}").status_code == 404
            assert client.post("/v1/images/restore", json={"ids": [record.id]}).json()["missing"] == [record.id]
    assert path.is_file()

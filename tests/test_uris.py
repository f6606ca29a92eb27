"""Is a picture named alike everywhere?"""

import os
from pathlib import Path, PureWindowsPath

import pytest

from lookalike.uris import image_id, is_web, local_path, shown_path, uri_path, windows_path


def test_an_address_on_the_web_is_one_whatever_the_case_of_its_scheme():
    assert all(map(is_web, ["http://x.org", "https://x.org/a.jpg", "HTTPS://X.org/a.jpg", "Http://x.org"]))
    assert not any(map(is_web, ["", "http", "http:/x.org", "ftp://x.org", "file:///http://x", " http://x.org", "dogs"]))


def test_a_uri_has_the_same_id_for_ever():
    assert image_id("file:///photos/a.jpg") == "p3n5pqiktk4g4jmj"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/%C3%A4%23.jpg", "/a b/ä#.jpg"),
        ("file:///caf%E9.jpg", "/caf\ufffd.jpg"),
        ("https://example.org/a%20b.jpg?size=1", "/a b.jpg"),
        ("http://[no uri", "http://[no uri"),
    ],
)
def test_a_uri_is_read_by_people_as_a_path(uri, path):
    assert uri_path(uri) == path


@pytest.mark.skipif(os.name == "nt", reason="paths there are others")
@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/%C3%A4%23.jpg", Path("/a b/ä#.jpg")),
        ("file://localhost/a.jpg", Path("/a.jpg")),
        ("file://another/a.jpg", None),
        ("https://example.org/a.jpg", None),
        ("/a.jpg", None),
    ],
)
def test_only_a_file_of_this_machine_has_a_path_here(uri, path):
    assert local_path(uri) == path


@pytest.mark.parametrize(
    "path",
    [
        r"C:\a b\ä#.jpg",
        r"\\nas\photos\a.jpg",
        r"\\nas\my photos\100% ä\a#1?.jpg",
        r"\\192.168.1.7\photos\a.jpg",
        r"\\wsl$\Ubuntu\a.jpg",
    ],
)
def test_a_path_of_windows_drive_or_share_survives_the_way_to_a_uri_and_back(path):
    assert PureWindowsPath(windows_path(PureWindowsPath(path).as_uri())) == PureWindowsPath(path)


def test_this_machine_is_no_share():
    assert windows_path("file://localhost/C:/a.jpg") == "C:/a.jpg"
    assert windows_path("file:///photos/a.jpg") == "/photos/a.jpg"


def test_a_path_is_shown_as_far_as_it_can_be_read():
    assert shown_path(Path("/a b/ä#.jpg")) == "/a b/ä#.jpg"
    assert shown_path(Path(os.fsdecode(b"/caf\xe9.jpg"))) == "/caf\ufffd.jpg"

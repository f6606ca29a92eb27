"""What do the values that travel say of themselves?"""

import os
from pathlib import Path, PureWindowsPath

import pytest

from lookalike.types import local_path, shown_path, windows_path


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

"""What do the values that travel say of themselves?"""

import os
from pathlib import Path

import pytest

from lookalike.types import local_path, shown_path


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


def test_a_path_is_shown_as_far_as_it_can_be_read():
    assert shown_path(Path("/a b/ä#.jpg")) == "/a b/ä#.jpg"
    assert shown_path(Path(os.fsdecode(b"/caf\xe9.jpg"))) == "/caf\ufffd.jpg"

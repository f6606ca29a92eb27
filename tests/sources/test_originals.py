"""Is the file of a picture given while it is there, and said to be gone whatever the disk says?"""

import pytest

from lookalike.errors import NotFound
from lookalike.sources import open_original
from lookalike.sources.files import version_of


def test_a_file_that_is_there_is_given(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    assert open_original(path.as_uri()) == path


@pytest.mark.parametrize("name", ["gone.jpg", "folder", "loop", "file/below", "x" * 300, "a%00b"])
def test_what_the_disk_gives_no_file_for_is_not_there_however_the_disk_says_so(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NotFound, match="not there any more"):
        open_original(f"{tmp_path.as_uri()}/{name}")


def test_a_link_is_followed_only_to_the_file_that_it_led_to(tmp_path):
    for name, content in (("first", b"x"), ("second", b"xx")):
        (tmp_path / name).write_bytes(content)
    link = tmp_path / "link"
    link.symlink_to("first")
    version = version_of(link.stat())
    assert open_original(link.as_uri(), version=version) == link
    link.unlink()
    link.symlink_to("second")
    with pytest.raises(NotFound, match="another file"):
        open_original(link.as_uri(), version=version)

"""Does `lookalike copy` take along what lies beside a gallery, and tell nobody a secret?"""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_a_copy_that_was_broken_off_still_gets_the_pictures_of_the_block_list(cli, gallery, album, tmp_path):
    assert cli("block", album / "3.jpg", "--gallery", gallery).code == 0
    target = tmp_path / "copy.gallery"
    link = os.link

    def interrupted(source: Path, path: Path) -> None:
        if ".pictures" in str(path):
            raise KeyboardInterrupt
        link(source, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", interrupted)
        assert cli("copy", gallery, target).code != 0
    assert cli("copy", gallery, target).code == 0
    pictures = [path.name for path in Path(f"{gallery}.blocked.pictures").rglob("*") if path.is_file()]
    assert pictures
    assert [path.name for path in Path(f"{target}.blocked.pictures").rglob("*") if path.is_file()] == pictures


def test_a_token_is_not_told_to_two_servers_where_nothing_says_whose_it_is(cli, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_GALLERY_TOKEN", "ann:hush")
    done = cli("copy", "milvus://127.0.0.1:9/photos", "milvus://127.0.0.2:9/photos")
    assert done.code == 2
    assert "which of the two" in done.stderr
    assert "hush" not in done.stderr

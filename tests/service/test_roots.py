"""Is exactly that allowed which lies below the folders that were named, and under one name?"""

import os
from pathlib import Path

import pytest

from lookalike.errors import NotAllowed
from lookalike.service.roots import Roots


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "pictures" / "inner").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "pictures"


@pytest.mark.skipif(os.name == "nt", reason="links take rights there")
def test_however_a_file_is_spelt_it_has_one_name(folder):
    (folder / "again").symlink_to(folder)
    roots = Roots([folder])
    for spelling in (
        "{0}/inner",
        "/{0}/inner",
        "{0}/again/again/inner",
        "{0}/inner/../inner",
        "{0}/again/../pictures/inner",
    ):
        assert str(roots.allowed(spelling.format(folder))) == str(folder / "inner"), spelling


@pytest.mark.skipif(os.name == "nt", reason="links take rights there")
def test_a_file_is_named_as_its_folder_was(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert Roots([link]).allowed(str(folder / "inner")) == link / "inner"
    assert Roots([link]).allowed(str(link / "inner")) == link / "inner"


@pytest.mark.parametrize("text", ["{}/../elsewhere", "{}x", "inner", "~", "{}/out", "{}/\0", "/", ""])
def test_what_lies_elsewhere_is_refused(folder, text):
    if os.name != "nt":
        (folder / "out").symlink_to(folder.parent / "elsewhere")
    with pytest.raises(NotAllowed):
        Roots([folder]).allowed(text.format(folder))

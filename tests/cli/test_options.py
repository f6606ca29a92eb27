"""Are options read alike by all verbs?"""

import shutil

import pytest

pytestmark = pytest.mark.slow


def test_the_home_folder_may_stand_after_an_option_and_in_quotes(cli, gallery, home, album):
    assert cli("backup", "~/copy.gallery", "--gallery", gallery).code == 0
    assert (home / "copy.gallery").is_file()
    assert cli("search", album / "1.jpg", "--sheet=~/found.html", "--gallery", gallery).code == 0
    assert (home / "found.html").is_file()
    assert cli("export", "~/all.parquet", "--gallery", gallery).code == 0
    assert cli("import", "~/all.parquet", "--gallery", home / "other.gallery").code == 0
    shutil.copy(album / "1.jpg", home / "1.jpg")
    assert cli("index", home / "1.jpg", "--gallery", gallery).code == 0
    assert cli("block", "~/1.jpg", "--gallery", gallery).code == 0
    assert cli("forget", "~/1.jpg", "--gallery", gallery).stdout.startswith("Forgot 1 ")

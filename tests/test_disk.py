"""Is a path read as a shell would?"""

from pathlib import Path

import pytest

from lookalike.disk import expand_home


def test_a_tilde_is_the_home_folder(home):
    assert expand_home("~") == expand_home(Path("~")) == home
    assert expand_home("~/Pictures/a.jpg") == home / "Pictures" / "a.jpg"


@pytest.mark.parametrize("name", ["~$holiday.jpg", "~nobody-at-all/x", "a/~", "", "..", "/~/a"])
def test_other_names_stay_as_they_are(name):
    assert expand_home(name) == expand_home(Path(name)) == Path(name)


@pytest.mark.parametrize("name", ["./~", "./~/a.jpg", "./~root", ".//~", "././~$a"])
def test_a_name_that_begins_with_a_tilde_can_be_meant_by_a_dot(home, name):
    meant = expand_home(name)
    assert meant == home / Path(name)
    assert expand_home(meant) == meant, "it may be read twice"

"""Is a demo that an older Lookalike made put out of the way, and nothing in it lost?"""

import pytest

from lookalike.demo import put_outdated_aside
from lookalike.gallery import open_gallery
from lookalike.testing import make_records, make_space
from lookalike.testing.colour_encoder import ColourEncoder


@pytest.fixture
def gallery(tmp_path):
    """Where the demo's gallery would lie."""
    return tmp_path / "demo.gallery"


def fill(gallery, space):
    with open_gallery(gallery) as opened:
        opened.add_space(space)
        opened.put(make_records(3, space=space.name, dim=space.dim))


@pytest.mark.slow
def test_a_gallery_of_another_encoder_goes_aside_with_all_that_belongs_to_it(gallery):
    for name in ("demo-1.gallery", "demo-2.gallery"):
        fill(gallery, make_space())
        (gallery.parent / "demo.gallery.uploads").mkdir()
        (gallery.parent / "demo.gallery.uploads" / "mine.jpg").write_bytes(b"x")
        assert put_outdated_aside(gallery, ColourEncoder()) == gallery.with_name(name)
        assert not list(gallery.parent.glob("demo.gallery*"))
        assert (gallery.parent / f"{name}.uploads" / "mine.jpg").is_file()
        with open_gallery(gallery.with_name(name), create=False) as aside:
            assert aside.count() == 3


def test_a_gallery_of_this_encoder_stays_and_so_does_none_at_all(gallery):
    assert put_outdated_aside(gallery, ColourEncoder()) is None
    fill(gallery, next(iter(ColourEncoder().spaces.values())))
    assert put_outdated_aside(gallery, ColourEncoder()) is None
    assert gallery.exists()

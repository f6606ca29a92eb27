"""Does the gallery in a file do what every gallery must, whatever form its vectors are scanned in?"""

from pathlib import Path

import pytest

from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.testing import FileGalleryContract

pytestmark = pytest.mark.slow


class TestFew(FileGalleryContract):
    """As a new gallery comes: its vectors are compared one and all."""

    def open_file(self, path: Path) -> Gallery:
        return open_gallery(path)


class TestExact(FileGalleryContract):
    def open_file(self, path: Path) -> SqliteGallery:
        return SqliteGallery.open(path, sizes=Sizes(few=1))


class TestBytes(FileGalleryContract):
    def open_file(self, path: Path) -> SqliteGallery:
        return SqliteGallery.open(path, sizes=Sizes(few=1, exact=5))


class TestBits(FileGalleryContract):
    """Its vectors pass through the other two forms while it fills."""

    def open_file(self, path: Path) -> SqliteGallery:
        return SqliteGallery.open(path, sizes=Sizes(few=1, exact=2, bytes=5, shortlists=(300,)))

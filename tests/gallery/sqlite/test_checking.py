"""Is damage noticed and named?"""

import re
import shutil
from pathlib import Path

import apsw
import numpy as np
import pytest

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.testing import make_records, make_space


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of 400 records, 20 of them deleted, scanned by bits."""
    path = tmp_path_factory.mktemp("sound") / "sound.gallery"
    with SqliteGallery.open(path, sizes=Sizes(exact=10, bytes=100)) as gallery:
        gallery.add_space(make_space())
        gallery.put(make_records(400))
        gallery.delete([one.id for one in make_records(20)])
        assert gallery.check() == []
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM embedding_0 WHERE key = 30", "counts 380"),
        ("DELETE FROM embedding_0 WHERE key = 30", "page 0 otherwise"),
        ("UPDATE embedding_0 SET vector = x'00' WHERE key = 30", "1 embeddings of the space"),
        ("UPDATE embedding_0 SET vector = flipped(vector) WHERE key = 30", "codes of the space"),
        ("UPDATE code_page SET codes = flipped(codes)", "380 codes of the space"),
        ("DELETE FROM words WHERE rowid = 30", "1 records have no words"),
        ("INSERT INTO words(rowid, title) VALUES (3, 'ghost')", "words of 1 records that are gone"),
        ("INSERT INTO free_key VALUES (30)", "1 keys are in use and free"),
        ("DELETE FROM free_key WHERE key = 3", "1 keys are neither in use nor free"),
        ("UPDATE image SET width = width + 1 WHERE key IN (30, 31)", "2 records of page 0"),
        ("UPDATE image SET tags = '[\"unheard of\"]' WHERE key = 30", "page 0"),
        ("UPDATE image SET label = 'unheard of' WHERE key = 30", "1 records of page 0"),
        ("DELETE FROM page", "pages missing"),
        ("INSERT INTO page SELECT 7, 1, zeroblob(length(columns)), x'' FROM page", "too many"),
        ("UPDATE page SET columns = x'00'", "Page 0 has 1 bytes"),
        (
            "UPDATE image SET id = (SELECT id FROM image WHERE key = 31) WHERE key = 30",
            "1 records have the id of another",
        ),
        ("PRAGMA foreign_keys = OFF; DELETE FROM image WHERE key = 30", "embedding_0 belongs to nothing"),
    ],
)
def test_what_does_not_agree_is_found(sound, path, statement, finding):
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.create_scalar_function("flipped", lambda blob: bytes(byte ^ 255 for byte in blob))
    connection.execute(statement)
    connection.close()
    with SqliteGallery.open(path) as gallery:
        findings = gallery.check()
    assert any(finding in one for one in findings), findings


@pytest.mark.slow
def test_broken_pages_of_the_file_are_found(sound, path):
    data = bytearray(sound.read_bytes())
    for start in range(8192 * 4, len(data), 8192):
        data[start : start + 200] = np.random.default_rng(start).bytes(200)
    path.write_bytes(data)
    with SqliteGallery.open(path) as gallery:
        assert any("damaged" in one for one in gallery.check())
        with pytest.raises(GalleryError, match="damaged") as refusal:
            gallery.get([one.id for one in make_records(400)], embeddings=True)
    assert "backup" in refusal.value.fix


def test_of_much_damage_the_first_is_told(sound, path):
    data = bytearray(sound.read_bytes())
    start = len(data) // 2
    data[start : start + 40_000] = np.random.default_rng(0).bytes(40_000)
    path.write_bytes(data)
    with SqliteGallery.open(path) as gallery:
        findings = gallery.check()
    assert re.search(r"SQLite finds the file damaged: [^\n]+, and \d+ more like it\.", findings[0]), findings
    assert all("\n" not in one for one in findings), "a sentence each"

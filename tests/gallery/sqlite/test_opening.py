"""How does a path become an open gallery, and what is refused?"""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest

from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.gallery import open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.serving import Serving
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.gallery.sqlite.schema import APPLICATION_ID, VERSION, prepare
from lookalike.testing import assert_same_records, make_record, make_records, make_space
from lookalike.types import ImageRecord

OPEN_AND_COUNT = """
import sys
from lookalike.gallery.sqlite import SqliteGallery
with SqliteGallery.open(sys.argv[1], create=False) as gallery:
    print(gallery.count(), len(gallery.scan(order="path").records), gallery.check())
"""
OPEN_AND_PUT = """
import sys
from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import make_record
try:
    with SqliteGallery.open(sys.argv[1], create=sys.argv[2] == "create") as gallery:
        print(gallery.count(), end=" ")
        gallery.put([make_record()])
except GalleryError as error:
    print(error.what)
"""

COUNT_WHEN_ASKED = """
import sys
from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery
with SqliteGallery.open(sys.argv[1], create=False) as gallery:
    for line in sys.stdin:
        try:
            print(gallery.count(), len(gallery.scan(order="path").records), gallery.check(), flush=True)
        except GalleryError as error:
            print(error.what, flush=True)
"""


def header(path: Path, **pragmas: int) -> None:
    """Change the header of an SQLite file."""
    connection = sqlite3.connect(path)
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
    connection.commit()
    connection.close()


def test_nothing_is_made_where_nothing_lies_unless_asked_for(path):
    with pytest.raises(NotFound, match="no gallery at"):
        SqliteGallery.open(path, create=False)
    assert not path.exists()
    SqliteGallery.open(path).close()
    SqliteGallery.open(path, create=False).close()


def test_no_path_means_the_default_gallery_in_the_users_data_folder(home):
    with open_gallery() as gallery:
        gallery.put([make_record()])
    with open_gallery(gallery.url, create=False) as again:
        assert again.count() == 1
    assert Path(gallery.url).name == "default.gallery"
    assert Path(gallery.url).is_relative_to(home)


def test_a_tilde_is_the_home_folder(home):
    with open_gallery("~/pictures.gallery"):
        assert (home / "pictures.gallery").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_its_owner_may_read_a_new_gallery(gallery, path):
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("test.gallery-wal").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("url", ["redis://host:6379/name", "elasticsearch://host/name", "https://example.org/x"])
def test_another_kind_of_gallery_is_refused(url):
    with pytest.raises(BadInput, match="no gallery of the kind"):
        open_gallery(url)


@pytest.mark.parametrize("url", ["milvus+ssl://ann:hush@db/photos", "http://root:hush@db/photos", "mivlus://x/hush"])
def test_of_the_url_of_another_kind_only_the_kind_is_said(url):
    with pytest.raises(BadInput, match=re.escape(url.partition("//")[0])) as caught:
        open_gallery(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", ["nul\0byte", "half a pair \udcff"])
def test_a_path_that_sqlite_cannot_take_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match="cannot take"):
        open_gallery(tmp_path / name)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(GalleryError, match="is a folder"):
        open_gallery(tmp_path)


def test_a_gallery_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(GalleryError, match="cannot be made"):
        open_gallery(tmp_path / "missing" / "test.gallery")


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"\xff\xd8\xff" + bytes(10_000))
    with pytest.raises(GalleryError, match="is not a gallery"):
        open_gallery(path)
    assert path.read_bytes() == b"\xff\xd8\xff" + bytes(10_000)


def test_the_database_of_another_program_is_refused_and_left_as_it_is(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks(url)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(GalleryError, match="another program"):
        open_gallery(path)
    assert path.read_bytes() == before


def test_a_gallery_that_is_newer_than_the_program_is_refused_with_the_fix(path):
    open_gallery(path).close()
    header(path, user_version=VERSION + 1)
    with pytest.raises(GalleryError, match="newer Lookalike") as refusal:
        open_gallery(path)
    assert "`git pull`, then `pip install .`" in refusal.value.fix, "what is published under the name may be another's"


def test_an_empty_file_as_a_crash_may_leave_it_becomes_a_gallery(path):
    path.touch()
    with pytest.raises(NotFound):
        open_gallery(path, create=False)
    with open_gallery(path) as gallery:
        assert gallery.count() == 0


def test_an_older_layout_is_brought_up_to_date_step_by_step(path):
    with open_gallery(path) as gallery:
        gallery.put([make_record()])
    upgrades = {VERSION: "ALTER TABLE image ADD COLUMN mood TEXT", VERSION + 1: "UPDATE image SET mood = 'merry'"}
    connection = apsw.Connection(str(path))
    prepare(connection, path, version=VERSION + 2, upgrades=upgrades)
    assert connection.execute("SELECT mood FROM image").get == "merry"
    assert connection.pragma("user_version") == VERSION + 2
    prepare(connection, path, version=VERSION + 2, upgrades={})
    connection.close()


def test_an_upgrade_that_fails_changes_nothing(path):
    open_gallery(path).close()
    connection = apsw.Connection(str(path))
    with pytest.raises(apsw.SQLError):
        prepare(connection, path, version=VERSION + 1, upgrades={VERSION: "DROP TABLE image; SELECT nonsense"})
    connection.close()
    with open_gallery(path) as gallery:
        assert gallery.check() == []


def test_a_new_gallery_says_what_it_is(path):
    open_gallery(path).close()
    connection = apsw.Connection(str(path))
    assert connection.pragma("application_id") == APPLICATION_ID
    assert connection.pragma("user_version") == VERSION
    assert connection.pragma("journal_mode") == "wal"
    connection.close()


@pytest.mark.slow
def test_several_processes_may_make_the_same_gallery_at_once(path):
    code = (
        "import sys\n"
        "from lookalike.gallery.sqlite import SqliteGallery\n"
        "from lookalike.testing import make_record\n"
        "sys.stdin.readline()\n"
        "with SqliteGallery.open(sys.argv[1]) as gallery:\n"
        "    gallery.put([make_record(f'file:///{sys.argv[2]}')])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(number)], stdin=subprocess.PIPE)
        for number in range(4)
    ]
    for process in running:
        process.communicate(b"go\n", timeout=60)
        assert process.returncode == 0
    with open_gallery(path, create=False) as gallery:
        assert gallery.count() == 4
        assert gallery.check() == []


@pytest.fixture
def shared(gallery, path) -> Iterator[Path]:
    """A closed gallery of 40 records, alone in a folder that other users may enter, as they may not enter tmp_path."""
    gallery.close()
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(path, folder))
        Path(folder).chmod(0o755)


@pytest.mark.slow
def test_a_gallery_that_may_only_be_read_is_read(shared, run_as_mortal):
    shared.chmod(0o444)
    shared.parent.chmod(0o555)
    assert run_as_mortal(OPEN_AND_COUNT, shared) == "40 40 []\n"
    assert run_as_mortal(OPEN_AND_PUT, shared, "create").endswith("can only be read.\n")
    assert {file.name for file in shared.parent.iterdir()} == {shared.name}


@pytest.mark.slow
def test_a_gallery_in_a_folder_that_may_not_be_written_is_read(shared, run_as_mortal):
    shared.chmod(0o666)
    shared.parent.chmod(0o555)
    assert run_as_mortal(OPEN_AND_COUNT, shared) == "40 40 []\n"
    assert run_as_mortal(OPEN_AND_PUT, shared, "create").endswith("can only be read.\n")


@pytest.mark.slow
def test_a_read_only_file_in_a_folder_that_may_be_written_is_read(shared, run_as_mortal):
    shared.chmod(0o444)
    shared.parent.chmod(0o777)
    assert run_as_mortal(OPEN_AND_COUNT, shared) == "40 40 []\n"
    assert run_as_mortal(OPEN_AND_PUT, shared, "create").endswith("can only be read.\n")


@pytest.mark.slow
@pytest.mark.parametrize("log", [0o444, 0o600], ids=["with a log for all", "with a log for its owner"])
def test_what_others_write_is_seen_where_nothing_may_be_made_beside_the_gallery(shared, ask_mortal, log):
    shared.chmod(0o444)
    shared.parent.chmod(0o555)
    ask = ask_mortal(COUNT_WHEN_ASKED, shared)
    assert ask() == "40 40 []"
    for before, n in ((40, 400), (400, 1_400)):
        shared.parent.chmod(0o755)
        shared.chmod(0o644)
        with open_gallery(shared) as gallery:
            gallery.put(make_records(n)[before:])
            shared.chmod(0o444)
            for suffix in ("-wal", "-shm"):
                shared.with_name(f"{shared.name}{suffix}").chmod(log)
            said = ask()
            assert said == f"{n} {min(n, 100)} []" or (log == 0o600 and "cannot be merged here" in said)
        shared.parent.chmod(0o555)
        assert ask() == f"{n} {min(n, 100)} []"


@pytest.mark.slow
def test_a_gallery_that_may_not_be_read_is_refused(shared, run_as_mortal):
    shared.chmod(0o000)
    shared.parent.chmod(0o555)
    assert "cannot be read" in run_as_mortal(OPEN_AND_PUT, shared, "open")


@pytest.mark.slow
def test_a_folder_in_which_nothing_may_be_made_is_refused(shared, run_as_mortal):
    shared.parent.chmod(0o555)
    assert "cannot be made: Permission denied" in run_as_mortal(OPEN_AND_PUT, shared.with_name("new"), "create")


@pytest.mark.slow
def test_changes_that_cannot_be_merged_in_a_read_only_folder_are_not_passed_over(shared, run_as_mortal, tmp_path):
    with open_gallery(shared) as gallery:
        gallery.put([make_record("file:///unmerged.jpg")])
        log = shared.with_name(f"{shared.name}-wal")
        unmerged = log.read_bytes()
    assert unmerged
    log.write_bytes(unmerged)
    for file in (shared, log):
        file.chmod(0o444)
    shared.parent.chmod(0o555)
    assert "changes in test.gallery-wal that cannot be merged here" in run_as_mortal(OPEN_AND_PUT, shared, "open")


def test_a_closed_gallery_says_so(gallery):
    gallery.close()
    gallery.close()
    for call in (gallery.count, gallery.failures, lambda: gallery.put(make_records(1, dim=0))):
        with pytest.raises(GalleryError, match="has been closed"):
            call()


def old_records(n: int) -> list[ImageRecord]:
    """Make records of which nothing is said that older layouts cannot hold."""
    return [replace(record, recognised={}, edited=()) for record in make_records(n)]


BACK_TO_LAYOUT_6 = "ALTER TABLE fingerprint_page DROP COLUMN written; PRAGMA user_version = 6;"

BACK_TO_LAYOUT_2 = """
ALTER TABLE fingerprint_page DROP COLUMN written;
ALTER TABLE space DROP COLUMN place;
ALTER TABLE space DROP COLUMN role;
ALTER TABLE image DROP COLUMN recognised;
ALTER TABLE image DROP COLUMN edited;
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5(
  title, caption, tags, name, metadata,
  content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO words(rowid, title, caption, tags, name, metadata) SELECT key, title, caption, '', path, '' FROM image;
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row);
PRAGMA user_version = 2;
"""

BACK_TO_LAYOUT_1 = (
    BACK_TO_LAYOUT_2
    + """
DROP TABLE features;
DROP TABLE fingerprint_page;
ALTER TABLE image DROP COLUMN perceptual;
ALTER TABLE image DROP COLUMN quality;
ALTER TABLE space DROP COLUMN spread;
ALTER TABLE gallery DROP COLUMN identity;
UPDATE code_page SET codes = zeroblob(1024 * 8);  -- nothing but signs
PRAGMA user_version = 1;
"""
)


@pytest.mark.slow
def test_a_gallery_of_the_first_layout_keeps_everything_and_gets_new_codes_with_the_next_picture(path):
    records, sizes = old_records(400), Sizes(few=1, exact=10, bytes=100)
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(make_space())
        gallery.put(records)
    connection = apsw.Connection(str(path))
    connection.execute(BACK_TO_LAYOUT_1)
    connection.close()
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        assert gallery.check() == []
        asked = records[7].embeddings[make_space().name].astype(np.float32)
        assert gallery.nearest(make_space().name, asked[None], 1)[0].ids == (records[7].id,)
        gallery.put([make_record()])
        assert gallery.check() == []
        assert gallery.nearest(make_space().name, asked[None], 1)[0].ids == (records[7].id,)
        assert len(gallery.get([record.id for record in records])) == 400


def test_a_gallery_of_the_second_layout_keeps_everything_and_can_be_described(path):
    records = old_records(40)
    with SqliteGallery.open(path) as gallery:
        gallery.add_space(make_space())
        gallery.put(records)
    connection = apsw.Connection(str(path))
    connection.execute(BACK_TO_LAYOUT_2)
    connection.close()
    with SqliteGallery.open(path) as gallery:
        assert gallery.check() == []
        assert gallery.serving == Serving(now=(make_space().name,))
        assert_same_records(gallery.get([record.id for record in records], embeddings=True), records)
        first = records[0].id
        (now,) = gallery.describe([first], lambda one: replace(one, tags=("okapi",), recognised={"zebra": 0.5}))
        assert gallery.get([first]) == [now]
        assert gallery.match_text("okapi", 5).ids == gallery.match_text("zebra", 5).ids == (first,)
        assert gallery.count(parse_filter("tag:okapi tag:zebra")) == 1
        assert gallery.check() == []


def test_words_are_written_anew_where_an_older_program_knew_one_spelling_only(path):
    with open_gallery(path) as gallery:
        gallery.put([make_record("file:///Muenchen_1.jpg", title="Bäume", caption="eine Straße", tags=("Öl",))])
    connection = apsw.Connection(str(path))
    connection.execute(BACK_TO_LAYOUT_6)
    connection.execute("INSERT INTO words(words) VALUES ('delete-all'); PRAGMA user_version = 5")
    connection.close()
    with open_gallery(path) as gallery:
        for word in ("strasse", "münchen", "baeume", "oel"):
            assert len(gallery.match_text(word, 5).ids) == 1, word


def test_of_pages_that_an_older_program_changed_all_fingerprints_come_and_of_those_changed_since_only_what_did(path):
    records = make_records(20, dim=0)
    with open_gallery(path) as gallery:
        gallery.put(records[:10])
        before = gallery.state.revision
        gallery.put(records[10:19])
    connection = apsw.Connection(str(path))
    connection.execute(BACK_TO_LAYOUT_6)
    connection.close()
    with open_gallery(path) as gallery:
        upgraded = gallery.state.revision
        gallery.delete([records[3].id])
        assert [len(page.keys) for page in gallery.fingerprints(before)] == [18]
        assert [(len(page.held), len(page.keys)) for page in gallery.fingerprints(upgraded)] == [(18, 0)]
        gallery.put(records[19:])
        assert [(len(page.held), page.keys.tolist()) for page in gallery.fingerprints(upgraded)] == [(19, [3])]
        assert [len(page.keys) for page in gallery.fingerprints(before)] == [19]


def test_a_gallery_that_an_older_program_made_is_upgraded_with_all_it_holds(path):
    """`layout-2.gallery.gz` was written by the last program that knew layout 2."""
    path.write_bytes(gzip.decompress((Path(__file__).parent / "layout-2.gallery.gz").read_bytes()))
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
    with SqliteGallery.open(path) as gallery:
        assert gallery.check() == []
        assert gallery.count() == 6
        (zebra,) = gallery.get(list(gallery.match_text("zizkov", 5).ids), embeddings=True)
        assert (zebra.title, zebra.caption, zebra.caption_source) == ("Zebra", "a zebra in Žižkov", "source")
        assert (zebra.tags, zebra.recognised, zebra.edited) == (("africa",), {}, ())
        assert [failure.uri for failure in gallery.failures()] == ["file:///photos/broken.jpg"]
        for record in make_records(5, dim=8):
            asked = record.embeddings["toy@1/colour"].astype(np.float32)
            assert gallery.nearest("toy@1/colour", asked[None], 1)[0].ids == (record.id,)

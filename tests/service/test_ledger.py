"""Does what the service remembers stay whole, private, and apart from other versions?"""

import stat

import apsw
import pytest

from lookalike.errors import GalleryError
from lookalike.gallery.packing import pack_record, unpack_record
from lookalike.service.ledger import Ledger
from lookalike.testing import make_record


def test_what_is_written_is_there_for_the_next_who_opens_it(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger, ledger.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (?, ?)", ("a", "b"))
    with Ledger(tmp_path / "ledger") as ledger, ledger.transaction() as connection:
        assert connection.execute("SELECT text FROM notes").get == "b"
    assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o600


def test_whatever_lies_beside_it_while_it_is_open_is_as_private(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        with ledger.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES (?, ?)", ("a", "b"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["ledger", "ledger-wal", "ledger-shm"], 0o600)


def test_on_a_mac_it_is_written_past_the_memory_of_the_drive(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger, ledger.transaction() as connection:
        assert connection.pragma("fullfsync") == 1


def test_it_may_be_the_first_file_in_its_folder(tmp_path):
    with Ledger(tmp_path / "new" / "folder" / "ledger"):
        assert (tmp_path / "new" / "folder" / "ledger").exists()


def test_one_of_version_1_learns_what_came_since_and_loses_nothing(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger, ledger.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('a', 'b'); DROP TABLE edits; PRAGMA user_version = 1")
    with Ledger(tmp_path / "ledger") as ledger, ledger.transaction() as connection:
        assert connection.execute("SELECT text FROM notes").get == "b"
        assert connection.execute("SELECT count(*) FROM edits").get == 0


def test_a_transaction_that_fails_leaves_nothing():
    ledger = Ledger()

    def write_and_fail() -> None:
        with ledger.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES (?, ?)", ("a", "b"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with ledger.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM notes").get == 0


def test_a_file_that_cannot_be_opened_or_is_another_is_said_so(tmp_path):
    (tmp_path / "text").write_bytes(b"no database" * 100)
    with pytest.raises(GalleryError, match="cannot be used"):
        Ledger(tmp_path / "text" / "below")
    with pytest.raises(GalleryError, match="cannot be used"):
        Ledger(tmp_path / "text")
    other = apsw.Connection(str(tmp_path / "newer"))
    other.pragma("user_version", 99)
    other.close()
    with pytest.raises(GalleryError, match="another version"):
        Ledger(tmp_path / "newer")


def test_a_record_comes_back_as_it_was():
    record = make_record("file:///a/%F0%9F%90%BC%FF.jpg")
    assert repr(unpack_record(pack_record(record))) == repr(record)

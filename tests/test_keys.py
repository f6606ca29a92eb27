"""Are keys kept so that nobody can read, guess, lose or prolong one?"""

import errno
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.keys import PREFIX, KeyFile, covers, parse_expiry

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path) -> KeyFile:
    return KeyFile(tmp_path / "photos.gallery.keys")


def test_a_key_opens_what_it_was_made_for(file):
    made, text = file.add("phone", "write")
    assert file.find(text) == made
    assert made.scope == "write"
    assert file.get(made.id) == made


def test_a_key_is_random_and_shown_by_its_beginning(file):
    texts = {file.add(f"key {n}")[1] for n in range(20)}
    assert len(texts) == 20
    assert all(text.startswith(PREFIX) and len(text) >= 43 for text in texts)


def test_the_key_itself_is_kept_nowhere(file):
    _, text = file.add("phone")
    assert text not in file.path.read_text()
    assert text.removeprefix(PREFIX)[:12] not in file.path.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_the_owner_may_read_the_file_whatever_the_mask(file):
    before = os.umask(0)
    try:
        file.add("phone")
        file.add("tablet")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert {path.name for path in file.path.parent.iterdir()} == {file.path.name, f"{file.path.name}.lock"}


@pytest.mark.parametrize("text", ["", "lk_", "lk_wrong", "\ud800", "x" * 100_000])
def test_what_is_no_key_opens_nothing(file, text):
    file.add("phone")
    assert file.find(text) is None


def test_a_revoked_key_opens_nothing_also_where_the_file_was_read_before(file):
    running = KeyFile(file.path)
    made, text = file.add("phone")
    other = file.add("tablet")[1]
    assert running.find(text) is not None
    assert file.revoke("phone") == made
    assert running.find(text) is None
    assert running.get(made.id) is None
    assert running.find(other) is not None


def test_a_key_can_be_revoked_by_its_id(file):
    made, text = file.add("phone")
    file.revoke(made.id)
    assert file.find(text) is None


def test_a_key_whose_time_is_over_opens_nothing(file):
    made, text = file.add("guest", expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert file.find(text) == made
    stored = json.loads(file.path.read_text())
    stored["keys"][0]["expires_at"] = "2020-01-01T00:00:00+00:00"
    file.path.write_text(json.dumps(stored))
    assert file.find(text) is None
    assert file.get(made.id) is None
    assert [key.name for key in file.all()] == ["guest"]


def test_names_are_told_apart(file):
    made, _ = file.add("phone")
    for taken in ("phone", made.id):
        with pytest.raises(BadInput, match="There is a key called"):
            file.add(taken)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2J", "x" * 101])
def test_a_name_that_cannot_be_shown_is_refused(file, name):
    with pytest.raises(BadInput, match="cannot be called"):
        file.add(name)
    assert not file.exists()


def test_a_time_that_is_over_already_is_refused(file):
    with pytest.raises(BadInput, match="over already"):
        file.add("phone", expires_at=NOW - timedelta(days=100_0))
    with pytest.raises(BadInput, match=r"since 2020-01-02 00:00 UTC\."):  # a day counts to its end
        file.add("phone", expires_at=parse_expiry("2020-01-01"))


def test_what_is_not_there_cannot_be_revoked(file):
    with pytest.raises(NotFound, match="lookalike keys list"):
        file.revoke("phone")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"version": 1}',
        b'{"version": 1, "keys": [{}]}',
        b"\xff\xfe",
        b'{"version": 2, "keys": []}',
    ],
)
def test_a_damaged_file_opens_nothing_and_says_so(file, content):
    file.path.write_bytes(content)
    file.path.chmod(0o600)
    for ask in (file.all, lambda: file.find("lk_x"), lambda: file.add("phone")):
        with pytest.raises(GalleryError, match="key file"):
            ask()
    assert file.path.read_bytes() == content


def test_a_time_that_somebody_wrote_by_hand_is_local(file):
    _, text = file.add("phone")
    stored = json.loads(file.path.read_text())
    for until, opens in (("2099-01-01", True), ("2001-01-01T12:00:00", False)):
        stored["keys"][0]["expires_at"] = until
        file.path.write_text(json.dumps(stored))
        assert (file.find(text) is not None) is opens


def test_a_scope_that_there_is_not_opens_nothing(file):
    file.add("phone")
    file.path.write_text(file.path.read_text().replace('"read"', '"root"'))
    with pytest.raises(GalleryError):
        file.all()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_may_write_is_not_believed_from_then_on(file, mode):
    _, text = file.add("phone")
    assert file.find(text) is not None
    file.path.chmod(mode)
    with pytest.raises(GalleryError, match="chmod 600"):
        file.find(text)


@pytest.mark.slow
def test_keys_that_are_made_at_the_same_time_are_all_kept(file):
    code = (
        "import sys; from pathlib import Path; from lookalike.keys import KeyFile\n"
        "[KeyFile(Path(sys.argv[1])).add(f'{sys.argv[2]}-{n}') for n in range(20)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, file.path, str(one)]) for one in range(4)]
    assert [one.wait(60) for one in running] == [0] * 4
    assert len(file.all()) == 80


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("12h", NOW + timedelta(hours=12)),
        ("90d", NOW + timedelta(days=90)),
        (" 2W ", NOW + timedelta(weeks=2)),
        ("1y", NOW + timedelta(days=365)),
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2027-01-31T10:00+02:00", datetime(2027, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_read(text, until):
    assert parse_expiry(text, NOW) == until
    assert parse_expiry(text, NOW).utcoffset() == timedelta(0), "as which it is shown"


@pytest.mark.parametrize("text", ["", "soon", "90", "-1d", "90 days", "2027-13-01", "99999y"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(BadInput, match="no time"):
        parse_expiry(text, NOW)


def test_the_wider_scope_holds_the_narrower():
    assert covers("admin", "read")
    assert covers("write", "write")
    assert not covers("read", "write")
    assert not covers("write", "admin")


def test_on_a_full_disk_whoever_makes_a_key_is_told_to_make_room(tmp_path, monkeypatch):
    def full(*_: object, **__: object):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lookalike.keys.replacing", full)
    with pytest.raises(GalleryError, match="No space left on device") as refusal:
        KeyFile(tmp_path / "keys").add("phone")
    assert refusal.value.fix == "Make room there."

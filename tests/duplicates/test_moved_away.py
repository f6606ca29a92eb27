"""Is it known where pictures were moved to, as long as they lie there?"""

from pathlib import Path

import pytest

from lookalike.duplicates import Action, Journal
from lookalike.duplicates.moved_away import MovedAway


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def move(journal: Journal, path: Path, folder: Path):
    to = folder / path.relative_to(path.anchor)
    return journal.begin(Action.MOVE, path, kept="", to=str(to), sha256="", modified_ns=0)


def test_what_was_moved_is_known_until_it_is_back(journal, tmp_path):
    photos, spare = tmp_path / "photos", tmp_path / "photos" / "spare"
    moved_away = MovedAway(journal.path, [photos])
    assert set(moved_away()) == set()
    journal.finish(journal.begin(Action.DELETE, photos / "b.jpg", kept="", sha256="", modified_ns=0))
    deed = move(journal, photos / "a.jpg", spare)
    assert set(moved_away()) == {Path(deed.to)}
    journal.finish(deed, undone=True)
    assert set(moved_away()) == set()


def test_a_folder_that_is_asked_for_by_name_is_wanted_with_what_was_moved_there(journal, tmp_path):
    photos, spare = tmp_path / "photos", tmp_path / "photos" / "spare"
    deed = move(journal, photos / "a.jpg", spare)
    for asked in (spare, Path(deed.to).parent):
        assert set(MovedAway(journal.path, [asked])()) == set()
    for asked in (photos, tmp_path):
        assert set(MovedAway(journal.path, [asked])()) == {Path(deed.to)}
    assert set(MovedAway(journal.path, [tmp_path / "elsewhere"])()) == set()
    into_itself = move(journal, photos / "c.jpg", photos)
    assert Path(into_itself.to) in MovedAway(journal.path, [photos])()


def test_a_folder_is_asked_for_however_it_is_spelt(journal, tmp_path):
    photos, spare = tmp_path / "photos", tmp_path / "photos" / "spare"
    spare.mkdir(parents=True)
    (tmp_path / "link").symlink_to(spare)
    (tmp_path / "all").symlink_to(photos)
    deed = move(journal, photos / "a.jpg", photos / "x" / ".." / "spare")
    below = Path(deed.path).relative_to(tmp_path.anchor)
    for asked in (spare, tmp_path / "link", tmp_path / "all" / "spare"):
        assert set(MovedAway(journal.path, [asked])()) == set()
    assert set(MovedAway(journal.path, [photos])()) == {spare / below}
    assert set(MovedAway(journal.path, [tmp_path / "all"])()) == {tmp_path / "all" / "spare" / below}


def test_what_was_moved_within_a_folder_that_is_named_by_a_link_is_no_new_picture(journal, tmp_path):
    photos, link = tmp_path / "photos", tmp_path / "link"
    photos.mkdir()
    link.symlink_to(photos)
    deed = move(journal, link / "a.jpg", photos)
    below = Path(deed.path).relative_to(tmp_path.anchor)
    assert set(MovedAway(journal.path, [link])()) == {link / below}


def test_a_journal_is_read_on_from_where_it_was_and_anew_when_it_is_another(journal, tmp_path, monkeypatch):
    photos, spare = tmp_path / "photos", tmp_path / "photos" / "spare"
    began: list[int] = []
    read = Journal.lines_after
    monkeypatch.setattr(Journal, "lines_after", lambda self, place: began.append(place) or read(self, place))
    moved_away = MovedAway(journal.path, [photos])
    first = move(journal, photos / "a.jpg", spare)
    assert moved_away() == {Path(first.to)}
    size = journal.path.stat().st_size
    with journal.path.open("a") as file:
        file.write('{"number"')  # cut off by a crash; the next one drops it
    assert moved_away() == {Path(first.to)}
    second = move(journal, photos / "b.jpg", spare)
    assert moved_away() == {Path(first.to), Path(second.to)}
    assert began == [0, size, size]
    journal.path.unlink()
    other = move(journal, photos / "c.jpg", spare)
    assert moved_away() == {Path(other.to)}


def test_a_journal_that_cannot_be_read_keeps_nobody_from_indexing(journal):
    moved_away = MovedAway(journal.path, [])
    journal.path.write_text('{"number": 1}\n')
    assert set(moved_away()) == set()


def test_one_thread_looks_at_a_time_and_the_others_step_aside(journal, tmp_path, assert_steps_aside):
    moved_away = MovedAway(journal.path, [tmp_path])
    deed = move(journal, tmp_path / "a.jpg", tmp_path / "spare")
    moved_away._reading.acquire()
    assert_steps_aside(moved_away, moved_away._reading.release)
    assert moved_away() == {Path(deed.to)}

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
    for asked in (photos, tmp_path, tmp_path / "elsewhere"):
        assert set(MovedAway(journal.path, [asked])()) == {Path(deed.to)}
    into_itself = move(journal, photos / "c.jpg", photos)
    assert Path(into_itself.to) in MovedAway(journal.path, [photos])()


def test_a_journal_that_cannot_be_read_keeps_nobody_from_indexing(journal):
    moved_away = MovedAway(journal.path, [])
    journal.path.write_text('{"number": 1}\n')
    assert set(moved_away()) == set()

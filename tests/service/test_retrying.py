"""Is just that tried again over HTTP which may be indexed over HTTP?"""

from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.fetch import Fetcher
from lookalike.ingest import ingest
from lookalike.service.jobs import JobKind
from lookalike.service.jobs.indexing import index_path, retry_failures
from lookalike.service.jobs.job import Job
from lookalike.sources import TableSource
from lookalike.testing import picture_bytes

BROKEN = b"\xff\xd8\xff broken"


@pytest.fixture
def folder(tmp_path) -> Path:
    """The folder that may be indexed; beside it lies another."""
    for name in ("pictures", "elsewhere"):
        (tmp_path / name).mkdir()
    return tmp_path / "pictures"


@pytest.fixture
def rooted(parts, folder):
    return replace(parts, index_roots=(folder,))


def index(parts, path: Path) -> None:
    index_path(parts, path)(Job(JobKind.INDEX, str(path)))


def retry(parts) -> None:
    retry_failures(parts)(Job(JobKind.RETRY, "failures"))


def failed(parts) -> dict[str, str]:
    return {failure.uri: failure.reason for failure in parts.gallery.failures()}


def test_a_link_to_a_folder_elsewhere_stays_a_failure(rooted, folder):
    (folder.parent / "elsewhere" / "secret.png").write_bytes(picture_bytes(1))
    (folder / "link").symlink_to(folder.parent / "elsewhere")
    index(rooted, folder)
    before = failed(rooted)
    assert before == {(folder / "link").as_uri(): "the link leads out of the folders that may be indexed"}
    retry(rooted)
    assert (rooted.gallery.count(), failed(rooted)) == (0, before)


def test_a_link_that_leads_inside_by_now_is_followed(rooted, folder):
    (folder / "a.png").write_bytes(picture_bytes(1))
    (folder / "link.png").symlink_to(folder.parent / "elsewhere" / "b.png")
    index(rooted, folder)
    assert len(failed(rooted)) == 1
    (folder / "link.png").unlink()
    (folder / "link.png").symlink_to(folder / "a.png")
    retry(rooted)
    assert (rooted.gallery.count(), failed(rooted)) == (2, {})


@pytest.mark.parametrize("root", ["pictures", "pictures/a.png"])
def test_a_file_that_failed_is_taken_in_whether_its_folder_was_named_or_itself(parts, folder, root):
    rooted = replace(parts, index_roots=(folder.parent / root,))
    (folder / "a.png").write_bytes(BROKEN)
    index(rooted, folder.parent / root)
    assert len(failed(rooted)) == 1
    (folder / "a.png").write_bytes(picture_bytes(1))
    retry(rooted)
    assert (rooted.gallery.count(), failed(rooted)) == (1, {})


@pytest.mark.parametrize(("spelling", "taken"), [("elsewhere", 1), ("pictures/link", 0)])
@pytest.mark.parametrize("is_rooted", [True, False])
def test_what_its_owner_had_indexed_elsewhere_is_tried_again_unless_by_a_link(
    parts, rooted, folder, spelling, taken, is_rooted
):
    parts = rooted if is_rooted else parts
    (folder / "link").symlink_to(folder.parent / "elsewhere")
    picture = folder.parent / spelling / "b.png"
    picture.write_bytes(BROKEN)
    list(parts.library.index(picture))
    assert failed(parts).keys() == {picture.as_uri()}
    picture.write_bytes(picture_bytes(1))
    retry(parts)
    assert (parts.gallery.count(), len(failed(parts))) == (taken, 1 - taken)


def test_a_failure_at_the_root_opens_nothing_beside_it(rooted, folder):
    index(rooted, folder)
    assert failed(rooted).keys() == {folder.as_uri() + "/"}
    (folder.parent / "elsewhere" / "secret.png").write_bytes(picture_bytes(1))
    (folder / "link.png").symlink_to(folder.parent / "elsewhere" / "secret.png")
    retry(rooted)
    assert rooted.gallery.count() == 0


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_folder_that_failed_waits_for_its_own_indexing(rooted, folder, is_listed):
    index(rooted, folder)
    before = failed(rooted)
    assert before.keys() == {folder.as_uri() + "/"}
    (folder / "a.png").write_bytes(picture_bytes(1))
    (index(rooted, folder) if is_listed else retry(rooted))
    assert (rooted.gallery.count(), failed(rooted)) == ((1, {}) if is_listed else (0, before))


def test_what_failed_as_a_file_and_is_a_folder_now_is_not_listed(parts, folder):
    (folder / "a.png").write_bytes(BROKEN)
    list(parts.library.index(folder / "a.png"))
    (folder / "a.png").unlink()
    (folder / "a.png").mkdir()
    (folder / "a.png" / "b.png").write_bytes(picture_bytes(1))
    for source in parts.library.sources_to_retry():
        assert list(parts.library.ingest(source, retry=True)) == []
    assert parts.gallery.count() == 0


def test_a_table_that_failed_is_not_tried_as_a_picture(parts, folder):
    (folder / "t.csv").write_text("image\n")
    list(ingest(TableSource(folder / "t.csv", Fetcher()), parts.gallery, parts.encoder, parts.library.decoder))
    before = failed(parts)
    assert before == {f"{(folder / 't.csv').as_uri()}/": "the table names no picture"}
    retry(parts)
    assert failed(parts) == before

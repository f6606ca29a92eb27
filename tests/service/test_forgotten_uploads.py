"""What becomes of an uploaded picture's file when nothing speaks of it any more?"""

import os
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from uploading import kept, unrelenting, upload
from waiting import eventually

from lookalike.config import Settings
from lookalike.errors import GalleryError
from lookalike.service import Parts
from lookalike.service.ledger import Ledger
from lookalike.service.needs import make_service
from lookalike.testing import MemoryGallery, make_record, picture_bytes

pytestmark = pytest.mark.slow


def test_forgetting_an_uploaded_picture_deletes_its_file_when_it_cannot_come_back(parts, calling):
    with calling(unrelenting(parts)) as client:
        image = upload(client, picture_bytes(1)).json()["images"][0]["image"]
        assert client.delete(f"/v1/images/{image['id']}").status_code == 204
        assert client.get(f"/v1/images/{image['id']}").status_code == 404
        client.app.state.service.trash.sweep()
        assert kept(parts) == []
        assert upload(client, picture_bytes(1)).json()["images"][0]["outcome"] == "added"


def test_a_forgotten_upload_keeps_its_file_and_comes_back_whole(parts, empty):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    empty.patch(f"/v1/images/{image['id']}", json={"tags": ["mine"], "metadata": {"stars": 5}})
    before = parts.gallery.get([image["id"]], embeddings=True)
    empty.delete(f"/v1/images/{image['id']}")
    assert parts.gallery.count() == 0
    answer = empty.post("/v1/images/restore", json={"ids": [image["id"], "a" * 16]}).json()
    assert [one["tags"] for one in answer["images"]] == [["mine"]]
    assert answer["missing"] == ["a" * 16]
    (after,) = parts.gallery.get([image["id"]], embeddings=True)
    assert repr(after) == repr(before[0])
    assert empty.get(image["file_url"]).content == picture_bytes(1)
    assert empty.post("/v1/images/restore", json={"ids": [image["id"]]}).json()["missing"] == [image["id"]]


def test_what_was_uploaded_again_after_it_was_forgotten_is_left_as_it_is(parts, empty):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    empty.delete(f"/v1/images/{image['id']}")
    upload(empty, picture_bytes(1))
    empty.patch(f"/v1/images/{image['id']}", json={"title": "new"})
    empty.post("/v1/images/restore", json={"ids": [image["id"]]})
    assert empty.get(f"/v1/images/{image['id']}").json()["title"] == "new"


def test_an_upload_that_is_refused_takes_no_file_from_what_may_still_come_back(parts, empty, calling):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    empty.delete(f"/v1/images/{image['id']}")
    parts.library.blocklist.add(picture_bytes(1), "unwanted")
    assert upload(empty, picture_bytes(1)).status_code == 403
    empty.post("/v1/images/restore", json={"ids": [image["id"]]})
    assert empty.get(image["file_url"]).content == picture_bytes(1)


def test_what_was_indexed_again_after_it_was_forgotten_gets_back_what_a_person_wrote(parts, empty):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    empty.patch(f"/v1/images/{image['id']}", json={"caption": "Grandma", "tags": ["family"]})
    empty.delete(f"/v1/images/{image['id']}")
    upload(empty, picture_bytes(1))
    empty.patch(f"/v1/images/{image['id']}", json={"tags": ["anew"]})
    (told,) = empty.post("/v1/images/restore", json={"ids": [image["id"]]}).json()["images"]
    stored = empty.get(f"/v1/images/{image['id']}").json()
    assert [(one["caption"], one["tags"]) for one in (told, stored)] == [("Grandma", ["anew"])] * 2


def test_a_forgotten_upload_is_not_swept_while_it_may_come_back(parts):
    service = make_service(parts)
    path = cut_off(parts, picture_bytes(2))
    record = replace(make_record(path.as_uri()), sha256=path.stem)
    parts.gallery.put([record])
    service.trash.throw([record.id])
    service.sweep_cut_off()
    assert path.exists()


def test_restoring_outlives_a_restart(parts, tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        record = make_record("file:///a.jpg")
        parts.gallery.put([record])
        make_service(replace(parts, ledger=ledger)).trash.throw([record.id])
    with Ledger(tmp_path / "ledger") as ledger:
        assert make_service(replace(parts, ledger=ledger)).trash.restore([record.id]) == [record]


def test_forgetting_a_picture_of_a_folder_leaves_its_file(client, photos, problem):
    image = client.get("/v1/images").json()["images"][0]
    assert client.delete(f"/v1/images/{image['id']}").status_code == 204
    assert Path(image["path"]).is_file()
    problem(client.delete(f"/v1/images/{image['id']}"), 404)


def test_what_is_uploaded_and_deleted_once_more_while_its_file_is_about_to_go_comes_back_whole(parts):
    class Stripe:
        """A lock before which somebody uploads the picture and deletes it once more."""

        def __enter__(self) -> None:
            parts.gallery.put([record])
            service.trash.throw([record.id])

        def __exit__(self, *_: object) -> None:
            pass

    service, path = make_service(parts), stray(parts, picture_bytes(2))
    record = replace(make_record(path.as_uri()), sha256=path.stem)
    parts.gallery.put([record])
    service.trash.throw([record.id])
    with parts.ledger.transaction() as connection:
        connection.execute("UPDATE trash SET thrown = 0")
    service.uploads._locks = [Stripe()] * len(service.uploads._locks)
    service.trash.sweep()
    assert path.exists()
    assert [one.id for one in service.trash.restore([record.id])] == [record.id]
    service.trash.close()


@pytest.mark.parametrize("below", ["../secret.jpg", "ab/../../secret.jpg", "ab/notes.jpg", "ab/link.jpg"])
def test_forgetting_a_record_that_points_oddly_deletes_nothing(parts, empty, tmp_path, below):
    (tmp_path / "secret.jpg").write_bytes(b"mine")
    (parts.library.uploads / "ab").mkdir(parents=True)
    (parts.library.uploads / "ab" / "notes.jpg").write_bytes(b"mine")
    (parts.library.uploads / "ab" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    record = make_record(f"{parts.library.uploads.as_uri()}/{below}")
    parts.gallery.put([record])
    assert empty.delete(f"/v1/images/{record.id}").status_code == 204
    assert (tmp_path / "secret.jpg").read_bytes() == b"mine"
    assert (parts.library.uploads / "ab" / "notes.jpg").exists()


def test_forgetting_through_a_link_in_the_uploads_folder_deletes_nothing_elsewhere(parts, empty, tmp_path):
    name = "ab" + "0" * 62 + ".jpg"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / name).write_bytes(b"mine")
    parts.library.uploads.mkdir()
    (parts.library.uploads / "ab").symlink_to(tmp_path / "elsewhere")
    record = make_record((parts.library.uploads / "ab" / name).as_uri())
    parts.gallery.put([record])
    assert empty.delete(f"/v1/images/{record.id}").status_code == 204
    assert (tmp_path / "elsewhere" / name).read_bytes() == b"mine"


def test_what_a_crash_left_half_uploaded_is_swept_away_after_a_day(parts, calling):
    incoming = parts.library.uploads / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "upload-old").write_bytes(b"half")
    (incoming / "upload-new").write_bytes(b"half")
    os.utime(incoming / "upload-old", (1, 1))
    with calling(parts):
        assert eventually(lambda: kept(parts) == ["upload-new"]), "the old one was never swept"


def stray(parts, content: bytes) -> Path:
    """A file as an upload leaves it, of which the gallery knows nothing; it has lain there for days."""
    digest = sha256(content).hexdigest()
    path = parts.library.uploads / digest[:2] / f"{digest}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - 3 * 86_400,) * 2)
    return path


def cut_off(parts, content: bytes, *, hours: float = 2) -> Path:
    """A file as an upload leaves it that a crash cut off before its record was written, so many hours ago."""
    path = stray(parts, content)
    note = parts.library.uploads / "incoming" / path.name
    note.parent.mkdir(exist_ok=True)
    note.touch()
    os.utime(note, (time.time() - 3600 * hours,) * 2)
    return path


def test_a_file_whose_upload_was_cut_off_is_swept_away_and_nothing_else(parts, empty):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    lost = cut_off(parts, picture_bytes(2))
    (parts.library.uploads / "ab").mkdir(exist_ok=True)
    (parts.library.uploads / "ab" / "notes.jpg").write_bytes(b"mine")
    make_service(parts).sweep_cut_off()
    assert not lost.exists()
    assert kept(parts) == sorted(["notes.jpg", Path(image["path"]).name]), "the note has gone, too"


def test_an_upload_of_another_program_has_an_hour_to_get_its_record(parts):
    fresh = cut_off(parts, picture_bytes(2), hours=0.5)
    make_service(parts).sweep_cut_off()
    assert fresh.exists()


def test_a_file_whose_record_was_written_just_before_the_crash_is_kept(parts, empty):
    image = upload(empty, picture_bytes(2)).json()["images"][0]["image"]
    path = cut_off(parts, picture_bytes(2))
    make_service(parts).sweep_cut_off()
    assert Path(image["path"]) == path
    assert kept(parts) == [path.name]


def test_what_was_cut_off_and_sent_again_is_cut_off_no_more(parts, empty):
    path = cut_off(parts, picture_bytes(2))
    upload(empty, picture_bytes(2))
    assert kept(parts) == [path.name]


def test_a_crash_while_uploads_are_taken_in_leaves_a_note_of_them(parts_over, calling):
    class CrashingGallery(MemoryGallery):
        def get(self, *_: object, **__: object) -> list:
            raise GalleryError("The power is gone.")

    parts = parts_over(CrashingGallery())
    with calling(parts) as client:
        assert upload(client, picture_bytes(1)).status_code == 500
    name = f"{sha256(picture_bytes(1)).hexdigest()}.jpg"
    assert (parts.library.uploads / "incoming" / name).exists()


def test_uploads_that_a_gallery_does_not_know_are_kept(parts, empty, parts_over):
    """As after the gallery was damaged and moved away, or an older backup of it was restored."""
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    os.utime(image["path"], (time.time() - 3 * 86_400,) * 2)
    make_service(parts_over(MemoryGallery())).sweep_cut_off()
    assert Path(image["path"]).exists()
    assert upload(empty, picture_bytes(1)).json()["images"][0]["image"]["path"] == image["path"]


def test_a_forgotten_upload_is_kept_where_the_ledger_was_lost(parts, empty):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    empty.delete(f"/v1/images/{image['id']}")
    make_service(replace(parts, ledger=Ledger())).sweep_cut_off()
    assert Path(image["path"]).exists()


def test_a_link_that_leads_out_of_the_uploads_folder_is_not_swept(parts, tmp_path):
    path = cut_off(parts, picture_bytes(2))
    path.parent.rename(tmp_path / "elsewhere")
    path.parent.symlink_to(tmp_path / "elsewhere")
    make_service(parts).sweep_cut_off()
    assert path.exists()


def test_nothing_is_swept_while_the_gallery_cannot_be_asked(parts_over):
    class LostGallery(MemoryGallery):
        def find(self, *_: object) -> dict[str, list[str]]:
            raise GalleryError("The disk has gone.")

    parts = parts_over(LostGallery())
    lost = cut_off(parts, picture_bytes(2))
    make_service(parts).sweep_cut_off()
    assert lost.exists()


def test_a_service_answers_before_it_has_let_go_of_what_was_deleted_long_ago(parts, calling, monkeypatch):
    may_end, gone = Event(), Event()

    def discard(*_: object) -> None:
        may_end.wait(5)
        gone.set()

    monkeypatch.setattr("lookalike.service.pictures.uploads.Uploads.discard", discard)
    record = make_record()
    parts.gallery.put([record])
    service = make_service(parts)
    service.trash.throw([record.id])
    service.trash.close()
    with parts.ledger.transaction() as connection:
        connection.execute("UPDATE trash SET thrown = 0")
    with calling(parts) as client:
        assert client.get("/healthz").status_code == 200
        assert not gone.is_set()
        may_end.set()
        assert gone.wait(20)


def test_a_service_sweeps_when_it_starts_unless_the_folder_is_shared(parts, calling):
    lost, unknown = cut_off(parts, picture_bytes(2)), stray(parts, picture_bytes(3))
    with calling(Parts(library=parts.library.changed(settings=Settings(uploads=str(parts.library.uploads))))) as client:
        assert client.get("/healthz").status_code == 200
    assert lost.exists()
    with calling(parts):
        assert eventually(lambda: not lost.exists()), "it was never swept"
    assert unknown.exists()

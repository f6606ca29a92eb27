"""Are uploaded pictures safely kept, refused with reasons, and forgotten without touching anything else?"""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from lookalike.errors import GalleryError, TooLarge, Unreachable, UnreadableImage
from lookalike.ingest import Gate
from lookalike.service import ServiceLimits
from lookalike.service.ledger import Ledger
from lookalike.service.needs import make_service
from lookalike.service.pictures.incoming import shown_name
from lookalike.service.pictures.uploads import refuse_if_all_failed
from lookalike.testing import ColourCaptioner, MemoryGallery, make_record, picture_bytes
from lookalike.types import Failure, Ingested, Outcome

pytestmark = pytest.mark.slow


def upload(client, *contents: bytes, names: tuple[str, ...] = ()):
    named = names or tuple(f"picture {n}.jpg" for n in range(len(contents)))
    return client.post("/v1/images", files=[("image", pair) for pair in zip(named, contents, strict=True)])


def kept(parts) -> list[str]:
    """The files that lie in the uploads folder."""
    return sorted(path.name for path in parts.uploads.rglob("*") if path.is_file())


def test_an_uploaded_picture_is_kept_by_its_content_and_found(parts, empty):
    content = picture_bytes(1)
    answer = upload(empty, content)
    assert answer.status_code == 201
    (outcome,) = answer.json()["images"]
    digest = sha256(content).hexdigest()
    assert (outcome["name"], outcome["outcome"], outcome["reason"]) == ("picture 0.jpg", "added", "")
    assert outcome["image"]["title"] == "picture 0.jpg"
    assert Path(outcome["image"]["path"]) == parts.uploads / digest[:2] / f"{digest}.jpg"
    assert Path(outcome["image"]["path"]).read_bytes() == content
    hit = empty.post("/v1/search", files={"image": ("a", content)}).json()["hits"][0]
    assert (hit["id"], hit["tier"]) == (outcome["image"]["id"], "identical")


def test_a_blocked_picture_is_not_wanted_and_leaves_nothing(parts, calling, problem):
    gate = Gate(lambda decoded: "It is the old logo." if decoded.width == 7 else "")
    with calling(replace(parts, gate=lambda: gate)) as client:
        problem(upload(client, plain_png((1, 2, 3), (7, 5))), 403, says="old logo")
        both = upload(client, plain_png((1, 2, 3), (7, 5)), plain_png((1, 2, 3), (9, 5)))
        assert both.status_code == 201
        assert [one["outcome"] for one in both.json()["images"]] == ["blocked", "added"]
    assert len(kept(parts)) == 1
    assert parts.gallery.failures() == []


def test_an_uploaded_picture_is_described_where_that_is_wanted_and_a_person_may_correct_it(parts, calling):
    captioner = ColourCaptioner()
    with calling(replace(parts, captioner=captioner)) as client:
        image = upload(client, plain_png((230, 20, 20))).json()["images"][0]["image"]
        assert (image["caption"], image["caption_source"]) == ("a picture in red", captioner.name)
        assert image["recognised"] == {"red": 1.0}
        assert image["tags"] == []
        patched = client.patch(f"/v1/images/{image['id']}", json={"caption": "my wall", "remove_tags": ["red"]}).json()
        assert (patched["caption"], patched["recognised"]) == ("my wall", {})
        again = upload(client, plain_png((230, 20, 20))).json()["images"][0]
        assert (again["outcome"], again["image"]["caption"]) == ("unchanged", "my wall")


def plain_png(colour: tuple[int, int, int], size: tuple[int, int] = (32, 24)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def test_the_same_bytes_twice_are_one_picture(parts, empty):
    first = upload(empty, picture_bytes(1)).json()["images"][0]
    again = upload(empty, picture_bytes(1), picture_bytes(1), names=("other.jpg", "third.jpg"))
    assert again.status_code == 200
    assert [one["outcome"] for one in again.json()["images"]] == ["unchanged", "unchanged"]
    assert {one["image"]["id"] for one in again.json()["images"]} == {first["image"]["id"]}
    assert parts.gallery.count() == 1
    assert len(kept(parts)) == 1


def test_several_pictures_have_one_outcome_each_in_their_order(parts, empty):
    answer = upload(empty, picture_bytes(1), b"<svg/>", picture_bytes(2, file_format="png"), picture_bytes(3)[:300])
    assert answer.status_code == 201
    outcomes = answer.json()["images"]
    assert [one["outcome"] for one in outcomes] == ["added", "unreadable", "added", "unreadable"]
    assert "SVG" in outcomes[1]["reason"]
    assert outcomes[3]["reason"]
    assert [one["image"] is None for one in outcomes] == [False, True, False, True]
    assert parts.gallery.count() == 2
    assert parts.gallery.failures() == []
    assert sorted(Path(name).suffix for name in kept(parts)) == [".jpg", ".png"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<!doctype html><script>alert(1)</script>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"", "empty"),
        (picture_bytes(1)[:400], ""),
    ],
    ids=["svg", "html", "pdf", "empty", "truncated"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(parts, empty, content, says, problem):
    problem(upload(empty, content), 422, says=says)
    assert kept(parts) == []
    assert parts.gallery.count() == 0
    assert parts.gallery.failures() == []


@pytest.mark.parametrize(
    ("outcomes", "error"),
    [
        ([Outcome.TOO_LARGE], TooLarge),
        ([Outcome.TOO_LARGE, Outcome.UNREADABLE], UnreadableImage),
        ([Outcome.UNREADABLE, Outcome.UNREACHABLE], Unreachable),
    ],
)
def test_a_refusal_blames_the_pictures_only_where_they_are_to_blame(outcomes, error):
    with pytest.raises(error, match="why"):
        refuse_if_all_failed([Ingested(uri="", outcome=one, reason="why") for one in outcomes])
    refuse_if_all_failed(
        [*(Ingested(uri="", outcome=one) for one in outcomes), Ingested(uri="", outcome=Outcome.ADDED)]
    )


def test_a_picture_whose_failure_a_crash_left_behind_is_looked_at_again(parts, empty):
    digest = sha256(picture_bytes(1)).hexdigest()
    failure = Failure(
        uri=(parts.uploads / digest[:2] / f"{digest}.jpg").as_uri(),
        version=digest,
        outcome=Outcome.UNREADABLE,
        reason="the machine was on fire",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    parts.gallery.put([], [failure])
    assert upload(empty, picture_bytes(1)).json()["images"][0]["outcome"] == "added"
    assert parts.gallery.failures() == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.jpg", "evil.jpg"),
        ('"><script>alert(1)</script>.jpg', "script>.jpg"),
        ("a\x00b\x1b[31m.jpg", "ab[31m.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("日本語 ü.jpg", "日本語 ü.jpg"),
        ("%22quoted%22.jpg", '"quoted".jpg'),
        ("/", ""),
        ("x" * 5000, "x" * 200),
    ],
)
def test_a_file_name_is_kept_as_harmless_data(name, title):
    assert shown_name(name) == title


@pytest.mark.parametrize(
    "name", ["../../x.jpg", "..\\..\\x.jpg", '"><script>alert(1)</script>.jpg', "a\nb.jpg", "~", "con.jpg"]
)
def test_a_hostile_file_name_decides_nothing(parts, empty, name, tmp_path):
    before = set(tmp_path.rglob("*"))
    answer = upload(empty, picture_bytes(1), names=(name,))
    assert answer.status_code == 201
    assert kept(parts) == [f"{sha256(picture_bytes(1)).hexdigest()}.jpg"]
    assert all(
        path.is_relative_to(parts.uploads) or "thumbnails" in path.name for path in set(tmp_path.rglob("*")) - before
    )


def test_a_picture_over_the_limit_is_refused_and_the_others_are_kept(parts, problem, calling):
    small = replace(parts, limits=ServiceLimits(max_upload_bytes=20_000))
    noise = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(noise, "png")
    with calling(small) as client:
        both = upload(client, noise.getvalue(), picture_bytes(1))
        assert [one["outcome"] for one in both.json()["images"]] == ["too_large", "added"]
        problem(upload(client, noise.getvalue()), 413, says="20,000")
        problem(client.post("/v1/search", files={"image": ("a", noise.getvalue() * 4)}), 413)
        problem(client.post("/v1/search", json={"image": "A" * 400_000}), 413)
        problem(client.post("/v1/search", json={"image": "A" * 40_000}), 413)
    assert len(kept(parts)) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"garbage", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nhalf',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nv\r\n--x--',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=" + "b" * 5000, 400),
        (b"{}", "application/json", 415),
        (b"", "", 415),
    ],
)
def test_a_broken_form_is_a_problem(empty, parts, content, kind, status, problem):
    problem(empty.post("/v1/images", content=content, headers={"content-type": kind}), status)
    assert kept(parts) == []


@pytest.mark.parametrize(
    ("name", "status", "fix"),
    [("image", 413, "as a file"), ("url", 400, "shorter"), ("cursor", 400, "Send the cursor as you got it.")],
)
def test_a_field_with_a_huge_value_is_cut_off(empty, problem, name, status, fix):
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = empty.post("/v1/search", content=head + b"a" * 150_000 + b"\r\n--x--", headers=headers)
    assert fix in problem(answer, status, says=repr(name))["fix"]


def test_a_form_with_thousands_of_parts_is_cut_off(empty, parts, problem):
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    problem(empty.post("/v1/images", content=part * 5_000 + b"--x--", headers=headers), 413)


def unrelenting(parts):
    """The service as it is an hour later: what is deleted cannot come back."""
    return replace(parts, limits=replace(parts.limits, keep_deleted_s=0))


def test_forgetting_an_uploaded_picture_deletes_its_file_when_it_cannot_come_back(parts, calling):
    with calling(unrelenting(parts)) as client:
        image = upload(client, picture_bytes(1)).json()["images"][0]["image"]
        assert client.delete(f"/v1/images/{image['id']}").status_code == 204
        assert client.get(f"/v1/images/{image['id']}").status_code == 404
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


def test_a_forgotten_upload_is_no_orphan_until_it_cannot_come_back(parts, later):
    service = make_service(parts)
    path = orphan(parts, picture_bytes(2), hours=1)
    record = replace(make_record(path.as_uri()), sha256=path.stem)
    parts.gallery.put([record])
    service.trash.throw([record.id])
    service.sweep_orphans()
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


@pytest.mark.parametrize("below", ["../secret.jpg", "ab/../../secret.jpg", "ab/notes.jpg", "ab/link.jpg"])
def test_forgetting_a_record_that_points_oddly_deletes_nothing(parts, empty, tmp_path, below):
    (tmp_path / "secret.jpg").write_bytes(b"mine")
    (parts.uploads / "ab").mkdir(parents=True)
    (parts.uploads / "ab" / "notes.jpg").write_bytes(b"mine")
    (parts.uploads / "ab" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    record = make_record(f"{parts.uploads.as_uri()}/{below}")
    parts.gallery.put([record])
    assert empty.delete(f"/v1/images/{record.id}").status_code == 204
    assert (tmp_path / "secret.jpg").read_bytes() == b"mine"
    assert (parts.uploads / "ab" / "notes.jpg").exists()


def test_forgetting_through_a_link_in_the_uploads_folder_deletes_nothing_elsewhere(parts, empty, tmp_path):
    name = "ab" + "0" * 62 + ".jpg"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / name).write_bytes(b"mine")
    parts.uploads.mkdir()
    (parts.uploads / "ab").symlink_to(tmp_path / "elsewhere")
    record = make_record((parts.uploads / "ab" / name).as_uri())
    parts.gallery.put([record])
    assert empty.delete(f"/v1/images/{record.id}").status_code == 204
    assert (tmp_path / "elsewhere" / name).read_bytes() == b"mine"


def test_a_folder_that_cannot_be_made_is_a_problem_and_nothing_is_acknowledged(parts, empty, problem):
    parts.uploads.write_text("a file is in the way")
    problem(upload(empty, picture_bytes(1)), 500, says="uploads folder")
    assert parts.gallery.count() == 0


def test_a_gallery_that_cannot_store_leaves_no_file_behind(parts_over, calling, problem):
    class FullGallery(MemoryGallery):
        def put(self, *_: object, **__: object) -> None:
            raise GalleryError("The disk is full.", "Make room.")

    parts = parts_over(FullGallery())
    with calling(parts) as client:
        problem(upload(client, picture_bytes(1)), 500, says="full")
    assert kept(parts) == []


def test_what_a_crash_left_half_uploaded_is_swept_away_after_a_day(parts, calling):
    incoming = parts.uploads / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "upload-old").write_bytes(b"half")
    (incoming / "upload-new").write_bytes(b"half")
    os.utime(incoming / "upload-old", (1, 1))
    with calling(parts):
        assert kept(parts) == ["upload-new"]


def orphan(parts, content: bytes, *, hours: float, folder: str = "") -> Path:
    """A file as an upload leaves it that was cut off before its record was written, so many hours ago."""
    digest = sha256(content).hexdigest()
    path = parts.uploads / (folder or digest[:2]) / f"{digest}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - 3600 * hours,) * 2)
    return path


@pytest.fixture
def later(monkeypatch):
    """As if an hour had gone by: when a file got its name cannot be set back as its time can."""
    monkeypatch.setattr("lookalike.service.pictures.uploads._ORPHAN_S", -1)


def test_an_old_file_without_a_record_is_swept_away_and_nothing_else(parts, empty, later):
    image = upload(empty, picture_bytes(1)).json()["images"][0]["image"]
    lost = orphan(parts, picture_bytes(2), hours=1)
    (parts.uploads / "ab").mkdir()
    (parts.uploads / "ab" / "notes.jpg").write_bytes(b"mine")
    misplaced = orphan(parts, picture_bytes(3), hours=1, folder="my pictures")
    make_service(parts).sweep_orphans()
    assert not lost.exists()
    assert Path(image["path"]).exists()
    assert misplaced.exists()
    assert (parts.uploads / "ab" / "notes.jpg").exists()


def test_a_file_that_came_just_now_waits_for_its_record(parts):
    fresh = orphan(parts, picture_bytes(2), hours=5)
    make_service(parts).sweep_orphans()
    assert fresh.exists(), "its bytes are old, its name is not"


def test_a_link_that_leads_out_of_the_uploads_folder_is_not_swept(parts, tmp_path, later):
    name = f"ab{'0' * 62}.jpg"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / name).write_bytes(b"mine")
    parts.uploads.mkdir()
    (parts.uploads / "ab").symlink_to(tmp_path / "elsewhere")
    make_service(parts).sweep_orphans()
    assert (tmp_path / "elsewhere" / name).exists()


def test_nothing_is_swept_while_the_gallery_cannot_be_asked(parts_over, later):
    class LostGallery(MemoryGallery):
        def find(self, *_: object) -> dict[str, list[str]]:
            raise GalleryError("The disk has gone.")

    parts = parts_over(LostGallery())
    lost = orphan(parts, picture_bytes(2), hours=1)
    make_service(parts).sweep_orphans()
    assert lost.exists()


def test_a_service_sweeps_when_it_starts_unless_the_folder_is_shared(parts, calling, later):
    lost = orphan(parts, picture_bytes(2), hours=1)
    with calling(replace(parts, uploads_are_shared=True)) as client:
        assert client.get("/healthz").status_code == 200
    assert lost.exists()
    with calling(parts):
        end = time.monotonic() + 20
        while lost.exists():
            assert time.monotonic() < end, "it was never swept"
            time.sleep(0.01)


def test_uploads_side_by_side_are_all_kept(parts, serving):
    with serving(parts) as server, httpx2.Client(base_url=server.url, timeout=60) as client:

        def send(seed: int) -> str:
            answer = upload(client, picture_bytes(seed % 6))
            assert answer.status_code in {200, 201}, answer.text
            return answer.json()["images"][0]["image"]["id"]

        with ThreadPoolExecutor(6) as threads:
            ids = list(threads.map(send, range(12)))
    assert len(set(ids)) == 6
    assert parts.gallery.count() == 6
    assert len(kept(parts)) == 6


def test_uploads_and_forgetting_of_the_same_bytes_leave_file_and_record_in_step(parts, serving):
    with serving(unrelenting(parts)) as server, httpx2.Client(base_url=server.url, timeout=60) as client:

        def quarrel(n: int) -> None:
            image = upload(client, picture_bytes(1)).json()["images"][0]["image"]
            if n % 2 and image:
                client.delete(f"/v1/images/{image['id']}")

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(quarrel, range(12)))
    assert parts.gallery.count() == len(kept(parts))


@pytest.mark.timeout(600)
def test_every_messy_file_is_taken_in_or_refused_with_a_reason(parts, messy_images, calling):
    with calling(parts) as client:
        for path in sorted(path for path in messy_images.rglob("*") if path.is_file()):
            answer = upload(client, path.read_bytes(), names=(path.name,))
            assert answer.status_code in {200, 201, 413, 422}, (path, answer.text)
            if answer.status_code in {413, 422}:
                assert answer.json()["detail"]
        assert client.get("/readyz").status_code == 200
    assert parts.gallery.count() == len(kept(parts))

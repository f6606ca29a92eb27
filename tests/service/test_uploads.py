"""Are uploaded pictures safely kept, or refused with reasons?"""

import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from uploading import kept, unrelenting, upload
from waiting import eventually

from lookalike.config import Settings
from lookalike.errors import GalleryError, TooLarge, Unreachable, UnreadableImage
from lookalike.service import Parts, ServiceLimits
from lookalike.service.pictures.incoming import shown_name
from lookalike.service.pictures.uploads import Uploads, refuse_if_all_failed
from lookalike.testing import ColourCaptioner, MemoryGallery, picture_bytes
from lookalike.types import Failure, Ingested, Outcome

pytestmark = pytest.mark.slow


def test_an_uploaded_picture_is_kept_by_its_content_and_found(parts, empty):
    content = picture_bytes(1)
    answer = upload(empty, content)
    assert answer.status_code == 201
    (outcome,) = answer.json()["images"]
    digest = sha256(content).hexdigest()
    assert (outcome["name"], outcome["outcome"], outcome["reason"]) == ("picture 0.jpg", "added", "")
    assert outcome["image"]["title"] == "picture 0.jpg"
    assert Path(outcome["image"]["path"]) == parts.library.uploads / digest[:2] / f"{digest}.jpg"
    assert Path(outcome["image"]["path"]).read_bytes() == content
    hit = empty.post("/v1/search", files={"image": ("a", content)}).json()["hits"][0]
    assert (hit["id"], hit["tier"]) == (outcome["image"]["id"], "identical")


def test_a_blocked_picture_is_not_wanted_and_leaves_nothing(parts, calling, problem):
    parts.library.blocklist.add(plain_png((1, 2, 3), (7, 5)), "old logo")
    with calling(parts) as client:
        problem(upload(client, plain_png((1, 2, 3), (7, 5))), 403, says="old logo")
        both = upload(client, plain_png((1, 2, 3), (7, 5)), plain_png((1, 2, 3), (9, 5)))
        assert both.status_code == 201
        assert [one["outcome"] for one in both.json()["images"]] == ["blocked", "added"]
    assert len(kept(parts)) == 1
    assert parts.gallery.failures() == []


def test_an_uploaded_picture_is_described_where_that_is_wanted_and_a_person_may_correct_it(parts, calling):
    captioner = ColourCaptioner()
    library = parts.library.changed(captioner=captioner, settings=Settings(captions=True))
    with calling(Parts(library=library)) as client:
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


def test_of_the_same_bytes_in_one_upload_the_first_are_added_under_their_name(parts, empty):
    answer = upload(empty, picture_bytes(1), picture_bytes(2), picture_bytes(1), names=("first", "other", "again"))
    assert answer.status_code == 201
    told = [(one["outcome"], one["image"]["title"]) for one in answer.json()["images"]]
    assert told == [("added", "first"), ("added", "other"), ("unchanged", "first")]
    assert parts.gallery.count() == 2


def test_the_same_bytes_are_taken_while_somebody_reads_them_where_no_open_file_is_replaced(
    parts, empty, monkeypatch, problem
):
    def replace_as_windows_does(path: Path, target: Path) -> Path:
        if target.exists():
            raise PermissionError(13, "Access is denied", str(path), 5, str(target))
        return path.rename(target)

    monkeypatch.setattr(Path, "replace", replace_as_windows_does)
    path = Path(upload(empty, picture_bytes(1)).json()["images"][0]["image"]["path"])
    assert upload(empty, picture_bytes(1)).json()["images"][0]["outcome"] == "unchanged"
    assert kept(parts) == [path.name]
    path.write_bytes(picture_bytes(1)[:-1])
    problem(upload(empty, picture_bytes(1)), 500, says="cannot be written")


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
        uri=(parts.library.uploads / digest[:2] / f"{digest}.jpg").as_uri(),
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
        path.is_relative_to(parts.library.uploads) or "thumbnails" in path.name
        for path in set(tmp_path.rglob("*")) - before
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
    ("path", "kind"), [("/v1/images", "multipart/form-data; boundary=x"), ("/v1/search", "application/json")]
)
def test_a_compressed_body_is_refused_for_what_it_is(empty, problem, path, kind):
    headers = {"content-type": kind, "content-encoding": "gzip"}
    answer = empty.post(path, content=gzip.compress(b"{}"), headers=headers)
    problem(answer, 415, says="'gzip'")
    assert answer.headers["accept-encoding"] == "identity"


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


def test_a_folder_that_cannot_be_made_is_a_problem_and_nothing_is_acknowledged(parts, empty, problem):
    parts.library.uploads.write_text("a file is in the way")
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


def test_an_upload_that_a_full_disk_ends_leaves_none_of_its_files_behind(parts, calling, problem):
    contents = [picture_bytes(n) for n in range(3)]
    full = sha256(contents[2]).hexdigest()
    (parts.library.uploads / full[:2] / f"{full}.jpg").mkdir(
        parents=True
    )  # where no file can be put, as on a full disk
    with calling(parts) as client:
        upload(client, contents[0])
        problem(upload(client, *contents), 500, says="cannot be written")
    assert kept(parts) == [f"{sha256(contents[0]).hexdigest()}.jpg"]


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


def test_an_upload_that_waits_for_another_lets_searches_have_the_turn(parts, assert_steps_aside):
    uploads, outcomes = Uploads(parts), []
    for lock in uploads._locks:
        lock.acquire()

    def go_on() -> None:
        for lock in uploads._locks:
            lock.release()

    with uploads.receive("a.jpg") as file:
        file.write(picture_bytes(1))
        assert_steps_aside(lambda: outcomes.extend(uploads.take_in([file])), go_on)
    assert [one.outcome for one in outcomes] == [Outcome.ADDED]


def test_uploads_and_forgetting_of_the_same_bytes_leave_file_and_record_in_step(parts, serving, monkeypatch):
    monkeypatch.setattr("lookalike.service.pictures.trash._SETTLE_S", 0)
    with serving(unrelenting(parts)) as server, httpx2.Client(base_url=server.url, timeout=60) as client:

        def quarrel(n: int) -> None:
            image = upload(client, picture_bytes(1)).json()["images"][0]["image"]
            if n % 2 and image:
                client.delete(f"/v1/images/{image['id']}")

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(quarrel, range(12)))
        assert eventually(lambda: parts.gallery.count() == len(kept(parts))), "a file was left"


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

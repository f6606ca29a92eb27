"""Does the service tell and draw how two pictures are related, for every way of naming them?"""

import base64
import io

import pytest
from PIL import Image

from lookalike.fetch import Fetcher
from lookalike.service import Parts
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow

BOX = (40, 30, 280, 220)
SHARES = (40 / 320, 30 / 240, 280 / 320, 220 / 240)


@pytest.fixture
def id_of(filled):
    """The id of the picture of a name."""

    def find(name: str) -> str:
        return next(one.id for one in filled.gallery.scan(limit=50).records if one.uri.endswith(name))

    return find


@pytest.fixture
def cut(photos) -> bytes:
    """A part of picture 7."""
    return saved(Image.open(photos / "picture-7.png").crop(BOX))


def saved(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "jpeg", quality=80)
    return buffer.getvalue()


def bounds(polygon) -> tuple[float, ...]:
    x, y = zip(*polygon, strict=True)
    return min(x), min(y), max(x), max(y)


def drawn(answer) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content))


def test_a_part_that_is_sent_is_told_and_located(client, cut, id_of):
    answer = client.post(f"/v1/images/{id_of('picture-7.png')}/evidence", files={"image": ("a.jpg", cut)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["tier"], found["signal"], found["relation"]) == ("edited", "regions", "same")
    assert found["confidence"] > 0.9
    assert found["reverse"].startswith("set into a larger picture")
    assert "cropped to" in found["transform"]
    assert bounds(found["regions"][0]["image"]) == pytest.approx(SHARES, abs=0.03)
    assert bounds(found["regions"][0]["query"]) == pytest.approx((0, 0, 1, 1), abs=0.03)


def test_a_form_and_json_give_the_same_evidence(client, cut, id_of):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    form = client.post(path, files={"image": ("a.jpg", cut)}).json()
    assert client.post(path, json={"image": base64.b64encode(cut).decode()}).json() == form


def test_the_scale_is_told_as_it_is_at_full_size(client, photos, id_of):
    small = saved(Image.open(photos / "picture-7.png").resize((160, 120)))
    found = client.post(f"/v1/images/{id_of('picture-7.png')}/evidence", files={"image": ("a.jpg", small)}).json()
    assert found["transform"] == "scaled to 50 %"


def test_pictures_of_the_gallery_are_compared_by_their_ids(client, id_of):
    seventh, eighth = id_of("picture-7.png"), id_of("picture-8.png")
    other = client.get(f"/v1/images/{seventh}/evidence", params={"query": eighth}).json()
    assert (other["relation"], other["tier"], other["regions"], other["transform"]) == ("unrelated", None, [], "")
    assert other["confidence"] < 0.1
    own = client.get(f"/v1/images/{seventh}/evidence", params={"query": seventh}).json()
    assert (own["relation"], own["tier"], own["signal"], own["confidence"]) == ("same", "identical", "sha256", 1.0)


def test_regions_of_a_crop_are_told_of_the_whole_query(client, photos, id_of):
    both = Image.new("RGB", (640, 240))
    both.paste(Image.open(photos / "picture-7.png"), (0, 0))
    both.paste(Image.open(photos / "picture-8.png"), (320, 0))
    asked = {"crop": "0.5,0,0.5,1"}
    path = f"/v1/images/{id_of('picture-8.png')}/evidence"
    found = client.post(path, files={"image": ("a", saved(both))}, data=asked).json()
    assert (found["relation"], found["transform"]) == ("same", "same framing")
    assert bounds(found["regions"][0]["query"]) == pytest.approx((0.5, 0, 1, 1), abs=0.03)
    picture = drawn(client.post(path, files={"image": ("a", saved(both))}, data=asked | {"draw": "side_by_side"}))
    assert picture.width / picture.height > 2.5  # all of the query stands there


def test_both_pictures_are_drawn_side_by_side(client, cut, id_of):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    picture = drawn(client.post(path, files={"image": ("a.jpg", cut)}, data={"draw": "side_by_side"}))
    assert picture.width == pytest.approx(480 * (240 / 190 + 320 / 240) + 16, abs=3)
    assert picture.height == 480
    by_id = drawn(client.get(path, params={"query": id_of("picture-8.png"), "draw": "side_by_side"}))
    assert by_id.height == 480


def test_one_picture_is_laid_over_the_other(client, cut, id_of):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    picture = drawn(client.post(path, files={"image": ("a.jpg", cut)}, data={"draw": "overlay"}))
    assert picture.size == (320, 240)


def test_what_agrees_nowhere_cannot_be_laid_over_one_another(client, id_of, problem):
    asked = {"query": id_of("picture-8.png"), "draw": "overlay"}
    problem(client.get(f"/v1/images/{id_of('picture-7.png')}/evidence", params=asked), 404, says="no matched regions")


def test_a_url_goes_through_the_guarded_fetcher(client, id_of, problem):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    for url in ("http://127.0.0.1:80/a.jpg", "http://169.254.169.254/latest"):
        problem(client.get(path, params={"query": url}), 502)
        problem(client.post(path, json={"url": url}), 502)
    for url in ("file:///etc/passwd", "gopher://example.org/"):
        problem(client.get(path, params={"query": url}), 400)


def test_a_picture_on_the_web_is_compared(filled, serving, calling, id_of):
    allowed = Parts(library=filled.library.changed(fetcher=Fetcher(allow=("127.0.0.1",))))
    seventh = id_of("picture-7.png")
    with serving(filled) as server, calling(allowed) as client:
        url = f"{server.url}v1/images/{seventh}/file"
        found = client.get(f"/v1/images/{seventh}/evidence", params={"query": url})
        assert found.status_code == 200, found.text
        assert found.json()["relation"] == "same"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_web_site_cannot_have_anything_fetched(client, id_of, problem, site):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    asked = {"query": "https://example.org/a.jpg"}
    problem(client.get(path, params=asked, headers={"sec-fetch-site": site}), 403, says="another web site")
    problem(client.post(path, json={"url": asked["query"]}, headers={"sec-fetch-site": site}), 403)


def test_a_picture_that_is_not_there_is_not_found(client, id_of, problem):
    known = id_of("picture-7.png")
    problem(client.get(f"/v1/images/{'a' * 16}/evidence", params={"query": known}), 404, says="aaaa")
    problem(client.get(f"/v1/images/{known}/evidence", params={"query": "b" * 16}), 404, says="bbbb")
    problem(client.post(f"/v1/images/{'a' * 16}/evidence", files={"image": ("a", picture_bytes(1))}), 404)


@pytest.mark.parametrize("path", ["/etc/hostname", "picture-8.png"])
def test_a_path_of_this_machine_is_no_query(client, photos, id_of, problem, path, monkeypatch):
    monkeypatch.chdir(photos)
    problem(client.get(f"/v1/images/{id_of('picture-7.png')}/evidence", params={"query": path}), 404, says=path)


@pytest.mark.parametrize("draw", ["none", "side_by_side", "overlay"])
def test_an_original_that_has_gone_is_not_found(client, photos, cut, id_of, problem, draw):
    gone, here = id_of("picture-7.png"), id_of("picture-8.png")
    (photos / "picture-7.png").unlink()
    asked = {"draw": draw}
    path = f"/v1/images/{gone}/evidence"
    problem(client.post(path, files={"image": ("a.jpg", cut)}, data=asked), 404, says="not there any more")
    problem(client.get(f"/v1/images/{here}/evidence", params={"query": gone} | asked), 404, says="not there any more")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "b" * 16, "draw": "beautifully"}, "draw"),
        ({"query": "b" * 16, "crop": "0,0,1"}, "crop"),
        ({"query": "b" * 16, "crop": "0,0,nan,1"}, "crop"),
        ({"query": "b" * 16, "crop": "0,0,2,2"}, "within the picture"),
    ],
)
def test_a_wrong_question_is_a_problem_that_names_the_part(client, id_of, asked, says, problem):
    problem(client.get(f"/v1/images/{id_of('picture-7.png')}/evidence", params=asked), 400, says=says)


def test_what_is_no_picture_is_refused_with_the_reason(client, id_of, problem):
    path = f"/v1/images/{id_of('picture-7.png')}/evidence"
    problem(
        client.post(path, files={"image": ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")}), 422, says="SVG"
    )
    problem(client.post(path, files={"where": (None, "label:dog")}), 400, says="where")
    problem(client.post(path, json={}), 400, says="exactly one of image, url and id")
    problem(client.post(path, content=b"<xml/>", headers={"content-type": "text/xml"}), 415, says="multipart")

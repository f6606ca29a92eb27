"""Does a search over HTTP find what it should, in every way that one may ask?"""

import base64
import io

import pytest
from PIL import Image

from lookalike.testing import picture_bytes

SLOW = pytest.mark.slow


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def photo(photos, name="holiday/picture-1.jpg") -> bytes:
    return (photos / name).read_bytes()


@pytest.mark.slow
def test_a_picture_as_a_file_finds_itself_first(client, photos):
    answer = client.post("/v1/search", files={"image": ("a.jpg", photo(photos))}).json()
    first = answer["hits"][0]
    assert (first["rank"], first["tier"], first["confidence"]) == (1, "identical", 1.0)
    assert first["evidence"] == {"signal": "sha256", "relation": None, "transform": "", "regions": [], "words": []}
    assert first["path"] == str(photos / "holiday/picture-1.jpg")
    assert (first["width"], first["height"], first["format"]) == (320, 240, "jpeg")
    assert answer["likely"]
    assert answer["took_ms"] > 0
    assert client.get(first["thumbnail_url"]).headers["content-type"] == "image/jpeg"
    assert client.get(first["file_url"]).content == photo(photos)


@pytest.mark.slow
def test_every_way_of_giving_one_picture_gives_the_same_answer(client, photos):
    picture = photo(photos)
    plain = base64.b64encode(picture).decode()
    by_file = ids(client.post("/v1/search", files={"image": ("a", picture)}, data={"limit": "4"}))
    assert len(by_file) == 4
    assert ids(client.post("/v1/search", json={"image": plain, "limit": 4})) == by_file
    assert ids(client.post("/v1/search", json={"image": f"data:image/jpeg;base64,{plain}", "limit": 4})) == by_file
    assert ids(client.post("/v1/search", data={"image": plain, "limit": "4"}, files={"": ""})) == by_file


@pytest.mark.slow
def test_a_search_by_id_leaves_the_picture_itself_out(client, photos):
    first, *others = ids(client.post("/v1/search", files={"image": ("a", photo(photos))}))
    assert ids(client.post("/v1/search", json={"id": first})) == others
    assert ids(client.post("/v1/search", files={"id": (None, first)})) == others


@pytest.mark.slow
def test_pages_follow_one_another_without_gaps_or_repetition(client, photos):
    whole = ids(client.post("/v1/search", files={"image": ("a", photo(photos))}, data={"limit": "50"}))
    paged, cursor = [], ""
    while True:
        asked = {"limit": "3", "cursor": cursor}
        answer = client.post("/v1/search", files={"image": ("a", photo(photos))}, data=asked).json()
        assert [hit["rank"] for hit in answer["hits"]] == list(
            range(len(paged) + 1, len(paged) + len(answer["hits"]) + 1)
        )
        paged += [hit["id"] for hit in answer["hits"]]
        cursor = answer["cursor"]
        if not cursor:
            break
    assert len(whole) == 10
    assert paged == whole


@pytest.mark.slow
def test_a_filter_and_a_least_score_narrow_the_answers(client, photos):
    asked = {"where": "path:holiday/*"}
    hits = client.post("/v1/search", files={"image": ("a", photo(photos))}, data=asked).json()["hits"]
    assert len(hits) == 3
    assert all("/holiday/" in hit["path"] for hit in hits)
    lowest = hits[1]["score"]
    narrowed = client.post("/v1/search", files={"image": ("a", photo(photos))}, data=asked | {"min_score": str(lowest)})
    assert len(ids(narrowed)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "crop", ["0.5,0,0.5,1", *(pytest.param(c, marks=SLOW) for c in ("[0.5, 0, 0.5, 1]", [0.5, 0, 0.5, 1]))]
)
def test_a_region_finds_the_picture_that_it_was_cut_from(client, photos, crop, tmp_path):
    left, right = Image.open(photos / "picture-7.png"), Image.open(photos / "picture-8.png")
    both = Image.new("RGB", (640, 240))
    both.paste(left, (0, 0))
    both.paste(right, (320, 0))
    buffer = io.BytesIO()
    both.save(buffer, "png")
    if isinstance(crop, str):
        answer = client.post("/v1/search", files={"image": ("a", buffer.getvalue())}, data={"crop": crop})
    else:
        answer = client.post("/v1/search", json={"image": base64.b64encode(buffer.getvalue()).decode(), "crop": crop})
    first = answer.json()["hits"][0]
    assert first["path"].endswith("picture-8.png")
    assert first["score"] > 0.99


@pytest.mark.slow
@pytest.mark.parametrize("effort", ["normal", *(pytest.param(e, marks=SLOW) for e in ("fast", "thorough"))])
def test_an_edited_copy_comes_with_what_was_done_and_where(client, photos, effort):
    whole = Image.open(photos / "picture-7.png")
    buffer = io.BytesIO()
    whole.crop((40, 30, 280, 220)).save(buffer, "jpeg", quality=60)
    form = client.post("/v1/search", files={"image": ("a", buffer.getvalue())}, data={"effort": effort}).json()
    first = form["hits"][0]
    assert first["path"].endswith("picture-7.png")
    assert first["tier"] == "edited"
    evidence = first["evidence"]
    assert (evidence["signal"], evidence["relation"]) == ("regions", "same")
    assert "cropped to" in evidence["transform"]
    region = evidence["regions"][0]
    assert region["inliers"] > 10
    assert 0 < region["agreement"] <= 1
    assert len(region["homography"]) == 9
    assert not region["mirrored"]
    assert not region["inverted"]
    x, y = zip(*region["image"], strict=True)
    assert (min(x), min(y), max(x), max(y)) == pytest.approx((40 / 320, 30 / 240, 280 / 320, 220 / 240), abs=0.05)
    as_json = {"image": base64.b64encode(buffer.getvalue()).decode(), "effort": effort}
    assert client.post("/v1/search", json=as_json).json()["hits"][0]["evidence"] == evidence


def test_a_stranger_is_honestly_called_unlikely(client):
    noise = Image.effect_noise((64, 64), 200).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "png")
    answer = client.post("/v1/search", files={"image": ("a", buffer.getvalue())}).json()
    assert answer["hits"]
    assert not answer["likely"]


def test_an_empty_gallery_answers_with_nothing(empty):
    answer = empty.post("/v1/search", files={"image": ("a", picture_bytes(1))}).json()
    assert (answer["hits"], answer["cursor"], answer["likely"]) == ([], "", False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/a.jpg", "http://[::1]/a.jpg", "http://169.254.169.254/latest"])
def test_a_url_into_the_own_network_is_refused(empty, url, problem):
    problem(empty.post("/v1/search", json={"url": url}), 502)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://example.org/", "nonsense"])
def test_a_url_of_another_kind_is_refused(empty, url, problem):
    problem(empty.post("/v1/search", json={"url": url}), 400)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "Send one of them."),
        ({"id": "a" * 16, "url": "https://example.org"}, "Leave out the others."),
        ({"id": "a" * 16, "limit": 0}, "limit"),
        ({"id": "a" * 16, "limit": 100_000}, "limit"),
        ({"id": "a" * 16, "limit": "many"}, "limit"),
        ({"id": 5}, "id"),
        ({"id": None}, "id"),
        ({"id": "a" * 16, "colour": "red"}, "colour"),
        ({"id": "a" * 16, "effort": "heroic"}, "effort"),
        ({"id": "a" * 16, "crop": [0, 0, 1]}, "crop"),
        ({"id": "a" * 16, "crop": "here"}, "crop"),
        ({"id": "a" * 16, "crop": [0, 0, 2, 2]}, "within the picture"),
        ({"id": "a" * 16, "crop": [0.5, 0.5, 0, 0]}, "within the picture"),
        ({"id": "a" * 16, "where": "labe:dog"}, "^^^^"),
        ({"id": "a" * 16, "cursor": "nonsense"}, "cursor"),
        ({"image": "!!!"}, "Send the picture as a file, or its bytes in base64."),
        ({"image": "data:text/html,<b>"}, "data-URI"),
        ([], "body"),
        ("text", "body"),
    ],
)
def test_a_wrong_question_is_a_problem_that_names_the_part(empty, body, says, problem):
    problem(empty.post("/v1/search", json=body), 400, says=says)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(empty, number, problem):
    body = f'{{"id": "aaaaaaaaaaaaaaaa", "min_score": {number}}}'
    problem(empty.post("/v1/search", content=body, headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 40_000, b'{"id": "' + b"a" * 100_000 + b'"}'])
def test_broken_json_is_a_problem(empty, body, problem):
    problem(empty.post("/v1/search", content=body, headers={"content-type": "application/json"}), 400)


def test_a_body_of_another_kind_is_refused_with_what_is_taken(empty, problem):
    problem(empty.post("/v1/search", content=b"<xml/>", headers={"content-type": "text/xml"}), 415, says="multipart")


def test_a_form_without_a_picture_says_what_is_needed(empty, problem):
    problem(empty.post("/v1/search", files={"where": (None, "label:dog")}), 400, says="exactly one")


@pytest.mark.slow
def test_a_form_with_two_pictures_is_refused(empty, problem):
    files = [("image", ("a", picture_bytes(1))), ("image", ("b", picture_bytes(2)))]
    problem(empty.post("/v1/search", files=files), 400, says="several")


def test_an_id_that_is_not_there_is_not_found(empty, problem):
    problem(empty.post("/v1/search", json={"id": "a" * 16}), 404, says="aaaa")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<!doctype html><script>alert(1)</script>", "web page"),
        (picture_bytes(1)[:500], ""),
        (b"GIF89a" + b"\0" * 50, ""),
    ],
    ids=["empty", "svg", "html", "truncated", "broken gif"],
)
def test_what_is_no_picture_is_refused_with_the_reason(empty, content, says, problem):
    problem(empty.post("/v1/search", files={"image": ("a.jpg", content)}), 422, says=says)


# By words


def test_words_find_a_file_by_its_name_and_how_they_were_read_comes_back(client):
    answer = client.post("/v1/search", json={"text": 'picture "picture 5":2 -holiday format:png'}).json()
    first = answer["hits"][0]
    assert first["path"].endswith("picture-5.png")
    assert (first["tier"], first["evidence"]["signal"]) == ("similar", "text")
    assert first["evidence"]["words"] == ["picture", "picture 5"]
    assert answer["understood"] == {
        "text": 'picture "picture 5":2 -holiday format:png',
        "words": ["picture"],
        "phrases": ["picture 5"],
        "excluded": ["holiday"],
        "weights": {"picture 5": 2.0},
        "filter": "format:png",
    }
    assert {hit["format"] for hit in answer["hits"]} == {"png"}


def test_words_may_come_as_a_form_with_a_picture_or_without(client, photos):
    alone = client.post("/v1/search", files={"text": (None, "picture 5")}).json()
    assert alone["hits"][0]["path"].endswith("picture-5.png")
    both = client.post("/v1/search", data={"text": "red"}, files={"image": ("a.jpg", photo(photos))}).json()
    assert {hit["tier"] for hit in both["hits"]} == {"similar"}
    assert both["understood"]["words"] == ["red"]


@pytest.mark.slow
def test_a_picture_can_be_searched_for_by_what_is_recognised_in_it(client, photos):
    asked = {"image": ("a.jpg", photo(photos))}
    answer = client.post("/v1/search", data={"mode": "all"}, files=asked).json()
    assert answer["description"]
    assert "no captioner" in answer["remarks"][0]
    assert answer["hits"][0]["tier"] == "identical"
    changed = client.post("/v1/search", data={"mode": "caption", "text": "picture 5"}, files=asked).json()
    assert (changed["description"], changed["remarks"]) == ("picture 5", [])
    assert changed["hits"][0]["path"].endswith("picture-5.png")


@pytest.mark.slow
def test_pages_of_words_are_the_long_answer_in_pieces(client):
    whole = ids(client.post("/v1/search", json={"text": "red picture", "limit": 10}))
    found, cursor = [], ""
    while True:
        page = client.post("/v1/search", json={"text": "red picture", "limit": 3, "cursor": cursor})
        found += ids(page)
        cursor = page.json()["cursor"]
        if not cursor:
            break
    assert found == whole
    assert len(set(found)) == 10


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"text": ""}, 400, "needs a text"),
        ({"text": "   "}, 400, "nothing to search with"),
        ({"text": "-dog"}, 400, "no word to look for"),
        ({"text": 'a "b'}, 400, "never closed"),
        ({"text": "x" * 100_000}, 400, "4000 characters"),
        ({"text": "\ud800"}, 400, "is no JSON"),
        ({"text": "dog", "mode": "caption"}, 400, "needs a picture"),
        ({"text": "dog", "mode": "best"}, 400, "mode"),
        ({"text": "dog", "crop": [0, 0, 1, 1]}, 400, "region"),
    ],
)
def test_what_cannot_be_searched_for_says_why(client, problem, asked, status, says):
    import json

    answer = client.post("/v1/search", content=json.dumps(asked), headers={"content-type": "application/json"})
    problem(answer, status, says=says)

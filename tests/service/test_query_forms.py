"""Is a picture found in whatever form it is sent: raw, in a batch, beside another?"""

import asyncio
import base64
import io
import threading

import pytest
from PIL import Image

from lookalike.search import Answer, Query, Searcher
from lookalike.service import Parts, ServiceLimits
from lookalike.service.asking.batches import BatchRequest, answer_all
from lookalike.service.asking.comparing import CompareRequest
from lookalike.service.asking.queries import SearchRequest
from lookalike.service.needs import make_service
from lookalike.testing import picture_bytes


@pytest.fixture
def seventh(photos) -> bytes:
    return (photos / "picture-7.png").read_bytes()


def first_name(answer) -> str:
    assert answer.status_code == 200, answer.text
    return answer.json()["hits"][0]["path"].rpartition("/")[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg; x=1", "IMAGE/PNG", "application/octet-stream"])
def test_the_bytes_of_a_picture_are_a_query(client, seventh, kind):
    answer = client.post("/v1/search?limit=2", content=seventh, headers={"content-type": kind})
    assert first_name(answer) == "picture-7.png"
    assert len(answer.json()["hits"]) == 2


@pytest.mark.slow
def test_bytes_take_the_other_fields_from_the_address(client, seventh, problem):
    headers = {"content-type": "image/png"}
    answer = client.post(
        "/v1/search", params={"where": "format:jpeg", "crop": "0,0,1,0.5"}, content=seventh, headers=headers
    )
    assert {hit["format"] for hit in answer.json()["hits"]} == {"jpeg"}
    problem(client.post("/v1/search", params={"limit": "many"}, content=seventh, headers=headers), 400, says="limit")
    problem(client.post("/v1/search", params={"url": "https://a.b/c"}, content=seventh, headers=headers), 400)
    problem(client.post("/v1/search", content=b"", headers=headers), 422)


@pytest.mark.slow
def test_a_large_picture_in_json_is_found(client, photos):
    with Image.open(photos / "picture-7.png") as image:
        buffer = io.BytesIO()
        image.save(buffer, "bmp")
    assert len(buffer.getvalue()) > 200_000
    answer = client.post("/v1/search", json={"image": base64.b64encode(buffer.getvalue()).decode()})
    assert first_name(answer) == "picture-7.png"


@pytest.mark.slow
def test_a_batch_answers_each_query_for_itself(client, seventh):
    text = base64.b64encode(seventh).decode()
    queries = [{"image": text, "limit": 1}, {"id": "a" * 16}, {"image": "no base64!"}, {}, {"text": "picture"}]
    answers = client.post("/v1/search/batch", json={"queries": queries}).json()["answers"]
    assert [one["problem"] and one["problem"]["status"] for one in answers] == [None, 404, 400, 400, None]
    assert answers[0]["answer"]["hits"][0]["tier"] == "identical"
    alone = client.post("/v1/search", json=queries[0]).json()
    assert alone["hits"] == answers[0]["answer"]["hits"]


@pytest.mark.slow
def test_large_pictures_are_read_beside_the_event_loop_wherever_they_come_in(filled, calling, monkeypatch):
    readers: list[threading.Thread] = []

    class Compared(CompareRequest):
        def queries(self, files, max_bytes):
            readers.append(threading.current_thread())
            return super().queries(files, max_bytes)

    class Searched(SearchRequest):
        def query(self, image, max_bytes):
            readers.append(threading.current_thread())
            return super().query(image, max_bytes)

    monkeypatch.setattr("lookalike.service.asking.comparing.CompareRequest", Compared)
    large = base64.b64encode(bytes(100_000)).decode()
    with calling(filled) as client:
        client.post("/v1/compare", json={"first": {"image": large}, "second": {"image": large}})

    asyncio.run(answer_all(make_service(filled), BatchRequest(queries=[Searched(image=large)])))
    assert len(readers) == 2
    assert all(one.name.startswith("AnyIO worker") for one in readers), readers


@pytest.mark.slow
def test_a_slow_query_costs_those_before_it_in_the_batch_nothing(filled, calling):
    asked, gate = [], threading.Event()

    class SlowSearcher(Searcher):
        def search(self, query: Query, k: int = 10, after: str = "") -> Answer:
            asked.append(query.text)
            if query.text == "slow":
                gate.wait(20)
            return super().search(query, k, after)

    searcher = SlowSearcher(filled.gallery, filled.encoder, filled.library.decoder)
    quick = Parts(library=filled.library.searching_with(searcher), limits=ServiceLimits(max_answer_s=2))
    with calling(quick) as client:
        told = client.post("/v1/search/batch", json={"queries": [{"text": word} for word in ("dog", "slow", "cat")]})
        gate.set()
    assert told.status_code == 200
    answers = told.json()["answers"]
    assert [one["problem"] and one["problem"]["status"] for one in answers] == [None, 503, 503]
    assert answers[2]["problem"]["wording"] == {"code": "no-answer-in-time", "parameters": {"seconds": "1.6"}}
    assert "cat" not in asked, "none is begun afterwards"


@pytest.mark.slow
def test_a_query_that_is_read_for_too_long_is_not_searched_for(filled):
    asked, reading, gate = [], threading.Event(), threading.Event()

    class Slow(SearchRequest):
        def query(self, image, max_bytes):
            reading.set()
            gate.wait(20)
            return super().query(image, max_bytes)

    class Asked(Searcher):
        def search(self, query: Query, k: int = 10, after: str = "") -> Answer:
            asked.append(query)
            return super().search(query, k, after)

    async def answer(service):
        answered = await answer_all(service, BatchRequest(queries=[Slow(image=large)]))
        assert reading.is_set()
        gate.set()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left)
        return answered

    large = base64.b64encode(bytes(100_000)).decode()
    searcher = Asked(filled.gallery, filled.encoder, filled.library.decoder)
    quick = Parts(library=filled.library.searching_with(searcher), limits=ServiceLimits(max_answer_s=1))
    service = make_service(quick)
    (item,) = asyncio.run(answer(service)).answers
    assert item.problem.status == 503
    assert asked == []


@pytest.mark.parametrize("queries", [[], [{"text": "a"}] * 21, [{"what": 1}], None])
def test_a_batch_that_cannot_be_is_refused(client, queries, problem):
    problem(client.post("/v1/search/batch", json={"queries": queries}), 400)


@pytest.fixture
def cut(seventh) -> bytes:
    """A part of picture 7."""
    with Image.open(io.BytesIO(seventh)) as image:
        buffer = io.BytesIO()
        image.crop((40, 30, 280, 220)).save(buffer, "jpeg", quality=85)
    return buffer.getvalue()


@pytest.mark.slow
def test_two_pictures_are_compared_in_json_and_as_a_form(client, cut, seventh):
    files = [("first", ("a.jpg", cut)), ("second", ("b.png", seventh))]
    form = client.post("/v1/compare", files=files)
    assert form.status_code == 200, form.text
    assert (form.json()["relation"], form.json()["tier"]) == ("same", "edited")
    sides = {name: {"image": base64.b64encode(data).decode()} for name, data in (("first", cut), ("second", seventh))}
    assert client.post("/v1/compare", json=sides).json() == form.json()


@pytest.mark.slow
def test_a_file_is_compared_with_a_picture_of_the_gallery_and_drawn(client, cut, problem):
    page = client.get("/v1/images", params={"where": "path:*picture-7.png"}).json()["images"]
    data = {"second_id": page[0]["id"], "draw": "side_by_side"}
    answer = client.post("/v1/compare", files={"first": ("a.jpg", cut)}, data=data)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    problem(client.post("/v1/compare", files={"first": ("a.jpg", cut)}, data={"second_id": "a" * 16}), 404)
    problem(client.post("/v1/compare", files={"first": ("a.jpg", cut)}), 400)
    problem(client.post("/v1/compare", json={"first": {"id": "a", "url": "https://a.b"}, "second": {"id": "b"}}), 400)
    problem(client.post("/v1/compare", files={"third": ("a.jpg", cut)}, data=data), 400)


def test_a_picture_that_is_named_in_two_ways_is_a_problem(client, problem):
    for names in (("first", "first_url"), ("first_url", "first")):
        parts = [(name, (None, "https://a.b/c")) for name in names]
        problem(client.post("/v1/compare", files=parts), 400, says="first")


def test_many_fields_together_are_as_bounded_as_one(client, problem):
    parts = [(f"field {number}", (None, "a" * 90_000)) for number in range(3)]
    problem(client.post("/v1/search", files=parts), 400, says="200,000")
    problem(client.post("/v1/images", files=parts), 400, says="200,000")


@pytest.mark.slow
def test_a_picture_is_described_and_nothing_is_kept(client, filled):
    before = filled.gallery.state
    seen = client.post("/v1/describe", content=picture_bytes(3), headers={"content-type": "image/jpeg"})
    assert (seen.json()["caption"], seen.json()["confidence"]) == ("", 0.0)
    assert {one["name"] for one in seen.json()["recognised"]} == {"grey", "green"}
    assert filled.gallery.state == before

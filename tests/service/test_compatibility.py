"""Do programs that were written for other services get what they know?"""

import base64
import io
import json
from dataclasses import replace

import httpx2
import numpy as np
import pytest
from PIL import Image

from lookalike.errors import Overloaded, Unreachable
from lookalike.fetch import Fetcher
from lookalike.service import Parts
from lookalike.testing import ColourCaptioner
from lookalike.thumbnails import Thumbnails

pytestmark = pytest.mark.slow


@pytest.fixture
def seventh(photos) -> bytes:
    return (photos / "picture-7.png").read_bytes()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_words_find_a_list_of_rows_in_pages(client):
    (image,) = client.get("/v1/images", params={"where": "path:*picture-7.png"}).json()["images"]
    client.patch(f"/v1/images/{image['id']}", json={"caption": "a zeppelin"})
    rows = client.post("/text_search", json={"phrase": "zeppelin", "page": 1, "rowsPerPage": 3}).json()
    assert rows[0].keys() == {"_id", "_score", "_source"}
    assert rows[0]["_id"] == image["id"]
    assert rows[0]["_source"]["description"] == "a zeppelin"
    assert client.get(rows[0]["_source"]["url"]).headers["content-type"] == "image/png"


def test_what_the_words_hold_has_no_special_meaning(client):
    for phrase in ("-dog", 'say "cheese', "label:dog", "dog:2", "width>=10 cat", "a (b) OR"):
        assert client.post("/text_search", json={"phrase": phrase}).status_code == 200, phrase


def test_a_picture_finds_the_same_rows_however_it_comes(client, seventh):
    whole = client.post("/image_search", json={"image": encoded(seventh), "page": 1, "rowsPerPage": 6}).json()
    uri = f"data:image/png;base64,{encoded(seventh)}"
    pages = [client.post("/image_search", json={"image": uri, "page": n, "rowsPerPage": 3}).json() for n in (1, 2)]
    assert [row["_id"] for page in pages for row in page] == [row["_id"] for row in whole]
    assert whole[0]["_source"]["path"].endswith("picture-7.png")
    assert client.post("/image_search", json={"image": uri, "page": 0, "rowsPerPage": 3}).json() == pages[0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/text_search", {"phrase": ""}),
        ("/text_search", {"phrase": "!!!"}),
        ("/text_search", {"phrase": "a", "rowsPerPage": 0}),
        ("/text_search", {"phrase": "a", "page": 900, "rowsPerPage": 200}),
        ("/text_search", []),
        ("/image_search", {"image": "no base64!"}),
        ("/image_search", {}),
        ("/api/search", {}),
        ("/api/caption", {"query_img": "%"}),
        ("/knn-service", {}),
        ("/knn-service", {"text": "a", "num_images": 0}),
        ("/knn-service", {"embedding_input": [1.0, 2.0]}),
        ("/knn-service", {"embedding_input": [0.0] * 64}),
        ("/knn-service", {"embedding_input": [1e308] * 64}),
    ],
)
def test_what_cannot_be_asked_is_a_problem(client, path, body, problem):
    problem(client.post(path, json=body), 400)


def test_a_vector_without_a_direction_is_told_so_rather_than_how_long_it_should_be(client, problem):
    for numbers in ([0.0] * 64, [1e308] * 64):
        problem(client.post("/knn-service", json={"embedding_input": numbers}), 400, says="leads nowhere")


def test_a_url_goes_through_the_guarded_fetcher(client, problem):
    for path, field in (("/image_search", "image"), ("/knn-service", "image_url"), ("/api/search", "query_img")):
        problem(client.post(path, json={field: "http://169.254.169.254/latest"}), 502)


def test_query_img_finds_pairs_of_address_and_description(client, seventh):
    form = client.post("/api/search", files={"query_img": ("a.png", seventh)}).json()
    assert form.keys() == {"success", "answers"}
    assert form["success"] is True
    address, description = form["answers"][0]
    assert client.get(address).content == seventh
    assert isinstance(description, str)
    assert client.post("/api/search", json={"query_img": encoded(seventh)}).json() == form


def test_query_img_is_captioned(filled, calling, client, seventh):
    captioner = ColourCaptioner()
    with calling(Parts(library=filled.library.changed(captioner=captioner))) as able:
        said = able.post("/api/caption", files={"query_img": ("a.png", seventh)}).json()
    assert said["success"] is True
    assert said["caption"]
    named = client.post("/api/caption", json={"query_img": encoded(seventh)}).json()
    assert named["success"] is True
    assert named["caption"] != said["caption"]  # nobody writes captions here: what was recognised stands in


def test_similar_pictures_come_as_data_uris(client, seventh):
    files = {"image": ("a.png", seventh)}
    found = client.post("/search-similar-images", files=files, data={"number_of_images": "3"}).json()["similar_images"]
    assert len(found) == 3
    head, _, body = found[0].partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(body))) as first:
        assert first.size == (320, 240)
    assert len(client.post("/search-similar-images", files=files).json()["similar_images"]) == 5


def test_similar_pictures_of_slow_sites_are_waited_for_a_while_in_all(filled, calling, seventh, monkeypatch):
    class SlowFetcher(Fetcher):
        def get(self, url: str) -> bytes:
            asked.append(url)
            raise Unreachable(f"{url} does not answer.")

    asked: list[str] = []
    monkeypatch.setattr("lookalike.service.compatibility.answers._PREVIEWS_S", 0.3)
    monkeypatch.setattr("lookalike.threads.monotonic", lambda: 0.2 * len(asked))  # so long takes each site
    records = filled.gallery.scan(embeddings=True).records
    filled.gallery.put([replace(one, uri=f"http://slow.example/{one.id}.png") for one in records])
    slow = Thumbnails(None, filled.library.decoder, fetcher=SlowFetcher())
    with slow, calling(Parts(library=filled.library.changed(thumbnails=slow))) as client:
        asking = {"files": {"image": ("a.png", seventh)}, "data": {"number_of_images": "10"}}
        assert client.post("/search-similar-images", **asking).json() == {"similar_images": []}
    assert len(asked) == 2


def test_similar_pictures_are_refused_where_too_many_wait_for_other_sites(filled, calling, seventh, problem):
    class BusyThumbnails(Thumbnails):
        def jpeg(self, *_: object) -> bytes:
            raise Overloaded("Too many requests wait for other sites.", "Try again in a moment.")

    with BusyThumbnails(None, filled.library.decoder) as busy:
        library = filled.library.changed(thumbnails=busy)
        with calling(Parts(library=library)) as client:
            problem(client.post("/search-similar-images", files={"image": ("a.png", seventh)}), 503, says="other sites")


CLIENT = {
    **{"text": None, "image": None, "image_url": None, "embedding_input": None},
    **{"deduplicate": True, "use_safety_model": True, "use_violence_detector": True, "indice_name": "laion5B"},
    **{"use_mclip": False, "aesthetic_score": 9, "aesthetic_weight": 0.5, "modality": "image"},
    **{"num_images": 4, "num_result_ids": 4},
}
"""What clip-retrieval's ClipClient sends: JSON that does not call itself so."""


def knn(client, **asked) -> list[dict]:
    answer = client.post("/knn-service", content=json.dumps({**CLIENT, **asked}).encode())
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_client_of_clip_retrieval_finds_pictures(client, seventh, filled):
    by_picture = knn(client, image=encoded(seventh))
    assert len(by_picture) == 4
    assert {"id", "similarity", "url", "caption"} <= by_picture[0].keys()
    assert by_picture[0]["image_path"].endswith("picture-7.png")
    assert [one["similarity"] for one in by_picture] == sorted((one["similarity"] for one in by_picture), reverse=True)
    assert all(isinstance(one["id"], int) and one["id"] < 2**53 for one in by_picture)
    assert knn(client, text="picture-7")[0]["image_id"] == by_picture[0]["image_id"]
    (record,) = filled.gallery.get([by_picture[0]["image_id"]], embeddings=True)
    (vector,) = record.embeddings.values()
    by_vector = knn(client, embedding_input=(7 * vector.astype(np.float64)).tolist())
    assert by_vector[0]["image_id"] == record.id
    assert by_vector[0]["similarity"] == pytest.approx(1, abs=1e-2)


def test_what_looks_the_same_comes_once_where_that_is_asked_for(filled, client, seventh):
    (record,) = [one for one in filled.gallery.scan(embeddings=True, limit=50).records if "picture-7" in one.uri]
    filled.gallery.put([replace(record, id="a" * 16, uri="file:///copy.png")])
    many = [one["image_id"] for one in knn(client, image=encoded(seventh), deduplicate=False)]
    once = [one["image_id"] for one in knn(client, image=encoded(seventh), deduplicate=True)]
    assert {record.id, "a" * 16} <= set(many)
    assert len({record.id, "a" * 16} & set(once)) == 1


def test_over_a_socket_a_client_that_names_no_content_type_is_answered(server, seventh):
    body = json.dumps({**CLIENT, "image": encoded(seventh)})
    answer = httpx2.post(f"{server.url}knn-service", content=body, timeout=30)
    assert answer.json()[0]["url"].startswith(server.url)


def test_clip_retrievals_page_finds_an_index_and_then_pictures(filled, calling):
    page = {"origin": "https://clip.example", "sec-fetch-site": "cross-site"}
    with calling(replace(filled, origins=("https://clip.example",))) as client:
        listed = client.get("/indices-list", headers=page)
        asked = {**CLIENT, "text": "picture-7", "indice_name": listed.json()[0], "num_result_ids": 3_000}
        found = client.post("/knn-service", content=json.dumps(asked), headers={**page, "content-type": "text/plain"})
    assert listed.json() == ["lookalike"]
    for answer in (listed, found):
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://clip.example")
    assert found.json()[0]["image_path"].endswith("picture-7.png")

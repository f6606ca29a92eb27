"""Are unwanted pictures kept out over HTTP, and does a gallery leave whole?"""

import io

import pyarrow.parquet as pq
import pytest

from lookalike.exchange import import_gallery
from lookalike.testing import MemoryGallery, picture_bytes

pytestmark = pytest.mark.slow


def upload(client, content: bytes):
    return client.post("/v1/images", files={"image": ("a.jpg", content)})


def test_a_blocked_picture_stays_out_until_it_is_let_in(client, problem):
    answer = client.post("/v1/blocks", files={"image": ("a.png", picture_bytes(40))}, data={"title": "no"})
    assert answer.status_code == 201, answer.text
    block = answer.json()["block"]
    assert (block["title"], answer.json()["copies"]) == ("no", [])
    assert [one["id"] for one in client.get("/v1/blocks").json()["blocks"]] == [block["id"]]
    problem(upload(client, picture_bytes(40)), 403, says="no")
    assert client.delete(f"/v1/blocks/{block['id']}").status_code == 204
    assert upload(client, picture_bytes(40)).status_code == 201
    problem(client.delete(f"/v1/blocks/{block['id']}"), 404)


def test_who_looks_at_blocked_pictures_where_there_are_none_makes_no_list(filled, client):
    assert client.get("/v1/blocks").json() == {"blocks": [], "cursor": ""}
    assert not filled.library.blocked.exists()


def test_copies_of_a_blocked_picture_are_taken_out_and_can_come_back(client, photos):
    images = client.get("/v1/images", params={"where": "path:*picture-7.png"}).json()["images"]
    named = client.post("/v1/blocks", json={"id": images[0]["id"]}).json()
    assert (named["copies"], named["forgotten"]) == ([images[0]["id"]], False)
    assert named["block"]["title"] == "picture-7.png"
    gone = client.post("/v1/blocks", json={"id": images[0]["id"], "forget": True}).json()
    assert gone["copies"] == [images[0]["id"]]
    assert client.get(images[0]["file_url"]).status_code == 404
    assert client.post("/v1/images/restore", json={"ids": gone["copies"]}).json()["missing"] == []


def test_a_picture_is_blocked_as_a_whole(client, problem):
    picture = client.get("/v1/images").json()["images"][0]["id"]
    problem(client.post("/v1/blocks", json={"id": picture, "crop": [0, 0, 0.5, 1]}), 400, says="crop")
    raw = {"content": picture_bytes(7), "headers": {"content-type": "image/png"}}
    problem(client.post("/v1/blocks", params={"crop": "0,0,.5,1"}, **raw), 400, says="crop")
    assert client.get("/v1/blocks").json()["blocks"] == []


def test_blocked_pictures_are_listed_in_pages(client, problem):
    for seed in (40, 41, 42):
        client.post("/v1/blocks", content=picture_bytes(seed), headers={"content-type": "image/png"})
    page = client.get("/v1/blocks", params={"limit": 2}).json()
    rest = client.get("/v1/blocks", params={"limit": 2, "cursor": page["cursor"]}).json()
    assert (len(page["blocks"]), len(rest["blocks"]), rest["cursor"]) == (2, 1, "")
    problem(client.get("/v1/blocks", params={"cursor": "what?"}), 400)


def test_a_gallery_leaves_as_one_file_that_comes_in_again(client, filled, tmp_path):
    answer = client.get("/v1/export")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    (tmp_path / "a.parquet").write_bytes(answer.content)
    with MemoryGallery() as other:
        list(import_gallery(other, tmp_path / "a.parquet"))
        ids = [record.id for record in filled.gallery.scan(limit=50).records]
        whole = {one.id: one.embeddings.keys() for one in filled.gallery.get(ids, embeddings=True)}
        assert {one.id: one.embeddings.keys() for one in other.get(ids, embeddings=True)} == whole


def test_only_what_passes_a_filter_leaves(client, problem):
    table = pq.read_table(io.BytesIO(client.get("/v1/export", params={"where": "format:jpeg"}).content))
    assert set(table.column("format").to_pylist()) == {"jpeg"}
    assert pq.read_table(io.BytesIO(client.get("/v1/export", params={"where": "label:none"}).content)).num_rows == 0
    problem(client.get("/v1/export", params={"where": "width>>3"}), 400)

"""PATCH /v1/images/{id}: a person's words over HTTP."""

import json
from dataclasses import replace
from unittest.mock import ANY

import numpy as np
import pytest

from lookalike.service import ServiceLimits


@pytest.fixture
def picture(client):
    return client.get("/v1/images").json()["images"][0]


@pytest.fixture
def patch(client, picture):
    def patch(body, kind="application/merge-patch+json", where=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.patch(f"/v1/images/{where or picture['id']}", content=content, headers={"content-type": kind})

    return patch


def test_a_persons_words_are_kept_and_found_at_once(client, patch, picture, filled):
    (before,) = filled.gallery.get([picture["id"]], embeddings=True)
    done = patch({"caption": "Grandma on the beach", "tags": ["family"], "metadata": {"stars": 5}})
    assert done.status_code == 200
    image = done.json()
    del image["edit"]
    assert (image["caption"], image["caption_source"], image["edited"]) == (
        "Grandma on the beach",
        "person",
        ["metadata", "tags"],
    )
    assert client.get(f"/v1/images/{picture['id']}").json() == image
    assert [one["id"] for one in client.get("/v1/images?where=tag:family").json()["images"]] == [picture["id"]]
    assert filled.gallery.match_text("grandma", 5).ids == (picture["id"],)
    (after,) = filled.gallery.get([picture["id"]], embeddings=True)
    assert after.fingerprint == before.fingerprint
    for space, vector in before.embeddings.items():
        np.testing.assert_array_equal(after.embeddings[space], vector)


def test_what_is_not_sent_stays_and_null_gives_a_field_back(patch):
    patch({"title": "Sea", "tags": ["a", "b"], "metadata": {"x": 1, "y": 2}})
    image = patch({"title": None, "remove_tags": ["A"], "add_tags": ["c"], "metadata": {"x": None}}).json()
    assert (image["title"], image["tags"], image["metadata"]) == ("", ["b", "c"], {"y": 2})
    assert image["edited"] == ["metadata", "tags"]
    assert patch({}, kind="application/json").json() == image | {"edit": ANY}
    assert patch({"tags": None, "metadata": {"y": None}}).json()["edited"] == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"caption": "x" * 5_001}, "caption"),
        ({"tags": ["x" * 101]}, "tags"),
        ({"tags": "x"}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": [" "]}, "empty"),
        ({"width": 7}, "width"),
        ({"link": "javascript:alert(1)"}, "no web page"),
        ({"metadata": None}, "metadata"),
        ({"metadata": {"x": "y" * 100_001}}, "metadata"),
        ({"title": "half \ud800"}, "JSON"),
        (b'{"metadata": {"x": NaN}}', ""),
        (b"[]", ""),
        (b"{", "JSON"),
        (b"", "JSON"),
    ],
)
def test_what_cannot_be_is_a_problem_and_changes_nothing(client, patch, picture, problem, body, says):
    problem(patch(body), 400, says=says)
    assert client.get(f"/v1/images/{picture['id']}").json() == picture


def test_an_unknown_picture_is_not_there(patch, problem):
    problem(patch({"title": "x"}, where="aaaaaaaaaaaaaaaa"), 404, says="no picture")


def test_other_kinds_of_bodies_and_too_large_ones_are_refused(patch, problem):
    problem(patch({"title": "x"}, kind="text/plain"), 415, says="merge-patch")
    problem(patch(b" " * 600_000), 413, says="larger")


def test_a_page_of_another_site_may_not_write(client, picture, problem):
    headers = {"origin": "https://evil.example", "content-type": "application/json"}
    problem(
        client.patch(f"/v1/images/{picture['id']}", content=b'{"title": "x"}', headers=headers), 403, says="another"
    )


def test_the_last_edit_is_taken_back_and_who_wrote_before_is_known_again(client, patch, picture, filled):
    filled.gallery.describe([picture["id"]], lambda one: replace(one, caption="a drawing", caption_source="mini"))
    before = client.get(f"/v1/images/{picture['id']}").json()
    patch({"caption": "Grandma", "tags": ["family"], "label": "people"})
    undone = client.post("/v1/images/undo", json={"ids": [picture["id"], "nobody"]}).json()
    assert (undone["images"], undone["missing"]) == ([before], ["nobody"])
    assert client.get(f"/v1/images/{picture['id']}").json() == before
    assert client.post("/v1/images/undo", json={"ids": [picture["id"]]}).json()["missing"] == [picture["id"]]


def test_an_edit_that_changed_nothing_leaves_the_one_before_to_be_taken_back(client, patch, picture):
    patch({"title": "Mine"})
    for body in ({}, {"title": "Mine"}):
        assert patch(body).status_code == 200
    (undone,) = client.post("/v1/images/undo", json={"ids": [picture["id"]]}).json()["images"]
    assert undone["title"] == picture["title"]


def test_an_edit_is_not_taken_back_over_what_was_written_since(client, patch, picture, filled):
    patch({"title": "first"})
    filled.gallery.describe([picture["id"]], lambda one: replace(one, title="second"))
    assert client.post("/v1/images/undo", json={"ids": [picture["id"]]}).json()["missing"] == [picture["id"]]
    assert client.get(f"/v1/images/{picture['id']}").json()["title"] == "second"


def test_an_edit_that_is_named_is_taken_back_and_never_another_that_followed(client, patch, picture, problem):
    before, first = client.get(f"/v1/images/{picture['id']}").json(), patch({"title": "first"}).json()
    second = patch({"label": "second"}).json()
    for edit in (first["edit"], f"{picture['id']}.0", f"{picture['id']}.first", "nobody.1", "."):
        undone = client.post("/v1/images/undo", json={"edits": [edit]}).json()
        assert (undone["images"], undone["missing"]) == ([], [edit.partition(".")[0]])
    undone = client.post("/v1/images/undo", json={"edits": [second["edit"]]}).json()
    assert undone["missing"] == []
    assert [(one["title"], one["label"]) for one in undone["images"]] == [("first", before["label"])]
    problem(client.post("/v1/images/undo", json={}), 400, says="name changes")


def test_after_an_hour_an_edit_stays(filled, picture, calling):
    with calling(replace(filled, limits=ServiceLimits(keep_deleted_s=0))) as client:
        client.patch(f"/v1/images/{picture['id']}", json={"title": "late"})
        assert client.post("/v1/images/undo", json={"ids": [picture["id"]]}).json()["images"] == []

"""Does the description of the API say everything that a caller needs?"""

from collections.abc import Iterator

import pytest
from ready_library import library_over
from starlette.testclient import TestClient

from lookalike.service import Parts, create_app
from lookalike.testing import MemoryGallery
from lookalike.thumbnails import Thumbnails

ROUTES = {
    ("/v1/search", "post"),
    ("/v1/search/batch", "post"),
    ("/v1/compare", "post"),
    ("/v1/images", "get"),
    ("/v1/images", "post"),
    ("/v1/images/{id}", "get"),
    ("/v1/images/{id}", "patch"),
    ("/v1/images/{id}", "delete"),
    ("/v1/images/{id}/file", "get"),
    ("/v1/images/{id}/thumbnail", "get"),
    ("/v1/images/{id}/evidence", "get"),
    ("/v1/images/{id}/evidence", "post"),
    ("/v1/images/{id}/caption", "post"),
    ("/v1/images/restore", "post"),
    ("/v1/images/undo", "post"),
    ("/v1/facets", "get"),
    ("/v1/describe", "post"),
    ("/v1/jobs", "get"),
    ("/v1/jobs", "post"),
    ("/v1/jobs/{id}", "get"),
    ("/v1/jobs/{id}", "delete"),
    ("/v1/jobs/{id}/events", "get"),
    ("/v1/duplicates", "get"),
    ("/v1/duplicates/plan", "post"),
    ("/v1/duplicates/apply", "post"),
    ("/v1/duplicates/undo", "post"),
    ("/v1/failures", "get"),
    ("/v1/failures/retry", "post"),
    ("/text_search", "post"),
    ("/image_search", "post"),
    ("/api/search", "post"),
    ("/api/caption", "post"),
    ("/search-similar-images", "post"),
    ("/knn-service", "post"),
    ("/indices-list", "get"),
    ("/v1/blocks", "get"),
    ("/v1/blocks", "post"),
    ("/v1/blocks/{id}", "delete"),
    ("/v1/export", "get"),
    ("/v1/info", "get"),
    ("/v1/status", "get"),
    ("/v1/session", "get"),
    ("/v1/session", "post"),
    ("/v1/session", "delete"),
    ("/healthz", "get"),
    ("/readyz", "get"),
}


@pytest.fixture(scope="module")
def spec(decoder, tmp_path_factory) -> dict:
    """Made once, as it takes longer than all that is asked of it."""
    with MemoryGallery() as gallery, Thumbnails(None, decoder) as thumbnails:
        parts = Parts(library=library_over(gallery, decoder, thumbnails, tmp_path_factory.mktemp("gallery")))
        with TestClient(create_app(parts), base_url="http://localhost") as client:
            return client.get("/openapi.json").json()


def operations(spec: dict) -> Iterator[dict]:
    for methods in spec["paths"].values():
        yield from methods.values()


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


@pytest.mark.slow
def test_every_route_is_described(spec):
    assert {(path, method) for path, methods in spec["paths"].items() for method in methods} == ROUTES
    for operation in operations(spec):
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert "Raises" not in operation["description"]


@pytest.mark.slow
def test_every_parameter_says_what_it_means(spec):
    for operation in operations(spec):
        assert all(parameter["description"] for parameter in operation.get("parameters", []))


def test_every_error_is_a_problem(spec):
    for operation in operations(spec):
        for status, response in operation["responses"].items():
            if status == "default" or (int(status) >= 400 and status != "416"):
                assert list(response["content"]) == ["application/problem+json"], (operation["summary"], status)
    assert "HTTPValidationError" not in spec["components"]["schemas"]


def test_every_route_that_a_caller_may_be_kept_from_says_what_a_refusal_looks_like(spec):
    assert [
        path
        for path, routes in spec["paths"].items()
        if not all("default" in one["responses"] for one in routes.values())
    ] == ["/healthz"]


def test_every_reference_leads_somewhere(spec):
    for reference in references(spec):
        node = spec
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
        assert node


@pytest.mark.parametrize(
    ("path", "schema"), [("/v1/search", "SearchRequest"), ("/v1/images/{id}/evidence", "EvidenceRequest")]
)
def test_a_query_is_described_in_all_its_forms(spec, path, schema):
    content = spec["paths"][path]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data", "image/*"}
    form = content["multipart/form-data"]["schema"]["properties"]
    fields = spec["components"]["schemas"][schema]["properties"]
    assert form.keys() == fields.keys()
    assert all(field["description"] for field in fields.values())


def test_every_plain_field_and_parameter_has_an_example(spec):
    plain = {"string", "integer", "number"}
    bare = [
        (name, field)
        for name, schema in spec["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if said.get("type") in plain and "examples" not in said
    ]
    bare += [
        (operation["summary"], one["name"])
        for operation in operations(spec)
        for one in operation.get("parameters", [])
        if one["schema"].get("type") in plain and not {"example", "examples"} & {*one, *one["schema"]}
    ]
    assert bare == []


def test_every_write_says_what_its_key_does(spec):
    for operation in operations(spec):
        if operation["x-scope"] in {"write", "admin"} and "requestBody" in operation:
            assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]], operation["summary"]

"""Does the description of the API say everything that a caller needs?"""

from collections.abc import Iterator

import pytest

ROUTES = {
    ("/v1/search", "post"),
    ("/v1/images", "get"),
    ("/v1/images", "post"),
    ("/v1/images/{id}", "get"),
    ("/v1/images/{id}", "patch"),
    ("/v1/images/{id}", "delete"),
    ("/v1/images/{id}/file", "get"),
    ("/v1/images/{id}/thumbnail", "get"),
    ("/v1/images/{id}/evidence", "get"),
    ("/v1/images/{id}/evidence", "post"),
    ("/v1/info", "get"),
    ("/healthz", "get"),
    ("/readyz", "get"),
}


@pytest.fixture
def spec(empty) -> dict:
    return empty.get("/openapi.json").json()


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


def test_every_route_is_described(spec):
    assert {(path, method) for path, methods in spec["paths"].items() for method in methods} == ROUTES
    for operation in operations(spec):
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert "Raises" not in operation["description"]


def test_every_parameter_says_what_it_means(spec):
    for operation in operations(spec):
        assert all(parameter["description"] for parameter in operation.get("parameters", []))


def test_every_error_is_a_problem(spec):
    for operation in operations(spec):
        for status, response in operation["responses"].items():
            if status == "default" or (int(status) >= 400 and status != "416"):
                assert list(response["content"]) == ["application/problem+json"], (operation["summary"], status)
    assert "HTTPValidationError" not in spec["components"]["schemas"]


def test_every_reference_leads_somewhere(spec):
    for reference in references(spec):
        node = spec
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
        assert node


@pytest.mark.parametrize(
    ("path", "schema"), [("/v1/search", "SearchRequest"), ("/v1/images/{id}/evidence", "EvidenceRequest")]
)
def test_a_query_is_described_in_both_forms(spec, path, schema):
    content = spec["paths"][path]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    form = content["multipart/form-data"]["schema"]["properties"]
    fields = spec["components"]["schemas"][schema]["properties"]
    assert form.keys() == fields.keys()
    assert all(field["description"] for field in fields.values())

"""Is whatever goes wrong a problem that says what to do, with nothing of the inside?"""

import pytest

import lookalike.errors
from lookalike.errors import BadInput, GalleryError, LookalikeError
from lookalike.service.problems import STATUS, TITLE, problem_of, slug
from lookalike.testing import MemoryGallery

ERRORS = [one for one in vars(lookalike.errors).values() if isinstance(one, type) and issubclass(one, LookalikeError)]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_status_and_a_title(error):
    assert STATUS[error] >= 400
    assert TITLE[error]


def test_a_child_that_the_table_does_not_know_is_told_as_its_parent():
    class Odd(BadInput):
        """An error of a plug-in."""

    problem = problem_of(Odd("It is odd.", "Make it even."))
    assert (problem.type, problem.status, problem.detail, problem.fix) == (
        "/docs#bad-input",
        400,
        "It is odd.",
        "Make it even.",
    )


def test_a_kind_is_named_in_words_with_hyphens():
    assert slug(GalleryError) == "gallery-error"


def test_an_unknown_path_and_a_wrong_method_are_problems(empty, problem):
    problem(empty.get("/v2/nothing"), 404, says="/v2/nothing")
    wrong = empty.put("/v1/images")
    problem(wrong, 405)
    assert wrong.headers["allow"]
    problem(empty.post("/page/docs.js"), 405)


def test_what_nobody_expected_tells_nothing_of_the_inside(parts_over, problem, calling):
    class BuggyGallery(MemoryGallery):
        def size_bytes(self) -> int:
            raise RuntimeError("secret of the inside")

    with calling(parts_over(BuggyGallery()), raise_server_exceptions=False) as client:
        answer = client.get("/v1/info")
    found = problem(answer, 500)
    assert "secret" not in answer.text
    assert found["fix"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.slow
def test_every_problem_of_openapi_is_described(empty):
    spec = empty.get("/openapi.json").json()
    assert {one["type"] for one in spec["x-problems"]} == {slug(error) for error in ERRORS}
    assert set(spec["components"]["schemas"]["Problem"]["properties"]) == {
        "type",
        "title",
        "status",
        "detail",
        "fix",
        "invalid",
        "wording",
    }


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("jobs", {}, "kind is missing"),
        ("jobs", {"kind": "sing"}, "kind must be one of 'index', 'caption', 'reencode', 'duplicates'"),
        ("search", {"limit": True}, "limit must be a number, not true or false"),
        ("search", {"crop": "a"}, "crop.0 must be a number; crop.1 is missing; crop.2 is missing; crop.3 is missing"),
        ("search", {"crop": [1, 2, 3, 4, 5], "bogus": 1}, "crop must hold 4 or fewer; bogus is not known here"),
        ("search", [], "body must be an object"),
        ("images/undo", {}, "body must name changes in `edits`, or pictures in `ids`"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_our_words(empty, problem, path, body, says):
    told = problem(empty.post(f"/v1/{path}", json=body), 400)
    assert told["detail"] == f"The request is not as it should be: {says}."
    assert "; ".join(f"{one['where']} {one['what']}" for one in told["invalid"]) == says

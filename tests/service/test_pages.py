"""Is the app served as its browser should have it: what keeps its name asked for, what does not kept for good?"""

import re

import pytest

from lookalike.service.routes.pages import APP


@pytest.fixture
def start(empty):
    if not (APP / "index.html").is_file():
        pytest.skip("the app is not built: make web")
    return empty.get("/")


def test_the_start_page_is_asked_for_each_time(start):
    assert start.status_code == 200
    assert start.headers["content-type"].startswith("text/html")
    assert start.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/browse", "/upload", "/duplicates", "/status"])
def test_every_page_of_the_app_is_the_app(empty, start, path):
    assert empty.get(path).text == start.text


def test_what_has_a_digest_in_its_name_is_kept_for_good(empty, start):
    assets = re.findall(r'"\./(assets/[\w.-]+)"', start.text)
    assert {name.rpartition(".")[2] for name in assets} == {"js", "css"}
    for name in assets:
        answer = empty.get(f"/{name}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_files_beside_it_have_their_types(empty, start):
    assert empty.get("/icon.svg").headers["content-type"].startswith("image/svg+xml")
    assert empty.get("/licences.txt").headers["content-type"].startswith("text/plain")
    assert empty.get("/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/none.svg", "/index.html", "/app.py", "/..svg", "/.vite", "/assets/../index.html", "/assets/"]
)
def test_nothing_else_is_there(empty, path, problem):
    problem(empty.get(path), 404)


def test_a_person_whose_link_is_broken_gets_the_app_and_a_program_the_problem(empty, start, problem):
    visit = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    lost = empty.get("/brwose", headers=visit)
    assert (lost.status_code, lost.text) == (404, start.text)
    assert empty.get("/search.html", headers=visit).text == start.text
    deeper = empty.get("/browse/of//old", headers=visit, follow_redirects=False)
    assert (deeper.status_code, deeper.headers["location"]) == (307, "../../../nowhere")
    within = empty.get("/brwose/a%2Fb", headers=visit, follow_redirects=False)
    assert (within.status_code, within.headers["location"]) == (307, "../nowhere")
    problem(empty.get("/a" * 20_000, headers=visit), 404)
    problem(empty.get("/brwose"), 404)
    problem(empty.get("/v1/nothing", headers=visit), 404)
    problem(empty.get("/brwose", headers=visit | {"sec-fetch-mode": "cors"}), 404)
    problem(empty.get("/v1/images/nobody", headers=visit), 404)


def test_nothing_in_the_app_names_another_server_or_brings_a_style_of_its_own(start):
    assert "://" not in start.text.replace("https://photos.example.org/", "")
    assert "style=" not in start.text
    assert "<style" not in start.text

"""Is a search sent away before anything of it is read when all places are taken, and nothing else?"""

import pytest

from lookalike.testing import picture_bytes


@pytest.fixture
def crowded(client):
    """A service in which all places are taken."""
    searches = client.app.state.service.searches
    before = searches._taken
    searches._taken = searches._places
    yield client
    searches._taken = before


@pytest.mark.parametrize("path", ["/v1/search", "/v1/describe", "/v1/compare", "/v1/images/a/evidence"])
def test_a_search_is_sent_away_unread(crowded, problem, path):
    read = 0

    def body():
        nonlocal read
        read += 1
        yield b"{}"

    answer = crowded.post(path, content=body(), headers={"content-type": "application/json"})
    problem(answer, 503, says="Too many requests are waiting")
    assert int(answer.headers["retry-after"]) > 0
    assert read == 0


def test_an_upload_is_sent_away_only_where_too_many_uploads_wait(crowded, problem):
    asked = {"files": {"image": ("a", picture_bytes(1))}}
    assert crowded.post("/v1/images", **asked).status_code == 201
    uploading = crowded.app.state.service.uploading
    uploading._taken = uploading._places
    problem(crowded.post("/v1/images", **asked), 503, says="Too many requests are waiting")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/info", "/v1/images", "/v1/session", "/metrics", "/"])
def test_what_is_no_search_is_answered_as_ever(crowded, path):
    assert crowded.get(path).status_code in {200, 503 if path == "/" else 200}


@pytest.mark.parametrize("path", ["/v1/images", "/v1/facets?field=tag", "/v1/failures", "/v1/duplicates", "/v1/info"])
def test_what_goes_through_the_whole_gallery_has_places_of_its_own(client, problem, path):
    listings = client.app.state.service.listings
    listings._taken = listings._places
    answer = client.get(path)
    problem(answer, 503, says="Too many requests are waiting")
    assert int(answer.headers["retry-after"]) > 0

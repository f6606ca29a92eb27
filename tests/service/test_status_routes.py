"""Does the service say truly what it holds and whether it can answer?"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import lookalike
from lookalike.config import Settings
from lookalike.errors import GalleryError
from lookalike.service import Parts
from lookalike.service.status.sizes import Sizes
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery
from lookalike.types import Learned


def test_info_counts_what_the_gallery_holds(client, filled):
    info = client.get("/v1/info").json()
    assert (info["images"], info["failures"]) == (10, 0)
    assert info["bytes"] == filled.gallery.size_bytes()
    of_the_encoder = {"dim": 64, "encoder": "colour:64", "role": "now", "lacking": 0}
    assert info["spaces"] == [{"name": "colour:64@1/colour", **of_the_encoder}]
    assert (info["encoder"], info["version"]) == ("colour:64", lookalike.__version__)


def test_a_service_with_a_gallery_is_alive_and_ready(client, empty):
    for caller in (client, empty):
        assert caller.get("/healthz").json() == {"status": "ok"}
        assert caller.get("/readyz").json() == {"status": "ready"}


def test_what_is_asked_with_head_is_answered_like_get_without_the_body(client):
    (image,) = client.get("/v1/images?limit=1").json()["images"]
    for path in ("/healthz", "/readyz", "/v1/info", image["file_url"], image["thumbnail_url"]):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert whole.content
        for name in ("content-type", "content-length"):
            assert head.headers[name] == whole.headers[name], path


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_a_page_may_be_asked_for_with_head_and_no_other_length_is_told_than_it_has(client, encoding):
    headers = {"accept-encoding": encoding}
    whole, head = client.get("/docs", headers=headers), client.head("/docs", headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers.get("content-length") == (whole.headers["content-length"] if encoding == "identity" else None)


def test_only_answers_of_routes_are_counted_whatever_methods_callers_make_up(client):
    for method in ("PROPFIND", "PURGE", "GET"):
        client.request(method, "/v1/info")
    told = [one["route"] for one in client.get("/v1/status").json()["latencies"]]
    assert told == ["GET /v1/info"]


def test_a_service_whose_encoder_is_not_the_gallerys_is_alive_but_not_ready(filled, problem, calling):
    with calling(Parts(library=filled.library.changed(encoder=ColourEncoder(dim=32)))) as client:
        assert client.get("/healthz").status_code == 200
        problem(client.get("/readyz"), 503, says="encoder")


def test_a_service_stays_ready_when_the_gallery_has_learned_how_sure_it_may_be(client, filled):
    (name,) = filled.encoder.spaces
    filled.gallery.calibrate(name, Learned(pictures=(3.0, -1.0), note="of ten pictures"))
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_service_is_ready_whose_encoder_has_the_gallerys_weights_under_another_name(filled, calling):
    exported = ColourEncoder()
    exported.spaces = {name: replace(space, encoder="onnx:exported") for name, space in exported.spaces.items()}
    with calling(Parts(library=filled.library.changed(encoder=exported))) as client:
        assert client.get("/readyz").status_code == 200


def test_a_service_whose_gallery_is_broken_is_not_ready(parts_over, problem, calling):
    class LostGallery(MemoryGallery):
        def count(self, *_: object) -> int:
            raise GalleryError("The disk has gone.")

    with calling(parts_over(LostGallery())) as client:
        problem(client.get("/readyz"), 500, says="gone")


def test_a_captioner_that_would_have_to_be_fetched_is_named_and_not_loaded(parts, calling):
    unloaded = parts.library.changed(settings=Settings(captioner="hf:org/model"))  # which nobody could fetch here
    with calling(Parts(library=unloaded)) as client:
        assert client.get("/v1/status").json()["captioner"]["name"] == "hf:org/model"
    with calling(Parts(library=unloaded.changed(captioner=ColourCaptioner()))) as client:
        assert client.get("/v1/status").json()["captioner"]["name"] == ColourCaptioner().name
    with calling(parts) as client:
        assert client.get("/v1/status").json()["captioner"] is None


def test_who_asks_while_the_disk_is_being_counted_gets_what_was_counted_before(filled, monkeypatch):
    inside, gate, walks, walk = threading.Event(), threading.Event(), [], Path.rglob

    def slowly(folder: Path, pattern: str):
        walks.append(pattern)
        inside.set()
        assert gate.wait(20)
        return walk(folder, pattern)

    uploads = filled.library.uploads
    uploads.mkdir(exist_ok=True)
    (uploads / "a").write_bytes(b"12345")
    monkeypatch.setattr(Path, "rglob", slowly)
    sizes = Sizes(filled)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(sizes.now)
        assert inside.wait(20)
        assert [sizes.now().uploads for _ in range(3)] == [0, 0, 0]
        gate.set()
        assert first.result().uploads == 5
    assert (sizes.now().uploads, len(walks)) == (5, 1)

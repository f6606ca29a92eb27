"""Can an operator see what becomes of requests, and nothing of what is in them?"""

import json
import logging
import re
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lookalike.encoders import Recogniser, TextEncoder
from lookalike.encoders.timed import timed
from lookalike.errors import GalleryError
from lookalike.keys import KeyFile
from lookalike.service.access import Access
from lookalike.service.passage.metrics import Metrics
from lookalike.testing import ColourEncoder, MemoryGallery, picture_bytes

SECRET = "grandma-in-the-bathtub"  # noqa: S105 - no password


@pytest.fixture
def told(caplog):
    """What was logged of requests, as a dict each."""
    caplog.set_level(logging.INFO, "lookalike.requests")
    return lambda: [vars(record) for record in caplog.records if record.name == "lookalike.requests"]


def test_every_answer_has_a_number_that_is_in_the_log(client, told):
    numbers = {client.get(path).headers["x-request-id"] for path in ("/v1/info", "/nothing", "/", "/v1/images?limit=x")}
    assert len(numbers) == 4
    assert all(re.fullmatch(r"[0-9a-f]{16}", number) for number in numbers)
    assert [one["status"] for one in told()] == [200, 404, 200, 400]


def test_a_number_from_a_proxy_is_kept_and_a_harmful_one_is_not(client):
    for given in ("abc-123", "4bf92f3577b34da6a3ce929d0e0e4736"):
        assert client.get("/healthz", headers={"x-request-id": given}).headers["x-request-id"] == given
    for given in ("", "a b", "a\x1b[2J", "x" * 65, "<script>", "é"):
        assert (
            client.get("/healthz", headers={"x-request-id": given.encode("latin-1")}).headers["x-request-id"] != given
        )


@pytest.mark.slow
def test_a_line_tells_what_an_operator_asks_and_nothing_of_the_pictures(parts, tmp_path, calling, told, caplog):
    key = KeyFile(tmp_path / "keys").add("phone", "write")[1]
    with calling(replace(parts, access=Access(keys=tmp_path / "keys"))) as client:
        headers = {"authorization": f"Bearer {key}"}
        sent = {"image": (f"{SECRET}.png", picture_bytes(1))}
        image = client.post("/v1/images", files=sent, headers=headers).json()["images"][0]["image"]["id"]
        client.patch(f"/v1/images/{image}", json={"caption": SECRET}, headers=headers)
        client.post("/v1/search", json={"text": SECRET}, headers=headers)
        client.get("/v1/images", params={"where": f'"{SECRET}"'}, headers=headers)
        client.get("/v1/images", params={"where": f"{SECRET}:(", "cursor": SECRET}, headers=headers)
        client.post("/v1/session", json={"key": f"lk_{SECRET}"})
        client.get(f"/v1/{SECRET}.jpg", headers=headers)
    lines = told()
    assert len(lines) == 7
    assert (lines[-1]["route"], lines[-1]["status"]) == ("none", 404)
    line = lines[1]
    assert (line["method"], line["route"], line["status"], line["caller"]) == ("PATCH", "/v1/images/{id}", 200, "phone")
    assert line["ms"] > 0
    assert line["bytes"] > 0
    ours = [vars(record) for record in caplog.records if record.name.startswith("lookalike")]
    everything = json.dumps([record | {"text": record["msg"] % record["args"]} for record in ours], default=str)
    assert SECRET not in everything
    assert key not in everything


class BrokenGallery(MemoryGallery):
    def count(self, where=None) -> int:  # noqa: ARG002
        raise RuntimeError(SECRET)


def test_what_nobody_foresaw_is_a_problem_with_a_number_and_a_traceback_in_the_log(
    parts_over, problem, calling, caplog
):
    with calling(parts_over(BrokenGallery())) as client:
        answer = client.get("/v1/info")
    said = problem(answer, 500, says=answer.headers["x-request-id"])
    assert SECRET not in json.dumps(said)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "RuntimeError" in caplog.text


@pytest.fixture
def metrics(client):
    """Ask for a measurement by its name and labels."""

    def value(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
        assert found, name
        return float(found[1])

    return value


@pytest.mark.slow
def test_prometheus_reads_how_long_answers_took_by_route(client, metrics):
    for image in client.get("/v1/images").json()["images"]:
        client.get(f"/v1/images/{image['id']}")
    client.get("/v1/images/nothing")
    client.get("/somewhere")
    count = "lookalike_request_seconds_count"
    assert metrics(f'{count}{{method="GET",route="/v1/images/{{id}}",status="200"}}') == 10
    assert metrics(f'{count}{{method="GET",route="/v1/images/{{id}}",status="404"}}') == 1
    assert metrics(f'{count}{{method="GET",route="none",status="404"}}') == 1
    assert metrics("lookalike_requests_in_progress") == 1


@pytest.mark.slow
def test_made_up_paths_and_methods_make_no_new_series(client):
    for number in range(20):
        client.get(f"/v1/{number}")
        client.request(f"X{number}", "/v1/info")
    series = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith("lookalike_request_seconds_count")
    ]
    assert len(series) <= 3


def test_prometheus_reads_the_rest_while_the_gallery_is_away(parts_over, calling):
    class AwayGallery(MemoryGallery):
        def failures(self) -> list:
            raise GalleryError("The server cannot be reached.")

    with calling(parts_over(AwayGallery())) as client:
        told = client.get("/metrics")
    assert told.status_code == 200
    assert "lookalike_gallery_up 0.0" in told.text
    assert "lookalike_images" not in told.text
    assert 'lookalike_waiting{queue="searches"} 0.0' in told.text


@pytest.mark.slow
def test_prometheus_reads_what_the_gallery_holds_and_what_waits(client, metrics):
    assert metrics("lookalike_gallery_up") == 1
    assert metrics("lookalike_images") == 10
    assert metrics("lookalike_failures") == 0
    assert metrics("lookalike_gallery_bytes") >= 0
    assert metrics('lookalike_waiting{queue="searches"}') == 0
    assert metrics('lookalike_running{queue="thumbnails"}') == 0
    client.post("/v1/session", json={"key": "lk_wrong"})
    assert metrics('lookalike_refused_total{status="401"}') == 1


def test_how_many_queries_shared_a_pass_of_the_encoder_can_be_read():
    metrics = Metrics()
    metrics.note_encoding("texts", 3, 0.01)
    metrics.note_encoding("texts", 1, 0.01)
    written = metrics.write().decode()
    assert 'lookalike_encode_seconds_count{what="texts"} 2.0' in written
    assert 'lookalike_encoded_total{what="texts"} 4.0' in written


def test_the_format_is_named_as_prometheus_has_it(client):
    assert client.get("/metrics").headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_a_timed_encoder_does_the_same_and_can_do_no_more_and_no_less():
    noted: list[tuple[str, int, float]] = []
    plain = ColourEncoder()
    encoder = timed(plain, lambda *said: noted.append(said))
    assert (encoder.name, encoder.spaces, encoder.fit) == (plain.name, plain.spaces, plain.fit)
    assert isinstance(encoder, TextEncoder) is isinstance(plain, TextEncoder)
    assert isinstance(encoder, Recogniser) is isinstance(plain, Recogniser)
    assert encoder.encode([]).keys() == plain.encode([]).keys()
    assert noted[0][:2] == ("pictures", 0)
    assert noted[0][2] >= 0


def test_a_request_is_a_span_in_the_trace_of_whoever_asks(filled, calling):
    seen = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(seen))
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with calling(replace(filled, tracing=provider)) as client:
        image = client.get("/v1/images").json()["images"][0]["id"]
        client.get(f"/v1/images/{image}", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    span = seen.get_finished_spans()[-1]
    assert span.name == "GET /v1/images/{id}"
    assert f"{span.context.trace_id:032x}" == trace
    assert span.attributes["http.response.status_code"] == 200
    assert image not in str(dict(span.attributes))
    provider.shutdown()

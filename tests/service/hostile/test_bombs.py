"""Do small files that unfold into large ones cost a caller an answer, and the service nothing?"""

import json
import sys
import time

import httpx2
import psutil
import pytest
from bombs import all_bombs

from lookalike.testing import picture_bytes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_SLOWEST_S = 25
_GROWTH_BYTES = 150_000_000


@pytest.fixture(scope="module")
def bombs() -> list[tuple[str, bytes]]:
    return all_bombs()


def test_every_bomb_is_answered_in_time_and_none_grows_the_service(program, bombs):
    assert len(bombs) >= 30
    with httpx2.Client(base_url=program.url, timeout=60) as client:
        for path in ("v1/images", "v1/search", "v1/search"):  # what comparing two large pictures takes is no growth
            client.post(path, files={"image": ("a.jpg", picture_bytes(1, (1_600, 1_200)))}).raise_for_status()
        before = program.memory()
        with program.peak() as peak:
            for name, content in bombs:
                for path in ("v1/search", "v1/images"):
                    since = time.monotonic()
                    answer = client.post(path, files={"image": ("a.png", content)})
                    assert answer.status_code in {200, 201, 413, 422}, (name, path, answer.text)
                    assert time.monotonic() - since < _SLOWEST_S, name
            assert client.post("v1/search", files={"image": ("a", picture_bytes(1))}).status_code == 200
        assert peak() - before < _GROWTH_BYTES
        workers = [one for one in program.process.children() if "worker" in " ".join(one.cmdline())]
        if sys.platform == "linux":
            assert all(one.memory_info().rss < 1_000_000_000 for one in workers)
    assert psutil.pid_exists(program.process.pid)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"[" * 200_000),
        ("application/json", b'{"a":' * 100_000),
        ("application/json", b'{"image": "' + b"A" * 60_000_000 + b'"}'),
        ("application/json", b'{"text": "' + b"a " * 1_000_000 + b'"}'),
        ("application/json", b"{" + b'"a":1,' * 3_000_000 + b'"b":1}'),
        ("application/json", b'{"where": [' + b"{}," * 5_000_000 + b"1]}"),
        ("application/json", json.dumps({"where": "(" * 100_000}).encode()),
        ("application/json", json.dumps({"where": "a OR " * 50_000}).encode()),
        ("multipart/form-data; boundary=x", b"--x\r\n" * 200_000),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 5_000),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: " + b"b" * 5_000_000 + b"\r\n\r\n"),
        ("multipart/form-data; boundary=" + "x" * 60_000, b"--x"),
    ],
    ids=range(12),
)
def test_a_body_that_is_dear_to_read_is_refused_quickly(program, kind, content):
    before = program.memory()
    with program.peak() as peak:
        since = time.monotonic()
        try:
            answer = httpx2.post(f"{program.url}v1/search", content=content, headers={"content-type": kind}, timeout=30)
            assert 400 <= answer.status_code < 500, answer.text[:500]
        except httpx2.TransportError:
            pass  # it hung up on us in the middle
        assert time.monotonic() - since < 10
    assert peak() - before < 4 * len(content) + 50_000_000
    assert httpx2.get(f"{program.url}healthz").status_code == 200

"""Are fifty uploads of a gigabyte at once refused, without the service growing or others waiting?"""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx2
import pytest

from lookalike.service.parts import ServiceLimits
from lookalike.testing import picture_bytes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_COUNT = 50
_GIGABYTE = 1_000_000_000
_PART = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'


def upload(port: int, path: str, *, tells_length: bool, size: int = _GIGABYTE) -> tuple[int, int]:
    """Send so many bytes, or as many of them as are taken; gives the status, 0 for a hang-up, and the bytes sent."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    head += f"Content-Length: {size + 1_000}\r\n\r\n" if tells_length else "Transfer-Encoding: chunked\r\n\r\n"
    block, sent, received = bytes(256 * 1024), 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        with suppress(OSError):  # it hung up on us in the middle
            connection.sendall(head.encode())
            connection.sendall(_PART if tells_length else f"{len(_PART):x}\r\n".encode() + _PART + b"\r\n")
            while sent < size:
                connection.sendall(block if tells_length else f"{len(block):x}\r\n".encode() + block + b"\r\n")
                sent += len(block)
            connection.sendall(b"" if tells_length else b"0\r\n\r\n")
        with suppress(OSError):
            received = connection.recv(65_536)
    return (int(received.split()[1]) if received else 0), sent


@pytest.mark.parametrize(("path", "tells_length"), [("/v1/search", True), ("/v1/search", False), ("/v1/images", True)])
def test_fifty_uploads_of_a_gigabyte_are_refused_without_the_service_growing(program, path, tells_length):
    with httpx2.Client(base_url=program.url, timeout=60) as client:
        client.post("v1/search", files={"image": ("a", picture_bytes(1))}).raise_for_status()
        before = program.memory()
        with program.peak() as peak, ThreadPoolExecutor(_COUNT) as threads:
            uploads = [threads.submit(upload, program.port, path, tells_length=tells_length) for _ in range(_COUNT)]
            waited = []
            while not all(one.done() for one in uploads):
                since = time.monotonic()
                assert client.get("healthz").status_code == 200
                waited.append(time.monotonic() - since)
                time.sleep(0.05)
            answers = [one.result() for one in uploads]
        assert {status for status, _ in answers} <= {413, 503, 0}
        assert any(status == 413 for status, _ in answers)
        assert max(sent for _, sent in answers) < 200_000_000
        held = 0 if tells_length else 2 * ServiceLimits().max_held_bytes  # what grows is copied
        assert peak() - before < held + 60_000_000
        assert client.post("v1/search", files={"image": ("a", picture_bytes(1))}).status_code == 200
        assert max(waited, default=0) < 5


def test_uploads_that_do_not_say_how_long_they_are_lie_on_disk_and_not_in_memory(program):
    with httpx2.Client(base_url=program.url, timeout=60) as client:
        client.post("v1/images", files={"image": ("a", picture_bytes(1))}).raise_for_status()
        before = program.memory()
        with program.peak() as peak, ThreadPoolExecutor(10) as threads:
            asked = {"tells_length": False, "size": 100_000_000}
            uploads = [threads.submit(upload, program.port, "/v1/images", **asked) for _ in range(10)]
            assert {one.result()[0] for one in uploads} <= {413, 400}
        assert peak() - before < 60_000_000

"""What becomes of a gallery whose Milvus is killed, slow, closed to us, or robbed of its collections?"""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from milvus_servers import MilvusProcess
from pymilvus import MilvusClient

from lookalike.errors import GalleryError, LookalikeError, Unreachable
from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import make_records, make_space, picture_bytes
from lookalike.testing.records import make_vectors

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(400)]

SPACE = make_space()
RESTART_S = 90.0


@pytest.fixture
def mortal(_mortal: MilvusProcess) -> MilvusProcess:
    _mortal.revive()
    return _mortal


@pytest.fixture(scope="module")
def _mortal(tmp_path_factory) -> Iterator[MilvusProcess]:
    pytest.importorskip("milvus", reason="the package milvus is not installed")
    process = MilvusProcess(tmp_path_factory.mktemp("mortal"), authorization=True, **{"common.session.ttl": 10})
    process.start()
    yield process
    process.stop()


@contextlib.contextmanager
def opened(process: MilvusProcess, name: str, timeout: int = 20) -> Iterator[Gallery]:
    url = f"milvus://127.0.0.1:{process.port}/{name}?timeout={timeout}"
    with open_gallery(url, token="root:Milvus") as gallery:  # noqa: S106 - the server's first password
        gallery.add_space(SPACE)
        yield gallery


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + RESTART_S
    while True:
        try:
            if holds():
                return
        except (LookalikeError, httpx2.HTTPError) as error:
            seen: object = error
        else:
            seen = "it does not hold"
        assert time.monotonic() < deadline, seen
        time.sleep(0.3)


def test_whoever_does_not_know_the_password_is_told_where_to_put_it(mortal):
    for token in ("", "root:wrong"):
        with pytest.raises(GalleryError, match="LOOKALIKE_GALLERY_TOKEN_FILE") as caught:
            open_gallery(f"milvus://127.0.0.1:{mortal.port}/private", token=token)
        assert "wrong" not in str(caught.value)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_while_it_is_filled(mortal):
    records = make_records(2_000)
    acknowledged: list[str] = []
    with opened(mortal, "killed") as gallery:
        with contextlib.suppress(LookalikeError):
            for start in range(0, len(records), 100):
                if start == 800:
                    mortal.stop(signal.SIGKILL)
                gallery.put(records[start : start + 100])
                acknowledged += [one.id for one in records[start : start + 100]]
        assert len(acknowledged) == 800
        since = time.monotonic()
        with pytest.raises(Unreachable, match="Look whether it runs"):
            gallery.count()
        assert time.monotonic() - since < 5
        mortal.start()
        until(lambda: gallery.count() >= 800)
        assert len(gallery.get(acknowledged)) == 800
        until(lambda: len(gallery.nearest(SPACE.name, make_vectors(1), 800)[0].ids) == 800)
        gallery.put(records)
        assert gallery.count() == 2_000
        assert gallery.check() == []


def test_a_server_that_hangs_is_given_up_in_time_and_answers_again_when_it_goes_on(mortal):
    with opened(mortal, "slow", timeout=2) as gallery:
        gallery.put(make_records(20))
        mortal.pause()
        try:
            since = time.monotonic()
            for call in (gallery.count, lambda: gallery.put(make_records(40)[20:])):
                with pytest.raises(Unreachable, match="timeout="):
                    call()
            assert time.monotonic() - since < 15
        finally:
            mortal.go_on()
        until(lambda: gallery.count() in (20, 40))
        until(lambda: gallery.put(make_records(40)) is None)
        assert gallery.count() == 40


def test_a_collection_dropped_underneath_is_said_and_never_made_anew_in_silence(mortal):
    client = MilvusClient(f"http://127.0.0.1:{mortal.port}", token="root:Milvus")  # noqa: S106
    with opened(mortal, "robbed") as gallery:
        gallery.put(make_records(10))
        client.drop_collection("robbed_records")
        with pytest.raises(GalleryError, match="gone"):
            gallery.count()
        assert any("robbed_records" in finding for finding in gallery.check())
    with pytest.raises(GalleryError, match="gone"), opened(mortal, "robbed"):
        pass


def test_the_service_is_not_ready_without_its_server_answers_in_time_and_is_ready_again(mortal, tmp_path, home):
    album = tmp_path / "album"
    album.mkdir()
    (album / "1.jpg").write_bytes(picture_bytes(1, (200, 150)))
    token = tmp_path / "token"
    token.write_text("root:Milvus\n")
    gallery = ("--gallery", f"milvus://127.0.0.1:{mortal.port}/served?timeout=5")
    environment = {"LOOKALIKE_GALLERY_TOKEN_FILE": str(token), "LOOKALIKE_WORKERS": "1"}
    with served(album, gallery, environment) as client:
        until(lambda: client.get("/v1/info").json()["images"] == 1)
        assert client.get("/readyz").status_code == 200
        mortal.stop(signal.SIGKILL)
        since = time.monotonic()
        answers = [client.get(path) for path in ("/readyz", "/v1/images", "/v1/info")]
        assert {answer.status_code for answer in answers} == {502}
        assert all("Milvus" in answer.json()["detail"] for answer in answers)
        assert client.get("/healthz").status_code == 200
        assert time.monotonic() - since < 20
        mortal.start()
        until(lambda: client.get("/readyz").status_code == 200)


@contextlib.contextmanager
def served(album: Path, gallery: tuple[str, str], environment: dict[str, str]) -> Iterator[httpx2.Client]:
    import os

    command = [sys.executable, "-m", "lookalike", "serve", album, *gallery, "--port", "0", "--no-open"]
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        with httpx2.Client(base_url=line.split()[-1], timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()

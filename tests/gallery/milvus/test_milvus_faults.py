"""What becomes of a gallery whose Milvus is killed, slow, closed to us, or robbed of its collections?"""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
import trustme
from milvus_servers import PASSWORD, MilvusProcess
from pymilvus import MilvusClient
from tls_proxy import TlsProxy

from lookalike import Lookalike
from lookalike.config import load_settings
from lookalike.errors import GalleryError, LookalikeError, Unreachable
from lookalike.exchange import copy_gallery, verify_copy
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.testing import make_records, make_space, picture_bytes
from lookalike.testing.records import make_vectors
from lookalike.types import Outcome
from lookalike.uris import image_id

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(400)]

SPACE = make_space()
RESTART_S = 90.0
SESSION_S = 10
"""After a restart, a Milvus waits as long for what it was before."""


@pytest.fixture(scope="module")
def _mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusProcess]:
    pytest.importorskip("milvus", reason="the package milvus is not installed")
    folder = tmp_path_factory.mktemp("mortal")
    process = MilvusProcess(folder, authorization=True, **{"common.session.ttl": SESSION_S})
    process.start()
    yield process
    process.stop()


@pytest.fixture
def milvus_process(_mortal: MilvusProcess) -> MilvusProcess:
    """A server that may be killed, which runs."""
    _mortal.revive()
    return _mortal


@contextlib.contextmanager
def opened(process: MilvusProcess, name: str, timeout: int = 20) -> Iterator[Gallery]:
    url = f"milvus://127.0.0.1:{process.port}/{name}?timeout={timeout}"
    with open_gallery(url, token=PASSWORD) as gallery:
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


def test_whoever_does_not_know_the_password_is_told_where_to_put_it(milvus_process):
    for in_url, token in (("", ""), ("", "root:wrong"), ("root:wrong@", "")):
        with pytest.raises(GalleryError, match="LOOKALIKE_GALLERY_TOKEN_FILE") as caught:
            open_gallery(f"milvus://{in_url}127.0.0.1:{milvus_process.port}/private", token=token)
        assert "wrong" not in str(caught.value)


def test_the_token_of_the_settings_is_told_to_no_other_server_than_theirs(milvus_process, home):
    here = f"milvus://127.0.0.1:{milvus_process.port}/asked"
    theirs = load_settings(gallery=here, gallery_token=PASSWORD)
    with Lookalike(here.replace("asked", "beside"), settings=theirs) as library:
        assert library.gallery.count() == 0
    elsewhere = load_settings(gallery="milvus://db.example.org/asked", gallery_token=PASSWORD)
    with Lookalike(here, settings=elsewhere) as library, pytest.raises(GalleryError, match="who asks"):
        library.gallery.count()


def test_over_tls_only_a_server_whose_authority_is_named_is_trusted(milvus_lite, tmp_path):
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    behind = milvus_lite.url("tls")
    with TlsProxy(int(behind.rpartition(":")[2].partition("/")[0]), tls) as proxy:
        url = f"milvus+tls://localhost:{proxy.port}/{behind.rpartition('/')[2]}?timeout=2&ca={tmp_path}"
        with open_gallery(f"{url}/ca.pem") as gallery:
            gallery.add_space(SPACE)
            gallery.put(make_records(20))
            assert len(gallery.nearest(SPACE.name, make_vectors(1), 20)[0].ids) == 20
            assert gallery.url.startswith("milvus+tls://localhost:")
        for untrusted in (f"{url}/stranger.pem", f"milvus://localhost:{proxy.port}/tls?timeout=2"):
            with pytest.raises(Unreachable, match="TLS"):
                open_gallery(untrusted)
    milvus_lite.clear()


def test_a_server_that_hangs_is_given_up_in_time_and_answers_again_when_it_goes_on(milvus_process):
    with opened(milvus_process, "slow", timeout=2) as gallery:
        gallery.put(make_records(20))
        milvus_process.pause()
        try:
            since = time.monotonic()
            for call in (gallery.count, lambda: gallery.put(make_records(40)[20:])):
                with pytest.raises(Unreachable, match="timeout="):
                    call()
            assert time.monotonic() - since < 15
        finally:
            milvus_process.go_on()
        until(lambda: milvus_process.revive() or gallery.count() in (20, 40))  # held up for long, it ends itself
        until(lambda: milvus_process.revive() or gallery.put(make_records(40)) is None)
        assert gallery.count() == 40


@pytest.mark.parametrize("collection", ["records", "notes"])
def test_a_collection_dropped_underneath_is_said_and_never_made_anew_in_silence(milvus_process, collection):
    client = MilvusClient(f"http://127.0.0.1:{milvus_process.port}", token=PASSWORD)
    name = f"without_{collection}"
    with opened(milvus_process, name) as gallery:
        gallery.put(make_records(10))
        client.drop_collection(f"{name}_{collection}")
        with pytest.raises(GalleryError, match="gone"):
            gallery.count(parse_filter("label:dog"))
        assert any(f"{name}_{collection}" in finding for finding in gallery.check())
    with pytest.raises(GalleryError, match="gone"), opened(milvus_process, name):
        pass
    client.drop_collection(f"{name}_records")


def test_a_killed_server_loses_nothing_acknowledged_and_copies_and_the_service_go_on_when_it_is_back(
    milvus_process, tmp_path, home
):
    records = make_records(1_600)
    album = tmp_path / "album"
    album.mkdir()
    (album / "1.jpg").write_bytes(picture_bytes(1, (200, 150)))
    token = tmp_path / "token"
    token.write_text(f"{PASSWORD}\n")
    gallery = ("--gallery", f"milvus://127.0.0.1:{milvus_process.port}/served?timeout=5")
    environment = {"LOOKALIKE_GALLERY_TOKEN_FILE": str(token), "LOOKALIKE_WORKERS": "1"}
    with (
        serving(album, gallery, environment) as service,
        open_gallery(tmp_path / "source.gallery") as source,
        opened(milvus_process, "killed") as target,
        asked(service) as client,
    ):
        source.add_space(SPACE)
        source.put(records)
        until(lambda: client.get("/v1/info").json()["images"] == 1)
        assert client.get("/readyz").status_code == 200
        copied = copy_gallery(source, target)
        acknowledged = [next(copied).uri for _ in range(600)]
        milvus_process.stop(signal.SIGKILL)
        with pytest.raises(Unreachable, match="Look whether it runs"):
            acknowledged += [one.uri for one in copied]
        assert 600 <= len(acknowledged) < 1_600
        assert_said(client)
        milvus_process.start()
        until(lambda: target.count() >= len(acknowledged))
        assert len(target.get([image_id(uri) for uri in acknowledged])) == len(acknowledged)
        until(lambda: len(target.nearest(SPACE.name, make_vectors(1), 500)[0].ids) == 500)
        outcomes = [one.outcome for one in copy_gallery(source, target)]
        assert outcomes.count(Outcome.UNCHANGED) >= len(acknowledged)
        assert verify_copy(source, target).records == target.count() == 1_600
        assert target.check() == []
        until(lambda: client.get("/readyz").status_code == 200)


def assert_said(client: httpx2.Client) -> None:
    """Claim that a service whose server is gone says so, in time."""
    since = time.monotonic()
    answers = [client.get(path) for path in ("/readyz", "/v1/images", "/v1/info")]
    assert {answer.status_code for answer in answers} == {502}
    assert all("Milvus" in answer.json()["detail"] for answer in answers)
    assert client.get("/healthz").status_code == 200
    assert time.monotonic() - since < 20


@contextlib.contextmanager
def serving(album: Path, gallery: tuple[str, str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lookalike", "serve", album, *gallery, "--port", "0", "--no-open"]
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextlib.contextmanager
def asked(service: subprocess.Popen[str]) -> Iterator[httpx2.Client]:
    """Give a client of a service, once that has said where it is."""
    assert service.stdout is not None
    with httpx2.Client(base_url=service.stdout.readline().split()[-1], timeout=30) as client:
        yield client

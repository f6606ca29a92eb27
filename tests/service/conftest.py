"""What do the service's tests need? An application over a filled gallery, called in process or over a real socket."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from ready_library import library_over
from starlette.testclient import TestClient

from lookalike.decode import DecodePool
from lookalike.gallery import Gallery
from lookalike.ingest import ingest
from lookalike.service import BoundServer, Parts, create_app
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, MemoryGallery
from lookalike.thumbnails import Thumbnails
from lookalike.types import ImageRecord
from lookalike.uris import image_id

Problem = Callable[..., dict]


@pytest.fixture
def parts_over(tmp_path: Path, decoder: DecodePool) -> Iterator[Callable[[Gallery], Parts]]:
    """How to make a service over another gallery."""
    with ExitStack() as held:

        def make(gallery: Gallery) -> Parts:
            held.enter_context(gallery)
            thumbnails = held.enter_context(Thumbnails(tmp_path / "thumbnails", decoder))
            library = held.enter_context(library_over(gallery, decoder, thumbnails, tmp_path))
            return Parts(library=library)

        yield make


@pytest.fixture
def parts(parts_over: Callable[[Gallery], Parts]) -> Parts:
    """A service over an empty gallery."""
    return parts_over(MemoryGallery())


@pytest.fixture(scope="session")
def _drawn_records(drawn_photos: Path, decoder: DecodePool) -> list[ImageRecord]:
    """The records of the drawn pictures: indexing them for each test would take longer than all else."""
    with MemoryGallery() as gallery:
        ids = [one.id for one in ingest(FolderSource([drawn_photos]), gallery, ColourEncoder(), decoder)]
        return gallery.get(ids, embeddings=True)


@pytest.fixture
def filled(parts: Parts, photos: Path, drawn_photos: Path, _drawn_records: list[ImageRecord]) -> Parts:
    """A service over a gallery with the ten drawn pictures, as if they had been indexed where this test has them."""
    for space in parts.encoder.spaces.values():
        parts.gallery.add_space(space)
    uris = [record.uri.replace(drawn_photos.as_uri(), photos.as_uri(), 1) for record in _drawn_records]
    moved = [replace(record, id=image_id(uri), uri=uri) for uri, record in zip(uris, _drawn_records, strict=True)]
    parts.gallery.put(moved)
    return parts


@contextmanager
def _calling(parts: Parts, **options: object) -> Iterator[TestClient]:
    """Call an application in process, as a program on this machine would."""
    with TestClient(create_app(parts), base_url="http://localhost", **options) as client:
        yield client


@pytest.fixture
def calling() -> Callable[..., AbstractContextManager[TestClient]]:
    """How to call a service that is made of other parts."""
    return _calling


@pytest.fixture
def serving() -> Callable[[Parts], AbstractContextManager[BoundServer]]:
    """How to serve other parts on a real socket."""
    return _serving


@pytest.fixture
def client(filled: Parts) -> Iterator[TestClient]:
    """A caller of the service over ten pictures."""
    with _calling(filled) as client:
        yield client


@pytest.fixture
def empty(parts: Parts) -> Iterator[TestClient]:
    """A caller of the service over an empty gallery."""
    with _calling(parts) as client:
        yield client


@contextmanager
def _serving(parts: Parts) -> Iterator[BoundServer]:
    """Serve on a real socket in a thread."""
    server = BoundServer(create_app(parts))
    thread = Thread(target=server.run)
    thread.start()
    try:
        assert server.ready.wait(20)
        yield server
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def server(filled: Parts) -> Iterator[BoundServer]:
    """The service over ten pictures, on a real socket."""
    with _serving(filled) as bound:
        yield bound


@pytest.fixture
def problem() -> Problem:
    """Make sure that an answer is a whole problem of a status, and give it."""

    def check(response, status: int, *, says: str = "") -> dict:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        found = response.json()
        assert found["status"] == status
        assert found["title"]
        assert found["detail"]
        assert says in found["detail"] + found["fix"]
        assert "Traceback" not in response.text
        return found

    return check

"""What does a measurement over HTTP serve, and what does it ask?

`lookalike serve` runs in a process of its own over a gallery of random vectors and some real pictures, made from the
photos of LOOKALIKE_TEST_DATA where that is set and drawn otherwise. Its captions are made up from real ones where these
are there; else each is one of five texts. Asked are these five; uploads of 20 photos that the gallery holds in no form,
so that each goes the whole way, each of other bytes; random vectors; and thumbnails of what is indexed. Callers and
server share this machine's cores, so all figures are lower than over a network.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import psutil

from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import make_record
from lookalike.types import ImageRecord
from lookalike.uris import image_id
from made_up_captions import Captions, real_captions
from sized_pictures import QUERIED, SIZES, enlarged, photos, same_sized

HITS = 20
WORDS = (
    "two dogs playing in the snow",
    "sunset on the beach",
    "red car",
    "a person with a guitar",
    "old town at night",
)
_BATCH = 1_000

Requests = dict[str, Sequence[bytes]]
"""Kind of query → requests of it, as they go over the wire."""


@dataclass(frozen=True, slots=True)
class Service:
    """A server that runs."""

    url: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """Processor time that the server and its decoders have taken so far."""
        times = [one.cpu_times() for one in self._processes()]
        return sum(one.user + one.system for one in times)

    def memory(self) -> int:
        """Resident bytes of the server and of its decoders; what they share counts for each."""
        return sum(one.memory_info().rss for one in self._processes())

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let the command line say what is served."""
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--pictures", type=int, default=200, help="real pictures beside them")
    parser.add_argument("--encoder", default="mini")
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (0.2 GB for 100,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")


@contextmanager
def serving(gallery: Path, encoder: str) -> Iterator[Service]:
    """Run `lookalike serve` in a process of its own."""
    command = [sys.executable, "-m", "lookalike", "serve", "--gallery", str(gallery), "--encoder", encoder]
    command += ["--host", "127.0.0.1", "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield Service(server.stdout.readline().split()[-1].rstrip("/"), psutil.Process(server.pid))
        finally:
            server.terminate()


def prepare(work: Path, arguments: argparse.Namespace) -> tuple[Path, Requests]:
    """Index some pictures, put random vectors beside them, and write requests of each kind."""
    path, folder = work / "bench.gallery", work / "pictures"
    folder.mkdir()
    for number, photo in enumerate(islice(photos(QUERIED + arguments.pictures), QUERIED, None)):
        (folder / f"{number}.jpg").write_bytes(enlarged(photo, SIZES["500-px JPEG"]))
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--gallery", str(path)]
    subprocess.run([*command, "--encoder", arguments.encoder], check=True, capture_output=True)
    with open_gallery(path) as gallery:
        indexed = [one.id for one in gallery.scan(limit=200).records]
        _fill(gallery, arguments.images)
        dim = max(space.dim for space in gallery.spaces.values())
    vectors = np.random.default_rng(1).normal(size=(50, dim)).tolist()
    pictures = same_sized(max(QUERIED, arguments.pictures // 4), SIZES["500-px JPEG"])
    return path, {
        "text": [_post("/v1/search", "application/json", _json(text=words, limit=HITS)) for words in WORDS],
        "picture": [_post("/v1/search", "multipart/form-data; boundary=x", _form(one)) for one in pictures],
        "vector": [
            _post("/knn-service", "application/json", _json(embedding_input=one, num_images=HITS)) for one in vectors
        ],
        "thumbnail": [_get(f"/v1/images/{id_}/thumbnail?size=256") for id_ in indexed],
    }


def _fill(gallery: Gallery, images: int) -> None:
    """Put records without files, with a random vector in each of the gallery's spaces, and with words."""
    random, captions = np.random.default_rng(0), Captions(real_captions() or [one.split() for one in WORDS], 0)
    spaces = gallery.spaces.values()
    for start in range(0, images, _BATCH):
        count = min(_BATCH, images - start)
        vectors = {one.name: random.normal(size=(count, one.dim)).astype(np.float32) for one in spaces}
        units = {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in vectors.items()}
        rows = [{name: unit[n] for name, unit in units.items()} for n in range(count)]
        gallery.put([_record(start + n, captions.draw(), row) for n, row in enumerate(rows)])


def _record(number: int, caption: str, vectors: dict[str, np.ndarray]) -> ImageRecord:
    uri = f"file:///somewhere/{number}.jpg"
    embeddings = {name: vector.astype(np.float16) for name, vector in vectors.items()}
    return make_record(uri, id=image_id(uri), caption=caption, embeddings=embeddings)


def _json(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _post(path: str, kind: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _form(picture: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return head + picture + b"\r\n--x--\r\n"

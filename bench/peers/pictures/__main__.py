"""How fast does one way turn a folder of pictures into vectors or hashes?

    python -m peers.pictures WAY FOLDER NETWORK RESULT

Loading libraries and networks is not counted.
"""

import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime
from PIL import Image

from peers.pictures import WAYS

_BATCH = 32


def main() -> None:
    """Do it, and write how many and how long."""
    way, folder, network, result = sys.argv[1:]
    prepare: Callable[[Path, Path], Callable[[], int]] = globals()[WAYS[way]]
    work = prepare(Path(folder), Path(network))
    began = time.perf_counter()
    count = work()
    Path(result).write_text(json.dumps({"pictures": count, "seconds": time.perf_counter() - began}), "utf-8")


class Network:
    """An ONNX graph with as many threads as it likes."""

    def __init__(self, path: Path) -> None:
        """Load it, and run it once."""
        self._session = onnxruntime.InferenceSession(path)
        pixels = self._session.get_inputs()[0]
        self._input, self.size = pixels.name, pixels.shape[1]
        self._output = self._session.get_outputs()[0].name
        self.encode(np.zeros((1, self.size, self.size, 3), np.uint8))

    def read(self, path: str | Path) -> np.ndarray:
        """Decode a picture to a square."""
        return np.asarray(Image.open(path).convert("RGB").resize((self.size, self.size)))

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Give a vector each."""
        found: np.ndarray = self._session.run([self._output], {self._input: pictures})[0]
        return found


def one_at_a_time(folder: Path, network_path: Path) -> Callable[[], int]:
    """Read a picture, encode it, read the next."""
    network = Network(network_path)
    return lambda: len([network.encode(network.read(path)[None]) for path in folder.iterdir()])


def in_batches(folder: Path, network_path: Path) -> Callable[[], int]:
    """Read 32, encode them together."""
    network, paths = Network(network_path), sorted(folder.iterdir())

    def work() -> int:
        starts = range(0, len(paths), _BATCH)
        batches = (np.stack([network.read(path) for path in paths[at : at + _BATCH]]) for at in starts)
        return len(np.concatenate([network.encode(batch) for batch in batches]))

    return work


def deepsearchlite(folder: Path, network_path: Path) -> Callable[[], int]:
    """Let it read and encode one at a time, and write its pickle and its index."""
    search = import_module("DeepSearchLite.DeepSearchLite")
    network = Network(network_path)

    def work() -> int:
        paths = [str(path) for path in folder.iterdir()]
        with (
            tempfile.TemporaryDirectory() as made,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            search.SearchSetup(
                item_list=paths,
                feature_extractor=lambda picture: network.encode(np.asarray(picture)[None]),
                metadata_dir=made,
                item_loader=lambda path: Image.open(path).resize((network.size, network.size)).convert("RGB"),
            )
        return len(paths)

    return work


def imagededup_hashes(folder: Path, _: Path) -> Callable[[], int]:
    """Let it hash with all cores."""
    home = next(iter(import_module("imagededup").__path__))
    methods = ModuleType("imagededup.methods")  # without the networks beside the hashes, which want torch
    methods.__path__ = [f"{home}/methods"]
    sys.modules[methods.__name__] = methods
    models = ModuleType("imagededup.utils.models")
    models.CustomModel = None  # type: ignore[attr-defined]
    sys.modules[models.__name__] = models
    method = import_module("imagededup.methods.hashing").PHash(verbose=False)
    return lambda: len(method.encode_images(str(folder)))


if __name__ == "__main__":
    main()

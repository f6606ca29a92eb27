"""What does the branch for words learn from? The trunk's map of each picture, as it is and randomly cut and coloured.

The trunk never changes, so its maps are made once, by the shipped 8-bit file itself, and kept on disk.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from jaxtyping import Float32, UInt8
from onnx import TensorProto, helper
from PIL import Image, ImageEnhance

from copying.views import mapped
from lite0 import FEATURES as WIDTH
from lite0 import SIZE
from lookalike.models.with_onnxruntime import session_options
from lookalike.types import Pixels
from network_file import FEATURES, PIXELS
from taps import Steps, quantised, read_steps

TAP = "add_873"
"""The map in mini.onnx at which the branch begins: after the sixth stage, block 14."""

MIDDLE_FEATURES, MIDDLE = "copy_features", 704
"""What the copy head pools from the middle of the network, in mini.onnx: colours and textures, which words name."""

TAP_BLOCK, TAP_CHANNELS, TAP_SIDE = 14, 192, 7

_CHUNK = 32

Maps = UInt8[np.ndarray, "n channels side side"]
Pooled = Float32[np.ndarray, "n features"]

log = logging.getLogger("words")


class Trunk:
    """Runs mini.onnx up to the map where the branch begins; its bytes mean (byte − zero) × scale."""

    def __init__(self, model: Path) -> None:
        network = onnx.load(model)
        self.steps: Steps = read_steps(network, TAP)
        for name, width in ((FEATURES, WIDTH), (MIDDLE_FEATURES, MIDDLE)):
            network.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]))
        whole = network.SerializeToString()
        del network.graph.output[:]
        network.graph.output.append(helper.make_tensor_value_info(quantised(TAP), TensorProto.UINT8, None))
        providers = ["CPUExecutionProvider"]
        self._half = onnxruntime.InferenceSession(network.SerializeToString(), session_options(), providers=providers)
        self._whole = onnxruntime.InferenceSession(whole, session_options(), providers=providers)

    def maps(self, batch: UInt8[np.ndarray, "n side side 3"]) -> Maps:
        """Give the bytes of the map of each picture."""
        maps: Maps = self._half.run([quantised(TAP)], {PIXELS: batch})[0]
        return maps

    def pooled(self, batch: UInt8[np.ndarray, "n side side 3"]) -> Pooled:
        """Give the trunk's own last features of each picture, and after them those from its middle."""
        return np.concatenate(self._whole.run([FEATURES, MIDDLE_FEATURES], {PIXELS: batch}), axis=1)


class Views:
    """Maps of each picture: view 0 as it is, the others changed at random; made once, continued where cut off."""

    maps: UInt8[np.ndarray, "views n channels side side"]
    pooled: Float32[np.ndarray, "n features"]
    """Of view 0, as `Trunk.pooled` gives them."""

    def __init__(self, folder: Path, count: int, pictures: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._done = folder / "done"
        self._count = count
        side = (TAP_CHANNELS, TAP_SIDE, TAP_SIDE)
        self.maps = mapped(folder / "maps.npy", (count, pictures, *side), np.uint8)
        self.pooled = mapped(folder / "pooled.npy", (pictures, WIDTH + MIDDLE), np.float32)

    @property
    def whole(self) -> int:
        """How many views are complete."""
        return self._start() // self.maps.shape[1]

    def make(self, trunk: Trunk, pictures: Sequence[Pixels], seed: int) -> None:
        """Make what is not there yet; every view has its own seed, so that a break changes nothing."""
        count = self.maps.shape[1]
        for first in range(self._start(), self._count * count, _CHUNK):
            places = [divmod(place, count) for place in range(first, min(first + _CHUNK, self._count * count))]
            batch = np.stack([_view(pictures[index], view, (seed, view, index)) for view, index in places])
            for (view, index), map_ in zip(places, trunk.maps(batch), strict=True):
                self.maps[view, index] = map_
            plain = [number for number, (view, _) in enumerate(places) if view == 0]
            if plain:
                self.pooled[[places[number][1] for number in plain]] = trunk.pooled(batch[plain])
            if (first // _CHUNK) % 50 == 49 or first + _CHUNK >= self._count * count:
                self.maps.flush()
                self._done.write_text(str(first + len(places)))
                log.info("views: %d of %d", first + len(places), self._count * count)

    def _start(self) -> int:
        return int(self._done.read_text()) if self._done.exists() else 0


def _view(picture: Pixels, view: int, seed: tuple[int, int, int]) -> Pixels:
    """Give the picture itself, or a random part of it, mirrored or not, in other light and colours."""
    if view == 0:
        return picture
    rng = np.random.default_rng(seed)
    image = Image.fromarray(picture)
    share, shape = rng.uniform(0.5, 1.0), np.exp(rng.uniform(-0.22, 0.22))
    width, height = (min(1.0, float(np.sqrt(share * side))) * SIZE for side in (shape, 1 / shape))
    left, top = rng.uniform(0, SIZE - width), rng.uniform(0, SIZE - height)
    box = (left, top, left + width, top + height)
    image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=box)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        if rng.random() < 0.5:
            image = change(image).enhance(float(rng.uniform(0.7, 1.3)))
    return np.asarray(image)

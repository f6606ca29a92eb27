"""How do towers run? On the graphics card where torch finds one, else on the caller's own thread."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from lookalike.decode import Fit
from lookalike.decode.pixels import fit_pixels
from lookalike.encoders.torch.towers import Towers, Words
from lookalike.encoders.vectors import unit_vectors
from lookalike.errors import BadInput
from lookalike.models.network import Engine, brief
from lookalike.models.with_torch import find_device, telling_full
from lookalike.types import Embeddings, Pixels, Space

_BATCH = {"cpu": 8}
"""Pictures in one run: larger batches are no faster on a CPU, and take more memory."""
_BATCH_ELSEWHERE = 64
_TEXTS = 32
"""Texts in one run; a long one makes its whole batch long."""


class TorchEncoder:
    """Runs a checkpoint's tower for pictures.

    On a CPU each call works in the caller's thread, as with all other encoders: to use more cores, call from more
    threads. For that torch is told to use one thread a call, in the whole process.
    """

    engine = "torch"

    def __init__(self, name: str, towers: Towers, engine: Engine = "auto", space: Space | None = None) -> None:
        self.name = name
        wanted = towers.input
        self.fit = Fit(
            size=wanted.size, mode=wanted.fit, margin=wanted.margin, filter=wanted.filter, rounding=wanted.rounding
        )
        space = space or towers.made_space(name)
        self.spaces: Mapping[str, Space] = {space.name: space}
        self.towers = towers
        self.device = find_device(engine)
        if self.device == "cpu":
            torch.set_num_threads(1)
        self._module = towers.module.to(self.device).eval()
        mean, std = (torch.tensor(three, device=self.device).view(3, 1, 1) for three in (wanted.mean, wanted.std))
        self._slope, self._offset = 1 / (255 * std), -mean / std

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode n ≥ 0 pictures of any size into {space name: (n, dim) float32 unit vectors}.

        Raises:
            BadInput: the model fails, or gives something other than one finite vector for each picture.
            MachineError: the graphics card has too little memory.
        """
        (space,) = self.spaces.values()
        made = np.empty((len(images), space.dim), np.float32)
        size = _BATCH.get(self.device, _BATCH_ELSEWHERE)
        for start in range(0, len(images), size):
            batch = self._fitted(images[start : start + size])
            found = _run(self._module, self._prepare(batch), self.name)
            made[start : start + size] = unit_vectors(found, (len(batch), space.dim), f"output of {self.name}")
        return {space.name: made}

    def prepared(self, images: Sequence[Pixels]) -> Float32[np.ndarray, "n 3 side side"]:
        """Give the numbers that the network takes for n ≥ 1 pictures of any size."""
        numbers: np.ndarray = self._prepare(self._fitted(images)).cpu().contiguous().numpy()
        return numbers

    def _fitted(self, images: Sequence[Pixels]) -> UInt8[np.ndarray, "n side side 3"]:
        return np.stack([fit_pixels(image, self.fit) for image in images])

    def _prepare(self, batch: UInt8[np.ndarray, "n side side 3"]) -> Any:
        """Bring pixels to the numbers and the order of axes that the network was trained on."""
        numbers = torch.from_numpy(batch).to(self.device).permute(0, 3, 1, 2).to(torch.float32)
        return numbers.mul_(self._slope).add_(self._offset)


class TorchTextEncoder(TorchEncoder):
    """Also knows words."""

    def __init__(self, name: str, towers: Towers, words: Words, engine: Engine = "auto") -> None:
        super().__init__(name, towers, engine)
        (self.text_space,) = self.spaces
        self.languages = words.languages
        self.text_calibration = words.calibration
        self._tokenizer = words.pieces.start()
        self._words = words.module.to(self.device).eval()

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Encode n ≥ 0 texts into (n, dim) unit vectors of the text space; what is too long is cut.

        Raises:
            BadInput: the tokenizer cannot do it, or the model fails.
            MachineError: the graphics card has too little memory.
        """
        dim = self.spaces[self.text_space].dim
        made = np.empty((len(texts), dim), np.float32)
        for start in range(0, len(texts), _TEXTS):
            pieces = self._tokenizer.cut(texts[start : start + _TEXTS])
            found = _run(self._words, torch.from_numpy(pieces).to(self.device), self.name)
            made[start : start + _TEXTS] = unit_vectors(found, (len(pieces), dim), f"text output of {self.name}")
        return made


def make_encoder(name: str, towers: Towers, engine: Engine = "auto") -> TorchEncoder:
    """Make an encoder with the capabilities that its towers give it. Raises as `find_device` does."""
    if towers.words:
        return TorchTextEncoder(name, towers, towers.words, engine)
    return TorchEncoder(name, towers, engine)


def _run(module: Any, numbers: Any, name: str) -> np.ndarray:
    try:
        with telling_full(name), torch.inference_mode():
            found: np.ndarray = module(numbers).float().cpu().numpy()
    except (RuntimeError, IndexError, ValueError) as error:
        raise BadInput(f"The model {name} failed: {brief(error)}.", "Choose another checkpoint.") from None
    return found

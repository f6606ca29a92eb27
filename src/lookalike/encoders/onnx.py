"""How does an ONNX file become an encoder? OnnxEncoder runs it; `load_mini` and `load_onnx` find its files."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from lookalike.decode.pixels import fit_pixels
from lookalike.encoders.card import Card, Head
from lookalike.encoders.checkpoint import Checkpoint, read_checkpoint
from lookalike.encoders.session import ENGINE_ERRORS, brief, start_session
from lookalike.errors import BadInput
from lookalike.types import Embeddings, Pixels

_BATCH = 8
"""Pictures in one run: larger batches are no faster on a CPU, and take more memory (bench/encode_rate.py)."""

_CHECK = "Check the card against the model."


class OnnxEncoder:
    """Runs a checkpoint's network on the CPU, in the caller's thread; to use more cores, call from more threads.

    Raises:
        BadInput: the model is broken, reaches outside the card's files, or is not what the card says.
    """

    def __init__(self, name: str, checkpoint: Checkpoint) -> None:
        self.name = name
        self.card: Card = checkpoint.card
        self.fit = self.card.fit
        self.spaces = self.card.spaces(name)
        self._session = start_session(checkpoint)
        self._input = self._session.get_inputs()[0].name
        mean, std = (np.array(numbers, np.float32) for numbers in (self.card.input.mean, self.card.input.std))
        self._slope, self._offset = 1 / (255 * std), -mean / std

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode n ≥ 0 pictures of any size into {space name: (n, dim) float32 unit vectors}.

        Raises:
            BadInput: the model fails, or gives something other than one finite vector for each picture.
        """
        made = {name: np.empty((len(images), space.dim), np.float32) for name, space in self.spaces.items()}
        for start in range(0, len(images), _BATCH):
            batch = np.stack([fit_pixels(image, self.fit) for image in images[start : start + _BATCH]])
            outputs = self._run(self._prepare(batch))
            for head, output, vectors in zip(self.card.heads, outputs, made.values(), strict=True):
                vectors[start : start + len(batch)] = self._unit(head, output, len(batch))
        return made

    def _prepare(
        self, batch: UInt8[np.ndarray, "n side side 3"]
    ) -> UInt8[np.ndarray, "n _ _ _"] | Float32[np.ndarray, "n _ _ _"]:
        """Bring pixels to the numbers and the order of axes that the network was trained on."""
        wanted = self.card.input
        numbers = batch if wanted.dtype == "uint8" else batch * self._slope + self._offset
        return numbers if wanted.layout == "nhwc" else np.ascontiguousarray(numbers.transpose(0, 3, 1, 2))

    def _run(self, batch: np.ndarray) -> list[np.ndarray]:
        try:
            outputs = self._session.run([head.output for head in self.card.heads], {self._input: batch})
        except ENGINE_ERRORS as error:
            raise BadInput(f"The model of {self.name} failed: {brief(error)}.", _CHECK) from None
        return list(outputs)

    def _unit(self, head: Head, output: np.ndarray, n: int) -> Embeddings:
        shape = getattr(output, "shape", None)
        if shape != (n, head.dim):
            what = f"The output {head.output!r} of {self.name} has shape {shape} for {n} pictures"
            raise BadInput(f"{what}, where the card says ({n}, {head.dim}).", _CHECK)
        vectors = output.astype(np.float32, copy=False)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            what = f"The output {head.output!r} of {self.name} is zero or not finite for a picture."
            raise BadInput(what, "Check the card's mean, std and dtype against the model.")
        unit: Embeddings = vectors / lengths
        return unit


def load_mini(rest: str = "") -> OnnxEncoder:
    """Load the encoder that ships with Lookalike; `rest` is what stands after `mini:` and must be empty.

    Raises:
        BadInput: something stands there.
    """
    if rest:
        raise BadInput(f"There is no encoder 'mini:{rest}'.", "Write `mini`.")
    return OnnxEncoder("mini", read_checkpoint(files("lookalike.encoders") / "mini", "mini.onnx"))


def load_onnx(rest: str) -> OnnxEncoder:
    """Load the encoder of an ONNX file by the card beside it: `photo.onnx` with `photo.toml` or `photo.json`.

    Raises:
        BadInput: no ONNX file, a card that is wrong, or a file that is not the one of the card.
        NotFound: the model, its card or another file of the card is not there.
    """
    if not rest.endswith(".onnx"):
        what = f"The model {rest!r} is no .onnx file; pickles and other files that can carry code are refused."
        raise BadInput(what, "Export it to ONNX.")
    try:
        path = Path(rest).expanduser().absolute()
    except (OSError, RuntimeError, ValueError) as error:
        raise BadInput(f"The model's path {rest!r} is no path: {error}.", "Write another.") from None
    return OnnxEncoder(f"onnx:{path}", read_checkpoint(path.parent, path.name))

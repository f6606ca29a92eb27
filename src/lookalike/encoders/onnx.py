"""How does a checkpoint become an encoder? OnnxEncoder runs its network; each of its capabilities is a class more."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, UInt8

from lookalike.decode.pixels import fit_pixels
from lookalike.encoders import Seen
from lookalike.encoders.card import Classes, Map
from lookalike.encoders.checkpoint import Checkpoint
from lookalike.encoders.labels import read_labels
from lookalike.encoders.session import batch_for, start_session
from lookalike.encoders.text import TextTower
from lookalike.encoders.vectors import finite, probabilities, unit_vectors
from lookalike.errors import BadInput
from lookalike.models.network import Engine
from lookalike.types import Embeddings, Pixels

_BATCH = 8
"""Pictures in one run: larger batches are no faster on a CPU, and take more memory (bench/encode_rate.py)."""
_BATCH_ELSEWHERE = 64
"""On graphics cards and the like, which want more work at once."""


class OnnxEncoder:
    """Runs a checkpoint's network, on a CPU in the caller's thread: to use more cores, call from more threads.

    Raises:
        BadInput: the model is broken, reaches outside the card's files, or is not what the card says.
        MissingExtra: the engine that was asked for is not installed.
    """

    def __init__(self, name: str, checkpoint: Checkpoint, engine: Engine = "auto") -> None:
        self.name = name
        self.card = checkpoint.card
        self.fit = self.card.fit
        self.spaces = self.card.spaces(name)
        self._network = start_session(checkpoint, engine)
        self.engine, self.device = self._network.engine, self._network.device
        usual = _BATCH if self.device == "cpu" else _BATCH_ELSEWHERE
        self._batch = batch_for(checkpoint.contents[checkpoint.model], usual)
        (self._input,) = self._network.inputs
        mean, std = (np.array(numbers, np.float32) for numbers in (self.card.input.mean, self.card.input.std))
        self._slope, self._offset = 1 / (255 * std), -mean / std

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode n ≥ 0 pictures of any size into {space name: (n, dim) float32 unit vectors}.

        Raises:
            BadInput: the model fails, or gives something other than one finite vector for each picture.
        """
        made = self._empty(len(images))
        for start in range(0, len(images), self._batch):
            self._fill(made, start, self._run(images[start : start + self._batch]))
        return made

    def _empty(self, n: int) -> dict[str, Embeddings]:
        return {name: np.empty((n, space.dim), np.float32) for name, space in self.spaces.items()}

    def _fill(self, made: dict[str, Embeddings], start: int, outputs: list[np.ndarray]) -> None:
        """Put a batch's vectors, which come first among the outputs, to the others."""
        for head, output, vectors in zip(self.card.heads, outputs, made.values(), strict=False):
            rows = vectors[start : start + self._batch]
            rows[:] = unit_vectors(output, rows.shape, self._called(head.output))

    def _called(self, output: str) -> str:
        return f"output {output!r} of {self.name}"

    def _run(self, images: Sequence[Pixels], *more: str) -> list[np.ndarray]:
        """Give the outputs of all heads, and more of them."""
        batch = np.stack([fit_pixels(image, self.fit) for image in images])
        return self._network.run(
            [*(head.output for head in self.card.heads), *more], {self._input: self._prepare(batch)}
        )

    def _prepare(
        self, batch: UInt8[np.ndarray, "n side side 3"]
    ) -> UInt8[np.ndarray, "n _ _ _"] | Float32[np.ndarray, "n _ _ _"]:
        """Bring pixels to the numbers and the order of axes that the network was trained on."""
        wanted = self.card.input
        numbers = batch if wanted.dtype == "uint8" else batch * self._slope + self._offset
        return numbers if wanted.layout == "nhwc" else np.ascontiguousarray(numbers.transpose(0, 3, 1, 2))


class OnnxRecogniser(OnnxEncoder):
    """Also gives the classes and the map of a card with [classes] and [map]. Raises as `OnnxEncoder` does."""

    def __init__(self, name: str, checkpoint: Checkpoint, engine: Engine = "auto") -> None:
        super().__init__(name, checkpoint, engine)
        self._classes, self._map = _parts(checkpoint)
        self.class_names = read_labels(self._classes.names, checkpoint.contents[self._classes.names])

    def see(self, images: Sequence[Pixels]) -> Seen:
        """Encode n ≥ 0 pictures of any size, with their classes and maps, in one pass. Raises as `encode` does."""
        n, of_classes, of_map = len(images), self._classes.output, self._map.output
        made = self._empty(n)
        classes = np.empty((n, len(self.class_names)), np.float32)
        maps = np.empty((n, self._map.cells, self._map.channels), np.float32)
        for start in range(0, n, self._batch):
            *heads, shares, map_ = self._run(images[start : start + self._batch], of_classes, of_map)
            self._fill(made, start, heads)
            here = slice(start, start + self._batch)
            classes[here] = probabilities(shares, classes[here].shape, self._called(of_classes))
            maps[here] = finite(map_, maps[here].shape, self._called(of_map))
        return Seen(embeddings=made, classes=classes, maps=maps)


class OnnxTextEncoder(OnnxEncoder):
    """Also knows words, by a card with [text]. Raises as `OnnxEncoder` does."""

    def __init__(self, name: str, checkpoint: Checkpoint, engine: Engine = "auto") -> None:
        super().__init__(name, checkpoint, engine)
        self._tower = TextTower(checkpoint, engine)
        self.text_space = self._tower.space
        self.languages = self._tower.languages
        self.text_calibration = self._tower.calibration

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Encode n ≥ 0 texts into (n, dim) unit vectors of the text space.

        Any string will do: control characters count as spaces, a text without words as one unknown word, and what is
        longer than the card allows is cut.

        Raises:
            BadInput: the tokenizer or the network for texts is broken, or is not what the card says.
        """
        return self._tower.encode(texts)


class OnnxTextRecogniser(OnnxTextEncoder, OnnxRecogniser):
    """Knows words, and names what it sees."""


def make_encoder(name: str, checkpoint: Checkpoint, engine: Engine = "auto") -> OnnxEncoder:
    """Make an encoder with the capabilities that the card gives it. Raises as `OnnxEncoder` does."""
    made = {
        (False, False): OnnxEncoder,
        (False, True): OnnxRecogniser,
        (True, False): OnnxTextEncoder,
        (True, True): OnnxTextRecogniser,
    }
    card = checkpoint.card
    return made[card.text is not None, card.classes is not None](name, checkpoint, engine)


def _parts(checkpoint: Checkpoint) -> tuple[Classes, Map]:
    card = checkpoint.card
    if card.classes is None or card.map is None:
        raise BadInput(f"The card of {checkpoint.model} has no sections [classes] and [map].", "Add them.")
    return card.classes, card.map

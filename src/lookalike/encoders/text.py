"""How do words become vectors? A checkpoint's tokenizer and its network for texts, both loaded on first use."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

import numpy as np

from lookalike.encoders.checkpoint import Checkpoint
from lookalike.encoders.session import MASK, batch_for, start_text_session
from lookalike.encoders.tokens import Tokenizer
from lookalike.encoders.vectors import unit_vectors
from lookalike.errors import BadInput
from lookalike.models.network import Engine, Network
from lookalike.types import Embeddings

_BATCH = 32
"""Texts in one run; a long one makes its whole batch long."""


class TextTower:
    """Turns texts into unit vectors. Whoever only searches with pictures does not wait for it to load."""

    def __init__(self, checkpoint: Checkpoint, engine: Engine) -> None:
        """Plan to load it.

        Raises:
            BadInput: the checkpoint's card has no [text].
        """
        if checkpoint.card.text is None:
            raise BadInput(f"The card of {checkpoint.model} has no section [text].", "Add it.")
        self._text = checkpoint.card.text
        self.space = f"{checkpoint.card.name}@{checkpoint.card.version}/{self._text.space}"
        self.languages = self._text.languages
        self.calibration = self._text.calibration
        self._batch = batch_for(checkpoint.contents[self._text.model], _BATCH)
        self._dim = next(head.dim for head in checkpoint.card.heads if head.space == self._text.space)
        self._lock = Lock()
        self._engine = engine
        others = {name: data for name, data in checkpoint.contents.items() if name != checkpoint.model}
        self._unread: list[Checkpoint] = [replace(checkpoint, contents=others)]
        self._loaded: list[tuple[Tokenizer, Network]] = []

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Encode n ≥ 0 texts.

        Raises:
            BadInput: the tokenizer or the model is broken, or is not what the card says.
        """
        vectors = np.empty((len(texts), self._dim), np.float32)
        if not texts:
            return vectors
        tokenizer, network = self._load()
        for start in range(0, len(texts), self._batch):
            pieces = tokenizer.cut(texts[start : start + self._batch])
            feeds = {name: np.ones_like(pieces) if name == MASK else pieces for name in network.inputs}
            (output,) = network.run([self._text.output], feeds)
            wanted = (len(pieces), self._dim)
            vectors[start : start + len(pieces)] = unit_vectors(output, wanted, f"text output of {self._text.model}")
        return vectors

    def _load(self) -> tuple[Tokenizer, Network]:
        with self._lock:
            if not self._loaded:
                text, (checkpoint,) = self._text, self._unread
                data = checkpoint.contents[text.tokenizer]
                tokenizer = Tokenizer(text.tokenizer, data, text.max_pieces, pad=text.pad, fill=text.fill)
                self._loaded.append((tokenizer, start_text_session(checkpoint, text, self._engine)))
                self._unread.clear()  # some megabytes
            return self._loaded[0]

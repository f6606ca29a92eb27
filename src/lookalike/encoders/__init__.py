"""How do pixels become embeddings? The Encoder protocol, and `load_encoder` that finds one by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from lookalike.decode import Fit
from lookalike.errors import BadInput
from lookalike.models.network import Engine
from lookalike.types import Embeddings, Maps, Pixels, Space


class Encoder(Protocol):
    """Turns pictures into unit vectors, in one or several spaces at once.

    An encoder must be callable from several threads at a time.
    """

    name: str
    """What `load_encoder` takes to make this encoder again."""
    fit: Fit
    """How a picture should be cut to size; `encode` does it itself where the caller has not."""
    spaces: Mapping[str, Space]
    """Space name → what a gallery stores about it; the first is the one a search by picture uses."""

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode n ≥ 0 pictures of any size into {space name: (n, dim) float32 unit vectors}."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """The capability of an encoder to turn words into vectors, too, which may be compared with those of pictures."""

    text_space: str
    """The one of the encoder's spaces in which words and pictures meet."""
    languages: tuple[str, ...]
    """Those it was trained on, as ISO 639-1 codes."""
    text_calibration: tuple[float, float]
    """As `Space.calibration`, for the score of a text and a picture: the probability that the words suit it."""

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Encode n ≥ 0 texts into (n, dim) unit vectors of the text space; what is too long is cut."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that one pass over n pictures gives."""

    embeddings: dict[str, Embeddings]
    """What `encode` gives."""
    classes: Float32[np.ndarray, "n classes"]
    """Probabilities, which add up to 1 for each picture."""
    maps: Maps
    """What is where, for a captioner."""


@runtime_checkable
class Recogniser(Protocol):
    """The capability of an encoder to name what it sees, and to say what is where, in the same pass."""

    class_names: tuple[str, ...]
    """English, singular, unique: `golden retriever`."""

    def see(self, images: Sequence[Pixels]) -> Seen:
        """Encode n ≥ 0 pictures of any size."""
        ...


FAMILIES = {
    "mini": "lookalike.encoders.local:load_mini",
    "onnx": "lookalike.encoders.local:load_onnx",
    "hf": "lookalike.encoders.graphs:load_hf",
    "mlflow": "lookalike.encoders.registry:load_registered",
    "open_clip": "lookalike.encoders.torch.open_clip:load_open_clip",
    "sentence-transformers": "lookalike.encoders.torch.sentence:load_sentence",
    "timm": "lookalike.encoders.torch.timm:load_timm",
    "torch": "lookalike.encoders.torch.carded:load_carded",
}
"""What stands before the colon in an encoder's name → what loads it."""
PATHLESS_FAMILIES = frozenset({"mini", "hf", "mlflow", "open_clip", "sentence-transformers", "timm"})
"""Those whose names hold no path of a file: of them alone may callers over the network name any encoder."""


def load_encoder(name: str = "mini", engine: Engine = "auto") -> Encoder:
    """Load an encoder: `mini` (bundled), `onnx:path/to/model.onnx` with its card beside it, or one of another family.

    With the engine `auto`, `mini` runs on OpenVINO where that is installed, other graphs on ONNX Runtime, and what has
    none on PyTorch. Whether an encoder can do more than encode pictures, `isinstance` tells: `TextEncoder`,
    `Recogniser`.

    Raises:
        BadInput: no such family, or a card that is wrong.
        NotFound: the model file or its card is not there.
        MissingExtra: the engine that was asked for, or what the family needs, is not installed.
    """
    family, _, rest = name.partition(":")
    if family not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise BadInput(f"There is no encoder {name!r}.", f"Use one of these families: {known}.")
    module, _, function = FAMILIES[family].partition(":")
    if module.startswith("lookalike.encoders.torch."):
        from lookalike.encoders.torch import require_torch

        require_torch(family)
    encoder: Encoder = getattr(import_module(module), function)(rest, engine)
    return encoder

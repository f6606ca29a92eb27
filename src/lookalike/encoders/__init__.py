"""How do pixels become embeddings? The Encoder protocol, and `load_encoder` that finds one by name."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol

from lookalike.decode import Fit
from lookalike.errors import BadInput
from lookalike.types import Embeddings, Pixels, Space


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


_FAMILIES = {
    "mini": "lookalike.encoders.onnx:load_mini",
    "onnx": "lookalike.encoders.onnx:load_onnx",
}


def load_encoder(name: str = "mini") -> Encoder:
    """Load an encoder: `mini` (bundled), or `onnx:path/to/model.onnx` with its card beside it.

    Raises:
        BadInput: no such family, or a card that is wrong.
        NotFound: the model file or its card is not there.
    """
    family, _, rest = name.partition(":")
    if family not in _FAMILIES:
        known = ", ".join(sorted(_FAMILIES))
        raise BadInput(f"There is no encoder {name!r}.", f"Use one of these families: {known}.")
    module, _, function = _FAMILIES[family].partition(":")
    encoder: Encoder = getattr(import_module(module), function)(rest)
    return encoder

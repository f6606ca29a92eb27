"""How does a picture become a sentence? The Captioner protocol, and `load_captioner` that finds one by name."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol

from lookalike.errors import BadInput
from lookalike.types import Caption, Maps, Pixels

See = Callable[[Sequence[Pixels]], Maps]
"""What an encoder sees in n ≥ 0 pictures of any size."""


class Captioner(Protocol):
    """Writes a sentence about each picture. It must be callable from several threads at a time."""

    name: str
    """What `load_captioner` takes to make this captioner again; records keep it as the caption's source."""

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        """Caption n ≥ 0 pictures of any size, in their order.

        `maps` are what the encoder of the same name saw in the same pictures, so that it need not look again; a
        captioner with eyes of its own passes them over.
        """
        ...


_CAPTIONERS = {"mini": "lookalike.captioners.onnx:load_mini"}


def load_captioner(name: str = "mini", see: See | None = None) -> Captioner:
    """Load a captioner: `mini` (bundled).

    `see` is what gives the maps that `caption` is called without, from the encoder of the same name:
    `lambda images: encoder.see(images).maps`.

    Raises:
        BadInput: no such captioner.
    """
    if name not in _CAPTIONERS:
        raise BadInput(f"There is no captioner {name!r}.", f"Use one of these: {', '.join(sorted(_CAPTIONERS))}.")
    module, _, function = _CAPTIONERS[name].partition(":")
    captioner: Captioner = getattr(import_module(module), function)(see)
    return captioner

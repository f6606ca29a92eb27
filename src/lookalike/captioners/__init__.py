"""How does a picture become a sentence? The Captioner protocol, and `load_captioner` that finds one by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, runtime_checkable

from lookalike.decode import Fit
from lookalike.errors import BadInput
from lookalike.models.network import Engine
from lookalike.types import Caption, Maps, Pixels

See = Callable[[Sequence[Pixels]], Maps]
"""What an encoder sees in n ≥ 0 pictures of any size."""


class Captioner(Protocol):
    """Writes a sentence about each picture. It must be callable from several threads at a time."""

    name: str
    """What `load_captioner` takes to make this captioner again; records keep it as the caption's source."""
    fit: Fit | None
    """How a picture should be cut for its own eyes; None where it takes what the encoder takes."""

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        """Caption n ≥ 0 pictures of any size, in their order.

        `maps` are what the encoder of the same name saw in the same pictures, so that it need not look again; a
        captioner with eyes of its own passes them over.
        """
        ...


@runtime_checkable
class Batching(Protocol):
    """The capability of a captioner to look at as many pictures at a time as its user says."""

    batch: int | None
    """None where nobody said."""


@runtime_checkable
class Blind(Protocol):
    """The capability of a captioner without eyes of its own to say whose it learnt to look through."""

    eyes: str
    """The encoder and its version: `mini@2`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How sentences are looked for; None leaves it to what the captioner was made with."""

    beams: int | None = None
    """Sentences that are followed at a time: more are slower and a little better; 1 takes the likeliest word."""
    max_tokens: int | None = None
    """Words, or pieces of words, of a sentence at most."""
    batch: int | None = None
    """Pictures at a time."""
    engine: Engine = "auto"
    """What runs those of PyTorch, as it runs encoders."""

    def __post_init__(self) -> None:
        """Refuse what takes all memory.

        Raises:
            BadInput: more than any captioner can use.
        """
        for name, most in (("beams", 16), ("max_tokens", 1_024), ("batch", 256)):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= most:
                raise BadInput(f"A captioner cannot work with {name.replace('_', ' ')} {value}.", f"Give 1 to {most}.")


NONE = "none"
"""The name that stands for no captioner at all."""

FAMILIES = {
    "mini": "lookalike.captioners.onnx:load_mini",
    "hf": "lookalike.captioners.transformers:load_hf",
    "mlflow": "lookalike.captioners.registry:load_registered",
}
"""What stands before the colon in a captioner's name → what loads it."""

BLIND_FAMILIES = frozenset({"mini", "mlflow"})
"""Those of them that look at pictures through an encoder, or may; the others have eyes of their own."""


def load_captioner(
    name: str = "mini", see: See | None = None, fit: Fit | None = None, generation: Generation | None = None
) -> Captioner:
    """Load a captioner: `mini` (bundled), `hf:org/model[@revision]`, or `mlflow:models:/name@alias`.

    A captioner without eyes of its own, such as `mini`, asks `see` where `caption` is called without maps:
    `lambda images: load_encoder("mini").see(images).maps`; `fit` is how pictures should be cut for that.

    Raises:
        BadInput: no such captioner, or a model that is wrong, or carries code.
        NotFound, Unreachable: there is no such model, or it cannot be fetched.
        MissingExtra: a package is missing that runs it.
    """
    family, _, rest = name.partition(":")
    if family not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise BadInput(f"There is no captioner {name!r}.", f"Use one of these families: {known}.")
    module, _, function = FAMILIES[family].partition(":")
    load = getattr(import_module(module), function)
    captioner: Captioner = load(rest, see, fit, generation or Generation())
    return captioner

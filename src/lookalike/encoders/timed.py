"""How long does an encoder take, over how many at a time? It does what it did before, and each pass is noted."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, cast

from lookalike.encoders import Encoder

Note = Callable[[str, int, float], None]
"""Is told of each pass what it encoded, `pictures` or `texts`, how many, and in how many seconds."""

_PASSES = {"encode": "pictures", "see": "pictures", "encode_text": "texts"}


class _Timed:
    """Everything public that an encoder has; capabilities show in what is there, so nothing else may be."""

    def __init__(self, encoder: Encoder, note: Note) -> None:
        for name in dir(encoder):
            if not name.startswith("_"):
                value = getattr(encoder, name)
                setattr(self, name, _noting(value, _PASSES[name], note) if name in _PASSES else value)


def timed(encoder: Encoder, note: Note) -> Encoder:
    """Give an encoder that calls `note` after each pass."""
    return cast(Encoder, _Timed(encoder, note))


def _noting(run: Callable[..., Any], what: str, note: Note) -> Callable[..., Any]:
    def run_and_note(given: Sequence[Any]) -> Any:
        began = perf_counter()
        found = run(given)
        note(what, len(given), perf_counter() - began)
        return found

    return run_and_note

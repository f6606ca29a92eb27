"""How long does an encoder take? It does what it did before, and each pass is noted."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

from lookalike.encoders import Encoder

_PASSES = {"encode": "pictures", "see": "pictures", "encode_text": "texts"}


class _Timed:
    """Everything public that an encoder has; capabilities show in what is there, so nothing else may be."""

    def __init__(self, encoder: Encoder, note: Callable[[str, float], None]) -> None:
        for name in dir(encoder):
            if not name.startswith("_"):
                value = getattr(encoder, name)
                setattr(self, name, _noting(value, _PASSES[name], note) if name in _PASSES else value)


def timed(encoder: Encoder, note: Callable[[str, float], None]) -> Encoder:
    """Give an encoder that calls `note("pictures" or "texts", seconds)` after each pass."""
    return cast(Encoder, _Timed(encoder, note))


def _noting(run: Callable[..., Any], what: str, note: Callable[[str, float], None]) -> Callable[..., Any]:
    def run_and_note(*given: Any) -> Any:
        began = perf_counter()
        found = run(*given)
        note(what, perf_counter() - began)
        return found

    return run_and_note

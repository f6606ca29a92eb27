"""Does the encoder work, what does a picture cost on each engine, and do the engines agree?"""

import platform
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from lookalike.cli.checkup.finding import Finding
from lookalike.errors import LookalikeError
from lookalike.testing.pictures import draw_picture

if TYPE_CHECKING:
    from lookalike.encoders import Encoder
    from lookalike.library import Lookalike
    from lookalike.types import Embeddings, Pixels

_PICTURES, _ROUNDS = 8, 3
_ENOUGH_ALIKE = 0.99
"""Cosine of two engines' vectors of one picture: 8-bit networks round differently, by 0.002 on average."""
_INTEL = {"x86_64", "AMD64"}


def check_encoder(library: "Lookalike") -> Iterator[Finding]:
    """Load the encoder, and have it encode; the same on the engine that is not in use."""
    encoder = library.encoder
    side = encoder.fit.size
    pictures = [draw_picture(seed, (side, side)) for seed in range(_PICTURES)]
    vectors = encoder.encode(pictures)
    lengths = np.concatenate([np.linalg.norm(rows, axis=1) for rows in vectors.values()])
    if not np.allclose(lengths, 1, atol=1e-3):
        yield _wrong(f"{encoder.name} gives vectors that are not of length 1")
        return
    engine = getattr(encoder, "engine", "")
    yield _fine(f"{encoder.name}{engine and ' on '}{engine}, {_cost_of_pictures(encoder, pictures)}")
    yield from _check_words(encoder)
    if engine:
        yield from _check_other_engine(library, engine, pictures, vectors)


def _check_words(encoder: "Encoder") -> Iterator[Finding]:
    from lookalike.encoders import TextEncoder

    if isinstance(encoder, TextEncoder):
        cost = _cost(lambda: encoder.encode_text(["two dogs playing in the snow"]))
        yield _fine(f"words in {', '.join(encoder.languages)}; {cost:.1f} ms a text")


def _check_other_engine(
    library: "Lookalike", engine: str, pictures: "list[Pixels]", vectors: "dict[str, Embeddings]"
) -> Iterator[Finding]:
    """Compare with what else could run the network; `vectors` are those of the engine in use."""
    from lookalike.encoders import load_encoder
    from lookalike.models.network import has_openvino

    if not has_openvino():
        if platform.machine() in _INTEL:
            yield _fine("OpenVINO is not installed; `pip install openvino` may make indexing quicker here")
        return
    other: Literal["onnxruntime", "openvino"] = "onnxruntime" if engine == "openvino" else "openvino"
    try:
        encoder = load_encoder(library.encoder.name, other)
    except LookalikeError as error:
        yield Finding(state="warning", subject="encoder", what=f"{other} cannot run it: {error.what}")
        return
    yield _fine(f"{encoder.name} on {other}, not in use, {_cost_of_pictures(encoder, pictures)}")
    found = encoder.encode(pictures)
    alike = min(float((rows * found[space]).sum(axis=1).min()) for space, rows in vectors.items())
    if alike < _ENOUGH_ALIKE:
        fix = "Search and index with the same one: set engine in lookalike.toml."
        what = f"{engine} and {other} disagree: cosine {alike:.4f}"
        yield Finding(state="warning", subject="encoder", what=what, fix=fix)
    else:
        yield _fine(f"{engine} and {other} agree: cosine {alike:.4f} at the least")


def _cost_of_pictures(encoder: "Encoder", pictures: "list[Pixels]") -> str:
    return f"{_cost(lambda: encoder.encode(pictures)) / len(pictures):.1f} ms a picture on one core"


def _cost(work: Callable[[], object]) -> float:
    """Give the milliseconds of this thread that something takes when it is warm; what else runs does not count."""
    work()
    taken = []
    for _ in range(_ROUNDS):
        start = time.thread_time()
        work()
        taken.append(time.thread_time() - start)
    return min(taken) * 1000


def _fine(what: str) -> Finding:
    return Finding(state="ok", subject="encoder", what=what)


def _wrong(what: str) -> Finding:
    return Finding(state="error", subject="encoder", what=what, fix="Install Lookalike again.")

"""Does the encoder work, what does a picture cost on each engine, and do the engines agree?"""

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lookalike.cli.checkup.finding import Finding
from lookalike.cli.measuring import engine_of, milliseconds, milliseconds_a_picture, sample_pictures
from lookalike.errors import LookalikeError, Unreachable

if TYPE_CHECKING:
    from lookalike.encoders import Encoder
    from lookalike.library import Lookalike
    from lookalike.models.network import Engine
    from lookalike.types import Embeddings, Pixels

_ENOUGH_ALIKE = 0.99
"""Cosine of two engines' vectors of one picture: 8-bit networks round differently, by 0.002 on average."""
_INTEL = {"x86_64", "AMD64"}
_NVIDIA = Path("/proc/driver/nvidia/version")
"""Is there where Linux drives a graphics card of Nvidia's."""


def check_encoder(library: "Lookalike") -> Iterator[Finding]:
    """Load the encoder, and have it encode; the same on the engine that is not in use."""
    try:
        encoder = library.encoder
    except Unreachable:
        name = _name(library)
        if name.startswith("mlflow:"):  # its registry may be asked, and says itself what is wrong
            raise
        what, fix = f"{name} is not on this machine, or not whole", f"Fetch it: `lookalike encoders pull {name}`."
        yield Finding(state="error", subject="encoder", what=what, fix=fix)
        return
    pictures = sample_pictures(encoder)
    vectors = encoder.encode(pictures)
    lengths = np.concatenate([np.linalg.norm(rows, axis=1) for rows in vectors.values()])
    if not np.allclose(lengths, 1, atol=1e-3):
        yield _wrong(f"{encoder.name} gives vectors that are not of length 1")
        return
    engine = engine_of(encoder)
    yield _fine(f"{encoder.name}{engine and ' on '}{engine}, {_cost_of_pictures(encoder)}")
    yield from _check_words(encoder)
    yield _devices()
    if engine.partition(" ")[0] in ("onnxruntime", "openvino"):
        yield from _check_other_engine(library, engine, pictures, vectors)


def _name(library: "Lookalike") -> str:
    """Name the encoder that is asked for, or else the one that answers the gallery's queries."""
    return library.settings.encoder or library.gallery.spaces[library.gallery.serving.now[0]].encoder


def _devices() -> Finding:
    """Say on what ONNX Runtime can run models."""
    import onnxruntime

    from lookalike.models.providers import offered_devices

    offered = offered_devices()
    what = f"ONNX Runtime {onnxruntime.__version__} can use {', '.join(offered)}"
    if _NVIDIA.exists() and "cuda" not in offered:
        what += "; there is a graphics card, which onnxruntime-gpu in place of onnxruntime could use"
    return _fine(what)


def _check_words(encoder: "Encoder") -> Iterator[Finding]:
    from lookalike.encoders import TextEncoder

    if isinstance(encoder, TextEncoder):
        cost = milliseconds(lambda: encoder.encode_text(["two dogs playing in the snow"]))
        yield _fine(f"words in {', '.join(encoder.languages)}; {cost:.1f} ms a text")


def _check_other_engine(
    library: "Lookalike", engine: str, pictures: "list[Pixels]", vectors: "dict[str, Embeddings]"
) -> Iterator[Finding]:
    """Compare with what else could run the network; `vectors` are those of the engine in use."""
    from lookalike.encoders import load_encoder
    from lookalike.models.engines import has_openvino

    if engine == "onnxruntime" and not has_openvino():
        if platform.machine() in _INTEL:
            yield _fine("OpenVINO is not installed; `pip install openvino` may make indexing quicker here")
        return
    others: dict[str, Engine] = {"openvino": "onnxruntime", "onnxruntime": "openvino"}
    other = others.get(engine, "cpu")
    try:
        encoder = load_encoder(library.encoder.name, other)
    except LookalikeError as error:
        yield Finding(state="warning", subject="encoder", what=f"{other} cannot run it: {error.what}")
        return
    yield _fine(f"{encoder.name} on {other}, not in use, {_cost_of_pictures(encoder)}")
    found = encoder.encode(pictures)
    alike = min(float((rows * found[space]).sum(axis=1).min()) for space, rows in vectors.items())
    if alike < _ENOUGH_ALIKE:
        fix = "Search and index with the same one: set engine in lookalike.toml."
        what = f"{engine} and {other} disagree: cosine {alike:.4f}"
        yield Finding(state="warning", subject="encoder", what=what, fix=fix)
    else:
        yield _fine(f"{engine} and {other} agree: cosine {alike:.4f} at the least")


def _cost_of_pictures(encoder: "Encoder") -> str:
    where = "on one core" if getattr(encoder, "device", "cpu") == "cpu" else "in batches"
    return f"{milliseconds_a_picture(encoder):.1f} ms a picture {where}"


def _fine(what: str) -> Finding:
    return Finding(state="ok", subject="encoder", what=what)


def _wrong(what: str) -> Finding:
    return Finding(state="error", subject="encoder", what=what, fix="Install Lookalike again.")

"""Which figures does the page of `mini` show of its copy vector? What it finds, what 8 bits cost, how sure it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from copying.features import Patterns, copy_features
from copying.measures import Copies, Success, vectors_of
from figures import confidence_table
from lite0 import load_lite0
from lookalike.encoders import Encoder, load_encoder
from lookalike.types import Pixels
from measures import Vectors
from page import table
from taps import look_through_network
from whitening import Whitening

Encode = Callable[[list[Pixels]], Vectors]


def measure(copies: Copies, model: Path) -> str:
    """Search a gallery by both spaces of the shipped file."""
    encoder = load_encoder(f"onnx:{model}")
    found = _found(copies, encoder)
    return "\n\n".join(
        [
            f"### Edited copies found: {_size(copies)}",
            _overview(found),
            "Success@1 by group of edits:",
            _by_group(found),
            "Confidence of the copy score:",
            confidence_table(list(encoder.spaces.values())[-1].calibration).partition("\n\n")[2],
        ]
    )


def measure_loss(copies: Copies, model: Path, patterns: Sequence[Patterns], whitening: Whitening) -> str:
    """Compare the shipped file with the same head on the 32-bit network."""
    look = look_through_network(load_lite0())
    queries, gallery = _both(copies, lambda pictures: whitening(copy_features(look, patterns, pictures)))
    found = _found(copies, load_encoder(f"onnx:{model}")) | {"copy, 32 bit": copies.judge(queries, gallery)}
    return f"### What 8 bits cost copies: {_size(copies)}\n\n{_overview(found)}"


def _found(copies: Copies, encoder: Encoder) -> dict[str, Success]:
    names = list(encoder.spaces)
    ends = np.cumsum([encoder.spaces[name].dim for name in names])[:-1]

    def encode(pictures: list[Pixels]) -> Vectors:
        return np.concatenate(list(encoder.encode(pictures).values()), axis=1)

    queries, gallery = (np.split(vectors, ends, axis=1) for vectors in _both(copies, encode))
    return {
        f"{name.rpartition('/')[2]} (shipped)": copies.judge(*both)
        for name, *both in zip(names, queries, gallery, strict=True)
    }


def _size(copies: Copies) -> str:
    groups = len(set(copies.groups))
    return f"{len(copies.queries):,} queries, {groups} groups of edits, {len(copies.gallery):,} pictures"


def _both(copies: Copies, encode: Encode) -> tuple[Vectors, Vectors]:
    return vectors_of(copies.queries, encode), vectors_of(copies.gallery, encode)


def _overview(found: dict[str, Success]) -> str:
    lines = [
        [name, " / ".join(f"{share:.1f}" for share in one.overall), " / ".join(f"{share:.1f}" for share in one.macro)]
        for name, one in found.items()
    ]
    return table(["vectors", "success@1 / @10 / @100", "the same, mean over groups"], lines)


def _by_group(found: dict[str, Success]) -> str:
    groups = next(iter(found.values())).groups
    return table(
        ["group", *found], [[group, *(f"{one.groups[group]:.0f}" for one in found.values())] for group in groups]
    )

"""What does one look at pictures give? Embeddings, the names of what is in them, and captions, in one pass."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.captioners import Captioner
from lookalike.decode import DecodePool, Fit
from lookalike.encoders import Encoder, Recogniser, Seen
from lookalike.types import Caption, Pixels, Region, StoredEmbedding

RECOGNISED = 5
"""Class names that a record keeps."""
LEAST_CONFIDENCE = 0.15
"""Of the names that mini gives to 499 pictures of ImageNet, one a class, 69 % are right from here on: 1.3 a picture,
and for 89 % the right one is among them. Between 0.1 and 0.2 every eighth is right, below 0.1 hardly any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is seen in one picture."""

    embeddings: dict[str, StoredEmbedding]
    recognised: dict[str, float]
    """Class name → confidence, likeliest first; empty where the encoder names nothing."""
    caption: Caption | None
    """None where none was asked for."""


def own_fit(encoder: Encoder, captioner: Captioner | None) -> Fit | None:
    """Say how a captioner wants pictures cut; None where what the encoder gets will do."""
    if captioner is None or captioner.name == encoder.name or captioner.fit == encoder.fit:
        return None
    return captioner.fit


def look_once(
    decoder: DecodePool,
    source: Path | bytes,
    encoder: Encoder,
    captioner: Captioner | None = None,
    region: Region | None = None,
) -> Look:
    """Decode one picture, for its captioner once more, and look at it. Raises as the decoder does."""
    wanted = own_fit(encoder, captioner)
    view = decoder.submit(source, wanted, region) if wanted else None
    pixels = decoder.decode(source, encoder.fit, region).pixels
    return look(encoder, [pixels], captioner, views={0: view.result().pixels} if view else {})[0]


def look(
    encoder: Encoder,
    images: Sequence[Pixels],
    captioner: Captioner | None = None,
    to_caption: Collection[int] | None = None,
    views: Mapping[int, Pixels] | None = None,
) -> list[Look]:
    """Look at n ≥ 0 pictures of any size; `to_caption` says which of them get a caption, all if not said.

    `views` are what the captioner looks at in place of some of the pictures: the same, cut for it.
    """
    seen = encoder.see(images) if isinstance(encoder, Recogniser) else None
    embeddings = encoder.encode(images) if seen is None else seen.embeddings
    captions: dict[int, Caption] = {}
    if captioner is not None:
        places = list(range(len(images))) if to_caption is None else sorted(to_caption)
        maps = seen.maps[places] if seen is not None and encoder.name == captioner.name else None
        cut = [images[i] if views is None else views.get(i, images[i]) for i in places]
        captions = dict(zip(places, captioner.caption(cut, maps), strict=True))
    return [
        Look(
            embeddings={space: rows[i].astype(np.float16) for space, rows in embeddings.items()},
            recognised={} if seen is None or not isinstance(encoder, Recogniser) else _named(encoder, seen, i),
            caption=captions.get(i),
        )
        for i in range(len(images))
    ]


def _named(encoder: Recogniser, seen: Seen, i: int) -> dict[str, float]:
    likeliest = np.argsort(-seen.classes[i], kind="stable")[:RECOGNISED]
    sure = {encoder.class_names[place]: round(float(seen.classes[i, place]), 4) for place in likeliest}
    return {name: min(confidence, 1.0) for name, confidence in sure.items() if confidence >= LEAST_CONFIDENCE}

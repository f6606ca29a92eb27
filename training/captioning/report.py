"""What does the captioner's page show? Quality, honesty and examples, on pictures that were never learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from captioning.confidence import Bin, is_right, reliability
from captioning.figures import Figures, measure
from captioning.material import Material, Sets
from captioning.words import tokenise
from lookalike.captioners.onnx import OnnxCaptioner
from page import table

_EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Said:
    """A caption, and whether it names what people named."""

    text: str
    confidence: float
    right: bool
    person: str
    """What the first person said."""


def say_all(captioner: OnnxCaptioner, material: Material) -> list[Said]:
    """Caption every picture, however unsure."""
    written = [
        one
        for start in range(0, len(material), 64)
        for one in captioner.write(material.view(range(start, min(start + 64, len(material)))))
    ]
    confidence = captioner.card.confidence
    return [
        Said(
            text=one.text,
            confidence=confidence.of(one.fluency, one.familiarity),
            right=is_right(tokenise(one.text), several),
            person=" ".join(several[0]) if several else "",
        )
        for one, several in zip(written, material.captions, strict=True)
    ]


def write_report(shipped: OnnxCaptioner, exact: OnnxCaptioner, sets: Sets) -> str:
    """Measure the files, and the same network in 32 bits."""
    known, unknown = say_all(shipped, sets.known), say_all(shipped, sets.unknown)
    quality = {
        name: measure([one.text for one in said], sets.known.captions)
        for name, said in {"8 bit (shipped)": known, "32 bit": say_all(exact, sets.known)}.items()
    }
    cutoff = shipped.card.confidence.cutoff
    both = [*known, *unknown]
    bins = reliability(np.array([one.confidence for one in both]), np.array([one.right for one in both]), _EDGES)
    parts = {
        "Quality (Flickr8k dev, beam 3, every picture captioned)": [_quality(quality)],
        f"What is said, from a confidence of {cutoff} on, and what of it is right": [
            _honesty({"Flickr8k dev": known, "textbook photos held out": unknown}, cutoff),
            "What the confidence promises, and what comes true, on both sets together:",
            _reliability(bins),
        ],
        "Examples as they come": [
            "Every 40th picture of Flickr8k dev, and every 12th textbook photo:",
            _examples(known[::40], cutoff),
            _examples(unknown[::12], cutoff),
        ],
    }
    return "\n\n".join("\n\n".join([f"### {title}", *tables]) for title, tables in parts.items())


def _quality(rows: dict[str, Figures]) -> str:
    return table(
        ["network", *(f"BLEU-{n}" for n in (1, 2, 3, 4)), "CIDEr-D", "say a phrase twice", "words", "different words"],
        [
            [name, *map(str, (*one.bleu, one.cider, f"{one.repeating:.1f} %", f"{one.words:.1f}", one.different))]
            for name, one in rows.items()
        ],
    )


def _honesty(sets: dict[str, list[Said]], cutoff: float) -> str:
    rows = []
    for name, said in sets.items():
        kept = [one.right for one in said if one.confidence >= cutoff]
        dropped = [one.right for one in said if one.confidence < cutoff]
        rows.append([name, str(len(said)), _share(len(kept), len(said)), _share(sum(kept), len(kept))])
        rows[-1].append(_share(sum(dropped), len(dropped)))
    return table(["pictures", "number", "something is said", "of which right", "right of what is kept back"], rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _reliability(bins: Sequence[Bin]) -> str:
    return table(
        ["confidence", "captions", "promised", "right"],
        [
            [f"{one.low:.1f} – {min(1, one.high):.1f}", str(one.count), f"{one.confidence:.2f}", f"{one.right:.2f}"]
            for one in bins
        ],
    )


def _examples(said: Sequence[Said], cutoff: float) -> str:
    return table(
        ["written", "confidence", "a person"],
        [
            [one.text if one.confidence >= cutoff else f"({one.text})", f"{one.confidence:.2f}", one.person[:160]]
            for one in said
        ],
    )

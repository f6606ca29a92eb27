"""What do the towers learn from? Pictures with captions, parallel captions, words; and who may learn from which."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from tokenizers import Tokenizer

from lite0 import FEATURES
from wording.finish import FrozenTrunk, Held, Labelled
from wording.learn import Lessons
from wording.lessons import Part, make_captions, make_texts
from wording.pictures import FLICKR_DEV, FLICKR_TRAIN, OPENSTAX, Captioned, read_captioned
from wording.pieces import to_pieces
from wording.teacher import teach
from wording.texts import Text, read_emoji_names, read_nouns, read_parallel, sentences
from wording.views import Views

CLASSES: list[str] = json.loads((Path(__file__).parent / "classes.json").read_text("utf-8"))
"""ImageNet's classes in the order of the network's outputs, as torchvision 0.28 names them (BSD-3-Clause); the two
corgis called by that name, as one shares it with a piece of clothing."""

KEPT = 40
"""One in so many pictures of Flickr8k is kept from learning, for the confidence."""


@dataclass(frozen=True)
class Sources:
    """Where everything lies."""

    data: Path
    """The folder of the tars."""
    emoji: Path
    """`common/annotations` of Unicode CLDR."""
    nouns: Path
    """WordNet's `data.noun`."""
    limit: int | None = None
    """Pictures of each tar, nouns, and rows of parallel captions; all, unless trying out."""


@dataclass(frozen=True)
class Material:
    """Everything read in, not yet cut to pieces."""

    pictures: list[Captioned]
    flickr: int
    """How many of them come from Flickr8k, which are the first."""
    held_out: Bool[np.ndarray, " pictures"]
    """Kept from learning, for the confidence."""
    captions: list[tuple[int, str, str]]
    """Number of the picture, language, text."""
    parallel: list[Text]
    emoji: list[Text]
    nouns: list[Text]

    @property
    def texts(self) -> list[str]:
        """All texts; names of emoji three times, as they are few and short."""
        return [
            *(one.text for one in (*self.parallel, *3 * self.emoji, *self.nouns)),
            *(text for _, _, text in self.captions),
        ]


def read_material(sources: Sources) -> Material:
    """Read everything that may be learnt from."""
    limit = sources.limit
    flickr = read_captioned(sources.data / f"{FLICKR_TRAIN}.tar", limit)
    openstax = [one for one in read_captioned(sources.data / f"{OPENSTAX}.tar", limit) if not one.held_out]
    measured = read_captioned(sources.data / f"{FLICKR_DEV}.tar", limit)
    unwanted = [text for one in measured for texts in one.captions.values() for text in texts]
    captions = [
        (number, language, text)
        for number, one in enumerate(flickr)
        for language, texts in one.captions.items()
        for text in texts
    ]
    captions += [
        (len(flickr) + number, "en", sentence)
        for number, one in enumerate(openstax)
        for text in one.captions.get("en", [])
        for sentence in sentences(text)
    ]
    held_out = np.zeros(len(flickr) + len(openstax), bool)
    held_out[: len(flickr) : KEPT] = True
    return Material(
        pictures=[*flickr, *openstax],
        flickr=len(flickr),
        held_out=held_out,
        captions=captions,
        parallel=list(read_parallel(sources.data / "multi30k-train.tsv.gz", unwanted))[: limit and 4 * limit],
        emoji=list(read_emoji_names(sources.emoji)),
        nouns=list(read_nouns(sources.nouns))[:limit],
    )


def make_lessons(material: Material, tokenizer: Tokenizer, views: Views, trunk: FrozenTrunk, work: Path) -> Lessons:
    """Cut texts to pieces and let the teacher read the English ones."""
    return Lessons(
        captions=make_captions(tokenizer, material.captions, material.held_out),
        texts=make_texts(tokenizer, _parts(material, work)),
        maps=views.maps,
        steps=trunk.steps,
        views=views.whole,
        middle=np.array(views.pooled[:, FEATURES:]),
        classes=trunk.classes(np.array(views.pooled)),
        names=to_pieces(tokenizer, CLASSES),
    )


def _parts(material: Material, work: Path) -> list[Part]:
    """Say how often texts of each kind are drawn: captions most, then words."""
    alt_texts = [text for number, _, text in material.captions if number >= material.flickr]
    kinds = (
        ([one.text for one in material.nouns], 0.18),
        (alt_texts, 0.12),
        (CLASSES, 0.03),
        ([f"a photo of a {name}" for name in CLASSES], 0.02),
    )
    return [
        _translated(material.parallel, 0.55, work),
        _translated(material.emoji, 0.10, work),
        *(Part(texts, np.arange(len(texts)), teach(texts, work), share) for texts, share in kinds),
    ]


def _translated(texts: list[Text], share: float, work: Path) -> Part:
    english = list(dict.fromkeys(one.english for one in texts))
    row = {text: number for number, text in enumerate(english)}
    return Part([one.text for one in texts], np.array([row[one.english] for one in texts]), teach(english, work), share)


def keep_held(material: Material, views: Views, labelled: list[Labelled]) -> Held:
    """Give the pictures that are kept for the confidence, with their English captions."""
    kept = np.flatnonzero(material.held_out)
    place = {int(number): row for row, number in enumerate(kept)}
    english = [(number, text) for number, language, text in material.captions if language == "en"]
    texts = [(place[number], text) for number, text in english if number in place]
    return Held(
        maps=views.maps[0][kept],
        pooled=np.array(views.pooled)[kept],
        texts=[text for _, text in texts],
        own=np.array([row for row, _ in texts]),
        labelled=labelled,
    )

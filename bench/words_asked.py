"""What is asked by words, of which pictures? Names, captions and descriptions for one picture each; and odd things.

The gallery holds the photos of Flickr8k's dev split and those of OpenStax that no training may use. Half of the records
have a caption, as in a collection that somebody began to describe; all have what the encoder recognises.
"""

import io
import random
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lookalike.encoders import TextEncoder
from lookalike.gallery import Gallery
from lookalike.gallery.function_words import function_words
from lookalike.gallery.tokens import spelled
from lookalike.seeing import look
from lookalike.testing import make_record
from lookalike.types import ImageRecord
from real_photos import read_photos

KINDS = ("name", "caption", "description")

ODD = (
    *("nuclear submarine under the ice", "a plate of sushi", "invoice number", "wedding cake with candles", "octopus"),
    *("giraffe at a zoo", "screenshot of a spreadsheet", "tax return", "x-ray of a hand", "chess board", "penguins"),
    *("a bowl of tomato soup", "butterfly on a leaf", "crossword puzzle", "dentist", "a bag of cement", "passport"),
    *("kangaroo", "saxophone solo", "microwave oven", "Eiffel tower", "jellyfish", "origami crane", "parking ticket"),
    *("typewriter", "a pair of scissors", "snail", "bowling alley", "pizza margherita", "zebra crossing", "lighthouse"),
    *("Tintenfisch", "Hochzeitstorte mit Kerzen", "Atom-U-Boot", "Schachbrett", "Pinguine", "Mikrowelle", "Zahnarzt"),
    *("une pieuvre", "gâteau de mariage", "sous-marin", "échiquier", "pingouins", "four à micro-ondes", "escargot"),
    *("chobotnice", "svatební dort", "ponorka", "šachovnice", "tučňáci", "mikrovlnná trouba", "psací stroj", "šnek"),
)
"""What neither set of photos shows."""


@dataclass(frozen=True)
class Photo:
    """A photo and what people wrote about it."""

    name: str
    pixels: np.ndarray
    captions: list[str]
    translated: list[str]
    """One caption in each other language that there is."""


@dataclass(frozen=True)
class Asked:
    """A query, and the id of the one record that it is for; empty where nothing is."""

    kind: str
    text: str
    sought: str


def photos() -> list[Photo]:
    """Read all photos that are searched."""
    read = [*read_photos("flickr8k-dev"), *(one for one in read_photos("openstax-photos") if one.is_held_out)]
    return [
        Photo(
            one.name,
            np.asarray(Image.open(io.BytesIO(one.data)).convert("RGB")),
            one.said["captions"]["en"],
            [some[0] for language, some in one.said["captions"].items() if language != "en"],
        )
        for one in read
    ]


def fill(gallery: Gallery, encoder: TextEncoder, every: list[Photo]) -> list[tuple[Photo, ImageRecord]]:
    """Put the photos into a gallery, every other one with its first caption."""
    for space in encoder.spaces.values():
        gallery.add_space(space)
    made = []
    for start in range(0, len(every), 64):
        batch = every[start : start + 64]
        looks = look(encoder, [photo.pixels for photo in batch])
        for place, (photo, seen) in enumerate(zip(batch, looks, strict=True)):
            captioned = (start + place) % 2 == 0 and photo.captions
            made_up = make_record(
                f"file:///photos/{photo.name}.jpg",
                caption=photo.captions[0] if captioned else "",
                embeddings=seen.embeddings,
                recognised=seen.recognised,
            )
            made.append((photo, made_up))
    gallery.put([record for _, record in made])
    return made


def questions(made: list[tuple[Photo, ImageRecord]]) -> list[Asked]:
    """Ask for the pictures in three ways, each as often as the others."""
    chance = random.Random(11)  # noqa: S311 - the same each time
    asked = []
    for photo, known in made:
        words = [
            word for word in re.findall(r"[A-Z]?[a-z]{2,}|\d{4,}", photo.name.rpartition("__")[2]) if word != "OSC"
        ]
        if words:
            asked.append(Asked("name", " ".join(words[-2:]), known.id))
        if known.caption:
            said = list(dict.fromkeys(re.findall(r"\w+", known.caption)))
            if len(said) >= 5:
                asked.append(Asked("caption", " ".join(sorted(chance.sample(said, 5), key=said.index)), known.id))
        for caption in [photo.captions[-1], *photo.translated]:
            telling = [word for word, token in spelled(caption) if token not in function_words()]
            if len(telling) > 2 and chance.random() < 0.2:
                start = chance.randrange(len(telling) - 1)
                asked.append(Asked("short", " ".join(telling[start : start + 2]), known.id))
        others = photo.captions[1:] if known.caption else photo.captions
        if others:
            asked.append(Asked("description", chance.choice(others).rstrip(" ."), known.id))
    kinds = {kind: [one for one in asked if one.kind == kind] for kind in (*KINDS, "short")}
    few = min(map(len, kinds.values()))
    return [one for some in kinds.values() for one in chance.sample(some, few)]

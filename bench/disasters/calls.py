"""What is done to a gallery until disaster strikes? Pictures come, are described anew, are replaced and deleted.

Everything in a record follows from its number, its version and how often it was described. One-bit codes are made from
300 rows on instead of 200,000, so that disasters fall into that as well.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.testing import make_record, make_space
from lookalike.types import ImageRecord
from lookalike.uris import image_id

SPACE = make_space("made-up@1/semantic", dim=128)
SIZES = Sizes(few=1, exact=100, bytes=300)
PICTURES = 3_000

State = dict[int, tuple[int, int]]
"""Number of a picture → the version that the gallery holds, and how often it was described since."""
Call = dict[str, list]
"""What is put, described and deleted; one of the three."""


def calls(chance: random.Random, held: State) -> Iterator[Call]:
    """Make up calls: mostly additions and replacements, some changes of words, some deletions."""
    states = dict(held)
    latest = {number: version for number, (version, _) in held.items()}
    while True:
        numbers = chance.sample(range(PICTURES), chance.choice([1, 5, 40, 200]))
        call: Call = {"put": [], "describe": [], "delete": []}
        kind = chance.choices(["put", "describe", "delete"], [50, 25, 25])[0]
        for number in numbers:
            version, words = states.get(number, (0, 0))
            if kind == "put":
                latest[number] = latest.get(number, 0) + 1
                states[number] = latest[number], 0
                call["put"].append((number, states[number]))
            elif kind == "describe" and number in states:
                states[number] = version, words + 1
                call["describe"].append((number, states[number]))
            elif kind == "delete":
                states.pop(number, None)
                call["delete"].append(number)
        if any(call.values()):
            yield call


def id_of(number: int) -> str:
    """Give the id of a picture."""
    return image_id(uri_of(number))


def uri_of(number: int) -> str:
    """Give the uri of a picture."""
    return f"file:///pictures/{number % 17}/{number:05}.jpg"


def said(number: int, version: int, words: int) -> dict[str, Any]:
    """Make the words of a picture."""
    return {
        "title": str(words),
        "caption": f"picture{number} version{version}x words{words}",
        "tags": (f"tag{(version + words) % 5}",),
        "label": f"label{(number + words) % 7}",
    }


def picture(number: int, version: int, words: int) -> ImageRecord:
    """Make the record of a picture: everything in it follows from its number, version and words."""
    own = np.random.default_rng((number, version))
    vector = own.standard_normal(SPACE.dim)
    return make_record(
        uri_of(number),
        version=str(version),
        width=int(own.integers(1, 5_000)),
        embeddings={SPACE.name: (vector / np.linalg.norm(vector)).astype(np.float16)},
        **said(number, version, words),
    )


def do(gallery: SqliteGallery, call: Call) -> None:
    """Make a call; it is acknowledged when this returns."""
    if put := call["put"]:
        gallery.put([picture(number, *state) for number, state in put])
    elif described := call["describe"]:
        described_as = {id_of(number): said(number, *state) for number, state in described}
        gallery.describe(list(described_as), lambda one: replace(one, **described_as[one.id]))
    else:
        gallery.delete([id_of(number) for number in call["delete"]])


def applied(held: State, call: Mapping[str, list] | None) -> State:
    """Give the state after a call."""
    if call is None:
        return held
    kept = {number: state for number, state in held.items() if number not in call["delete"]}
    return kept | {number: (version, words) for number, (version, words) in (*call["put"], *call["describe"])}

"""Does a gallery hold what was acknowledged, after a disaster? The call that was not may be there, never by half."""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from disasters.calls import PICTURES, SIZES, SPACE, Call, State, applied, do, picture
from lookalike.errors import NotFound
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.walking import each_record
from lookalike.types import ImageRecord

_LOOKED_AT = 40


@dataclass
class Losses:
    """What was broken, over all disasters of a kind."""

    lost: int = 0
    """Acknowledged records that are gone, changed, or not found by their vector or words."""
    halves: int = 0
    """Calls of which some was done and some not."""
    damaged: int = 0
    """Galleries that did not open, took nothing more, let no program live, or in which their own check found damage."""

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.lost or self.halves or self.damaged)

    def judge(self, path: Path, held: State, pending: Call | None, chance: random.Random) -> State:
        """Open a gallery, compare it with what was acknowledged, and give what it holds."""
        try:
            with SqliteGallery.open(path, create=False, sizes=SIZES) as gallery:
                return self.compare(gallery, held, pending, chance)
        except NotFound:  # before there was a gallery
            self.lost += len(held)
            self.damaged += bool(held)
        except Exception as error:  # noqa: BLE001 - whatever it is, the gallery cannot be used
            self._is_damaged(error)
        return held

    def compare(self, gallery: SqliteGallery, held: State, pending: Call | None, chance: random.Random) -> State:
        """Find out which state an open gallery is in."""
        found = {number_of(one): (int(one.version), int(one.title)) for one in all_records(gallery)}
        after = applied(held, pending)
        if found not in (held, after):
            wrong = sum(found.get(number) not in (held.get(number), after.get(number)) for number in {*found, *after})
            self.lost += wrong
            self.halves += not wrong
        self.damaged += bool(gallery.check())
        looked_at = chance.sample(sorted(found.items()), min(_LOOKED_AT, len(found)))
        self.lost += sum(not whole(gallery, number, *state) for number, state in looked_at)
        return found

    def goes_on(self, path: Path) -> None:
        """Put one more picture into a gallery, see that it is there, and take it away again."""
        try:
            with SqliteGallery.open(path, sizes=SIZES) as gallery:
                gallery.add_space(SPACE)
                do(gallery, {"put": [(PICTURES, (1, 0))], "describe": [], "delete": []})
                self.damaged += not whole(gallery, PICTURES, 1, 0)
                do(gallery, {"put": [], "describe": [], "delete": [PICTURES]})
        except Exception as error:  # noqa: BLE001 - as above
            self._is_damaged(error)

    def _is_damaged(self, error: Exception) -> None:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        self.damaged += 1


def all_records(gallery: SqliteGallery) -> Iterator[ImageRecord]:
    """List every record."""
    return each_record(lambda after: gallery.scan(order="path", after=after, limit=1_000))


def number_of(one: ImageRecord) -> int:
    """Give the number of a picture."""
    return int(one.uri[-9:-4])


def whole(gallery: SqliteGallery, number: int, version: int, words: int) -> bool:
    """Say whether a picture has all its contents, and is found by its embedding and by its words."""
    expected = picture(number, version, words)
    vector = expected.embeddings[SPACE.name]
    found = gallery.get([expected.id], embeddings=True)[0]
    return (
        replace(found, embeddings={}) == replace(expected, embeddings={})
        and np.array_equal(found.embeddings[SPACE.name], vector)
        and gallery.nearest(SPACE.name, vector.astype(np.float32)[None], 1)[0].ids == (expected.id,)
        and gallery.match_text(expected.caption, 1).ids == (expected.id,)
    )

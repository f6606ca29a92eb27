"""Which of a gallery's spaces answer queries? Those of one encoder at a time; others are being filled, or wait."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lookalike.errors import Conflict, GalleryError
from lookalike.types import Space, StoredEmbedding


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The names of the spaces of up to three encoders; of each, the space that a search by picture uses first."""

    now: tuple[str, ...] = ()
    """They answer queries; empty as long as the gallery holds no space."""
    before: tuple[str, ...] = ()
    """They did before the last switch, so that one can go back."""
    filling: tuple[str, ...] = ()
    """They will answer queries once every picture is in them."""


Role = Literal["now", "before", "filling", "unused"]
"""What a space is for, as `Serving` says."""

Turn = Callable[[Serving], Serving]
"""Gives what shall hold, of what holds at that very moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Vectors of a record in further spaces."""

    id: str
    sha256: str
    """Of the bytes that they were made of; where the record is of others by now, they are worth nothing."""
    embeddings: Mapping[str, StoredEmbedding] = field(default_factory=dict)
    """Space name → unit vector."""


def first_served(spaces: Iterable[Space]) -> Serving:
    """Give what holds in a gallery where nothing was ever said: the spaces of the encoder that came first answer.

    `spaces` come oldest first.
    """
    known = list(spaces)
    return Serving(now=tuple(one.name for one in known if _made_by(one) == _made_by(known[0])))


def _made_by(space: Space) -> tuple[str, str]:
    """Name the encoder and its version."""
    return space.encoder, space.name.rpartition("/")[0]


def role_of(name: str, serving: Serving) -> Role:
    """Say what a space is for."""
    if name in serving.now:
        return "now"
    if name in serving.filling:
        return "filling"
    return "before" if name in serving.before else "unused"


def in_turn(spaces: Mapping[str, Space], serving: Serving) -> list[Space]:
    """Give the spaces, those that answer queries first."""
    return sorted(spaces.values(), key=lambda one: one.name not in serving.now)


def checked_turn(change: Turn, held: Serving, spaces: Mapping[str, Space]) -> Serving:
    """Give what shall hold.

    Raises:
        GalleryError: it names a space that the gallery does not hold.
    """
    wanted = change(held)
    for name in (*wanted.now, *wanted.before, *wanted.filling):
        if name not in spaces:
            raise no_space(name, spaces)
    return wanted


def no_space(name: str, known: Iterable[str]) -> GalleryError:
    """Say that a gallery holds no space of a name, and which it does hold."""
    return GalleryError(f"The gallery holds no space {name!r}.", f"It holds: {', '.join(known) or 'none'}.")


def without(name: str, held: Serving) -> Serving:
    """Give what holds when a space is gone: what was to be filled, or gone back to, with it is given up.

    Raises:
        Conflict: it answers queries.
    """
    if name in held.now:
        raise Conflict(
            f"The space {name!r} answers the queries of this gallery.",
            "Switch to another encoder first: lookalike reencode --encoder NAME.",
        )
    return Serving(
        now=held.now,
        before=() if name in held.before else held.before,
        filling=() if name in held.filling else held.filling,
    )

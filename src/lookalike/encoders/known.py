"""Which encoders are well known, and what is known about them? Sizes, speed, words, terms, papers."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lookalike.models.hub import fetched_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEncoder:
    """What one may want to know before fetching an encoder."""

    name: str
    """What `load_encoder` takes."""
    title: str
    dim: int
    """Of the space for which it is known, if it has several."""
    side: int
    """Of the square that it sees, in pixels."""
    mb: int
    """Millions of bytes of its weights, which nearly all of what is fetched are."""
    ms: float
    """Milliseconds of `measured_on`, a picture, in batches of 8; one by one where that takes half a second."""
    licence: str
    paper: str
    repo: str = ""
    """Where the hub keeps it; empty where it does not come from there."""
    words: str = ""
    """Languages that it understands; empty where it knows no words."""
    about: str = ""

    @property
    def fetched_bytes(self) -> int:
        """How much of it lies on this machine."""
        return fetched_bytes(self.repo) if self.repo else 0


@cache
def known_encoders() -> tuple[KnownEncoder, ...]:
    """Give all, `mini` first, then those that know words."""
    return tuple(KnownEncoder(**row) for row in _table()["encoder"])


def measured_on() -> str:
    """Say what the milliseconds were measured on, and with which versions."""
    return str(_table()["measured_on"])


def known(name: str) -> KnownEncoder | None:
    """Give what is known about an encoder; a revision behind its name does not count."""
    return next(
        (one for one in known_encoders() if name in (one.name, one.repo) or name.startswith(f"{one.name}@")), None
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("lookalike.encoders").joinpath("known.toml").read_text("utf-8"))

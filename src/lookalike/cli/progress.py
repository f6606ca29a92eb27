"""How does one see a long piece of work go on?"""

import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from lookalike.cli.failing import say
from lookalike.cli.terminal import console

if TYPE_CHECKING:
    from lookalike.sources import Source
    from lookalike.types import Ingested

_PLAIN_S = 30.0
"""How often a log file, where no bar can be drawn, hears how far the work is."""
_CHANGES = ("added", "updated", "removed")


class Tally:
    """Counts what became of pictures."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.failed = 0
        self.reached = 0

    def add(self, one: "Ingested") -> None:
        """Count one."""
        self._counts[one.outcome] += 1
        self.failed += one.outcome.failed
        self.reached += one.outcome != "removed"

    def begin_again(self) -> None:
        """Keep only what was taken in or forgotten, as everything is looked at once more."""
        self._counts = Counter({kind: self._counts[kind] for kind in _CHANGES})
        self.failed = self.reached = 0

    @property
    def changed(self) -> int:
        """How many were taken in or forgotten."""
        return sum(self._counts[kind] for kind in _CHANGES)

    def summary(self) -> str:
        """Say it in a line: `12 added, 0 updated, 3 unchanged, 1 removed, 0 failed`."""
        kinds = ", ".join(f"{self._counts[kind]:,} {kind}" for kind in ("added", "updated", "unchanged", "removed"))
        return f"{kinds}, {self.failed:,} failed"


def following(outcomes: Iterator["Ingested"], tally: Tally, source: "Source | None" = None) -> Generator["Ingested"]:
    """Pass outcomes on, counting them and showing on stderr how far it is: a bar, or now and then a line.

    With a source, the bar learns from it how long it is.
    """
    if not sys.stderr.isatty():
        yield from _plainly(outcomes, tally)
        return
    from lookalike.cli.bar import drawn_bar

    with drawn_bar(console(stderr=True), source) as bar:
        for one in outcomes:
            tally.add(one)
            bar.move(tally.reached, tally.failed)
            yield one


def _plainly(outcomes: Iterator["Ingested"], tally: Tally) -> Generator["Ingested"]:
    told = time.monotonic()
    for one in outcomes:
        tally.add(one)
        if time.monotonic() - told > _PLAIN_S:
            told = time.monotonic()
            say(f"{tally.summary()} so far")
        yield one

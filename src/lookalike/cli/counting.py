"""How does one see counted work go on, such as queries that are asked one after the other?"""

import sys
import time
from collections.abc import Generator, Iterable
from typing import TypeVar

from lookalike.cli.failing import say
from lookalike.cli.terminal import console

One = TypeVar("One")

_PLAIN_S = 30.0
"""How often a log file, where no bar can be drawn, hears how far the work is."""


def counted(work: Iterable[One], total: int, what: str) -> Generator[One]:
    """Pass on what is done, and show on stderr how far it is: a bar, or now and then a line."""
    if not sys.stderr.isatty():
        yield from _plainly(work, total, what)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(what, total=total)
        for one in work:
            progress.advance(task)
            yield one


def _plainly(work: Iterable[One], total: int, what: str) -> Generator[One]:
    told = time.monotonic()
    for done, one in enumerate(work, 1):
        if time.monotonic() - told > _PLAIN_S:
            told = time.monotonic()
            say(f"{what}: {done:,} of {total:,}")
        yield one

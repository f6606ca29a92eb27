"""How does one see a model come from a hub?"""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from lookalike.cli.failing import say
from lookalike.cli.terminal import console, readable, size

if TYPE_CHECKING:
    from rich.progress import TaskID

    from lookalike.models.hub import Step

_PLAIN_S = 15.0
"""How often a log file, where no bar can be drawn, hears how far it is."""


@contextmanager
def shown_fetches(*, refresh: bool = False) -> Iterator[None]:
    """Show on stderr how far it is whenever, in here, something is fetched from a hub: a bar, or now and then a line.

    With `refresh`, the hub is asked even for what is there whether there is a newer one.
    """
    from lookalike.models.hub import following

    with ExitStack() as stack:
        shown = _Bar(stack) if sys.stderr.isatty() else _Lines()
        with following(shown.show, refresh=refresh):
            yield


class _Lines:
    def __init__(self) -> None:
        self._repo, self._told = "", 0.0

    def show(self, step: "Step") -> None:
        now = time.monotonic()
        if step.repo == self._repo and now - self._told < _PLAIN_S:
            return
        self._repo, self._told = step.repo, now
        say(f"Fetching {readable(step.repo)}: {size(step.received_bytes)} of {size(step.total_bytes)}")


class _Bar:
    """Is drawn from the first step on: most work fetches nothing."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._tasks: dict[str, TaskID] = {}

    def show(self, step: "Step") -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import TransferSpeedColumn as Speed

        if not self._tasks:
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), Speed())
            drawn = Progress(*columns, TimeRemainingColumn(), console=console(stderr=True), transient=True)
            self._progress = self._stack.enter_context(drawn)
        if step.repo not in self._tasks:
            self._tasks[step.repo] = self._progress.add_task(readable(step.repo))
        task = self._tasks[step.repo]
        self._progress.update(task, completed=step.received_bytes, total=step.total_bytes)

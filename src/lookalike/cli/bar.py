"""How is the progress of indexing drawn in a terminal?"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from lookalike.errors import LookalikeError
from lookalike.types import Item

if TYPE_CHECKING:
    from lookalike.sources import Source


class Bar:
    """One line: how far, how many pictures a second, how long still, how many failed."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            _Failed(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self.progress.add_task("", total=None, failed=0)

    def move(self, reached: int, failed: int) -> None:
        """Show that so many pictures are done, and so many of them failed."""
        self.progress.update(self._task, completed=reached, failed=failed)

    def count(self, source: "Source", stop: Event) -> None:
        """Learn how long the bar is by listing the source, which opens no file, once more."""
        total = 0
        try:
            for item in source.items():
                if stop.is_set():
                    return
                total += isinstance(item, Item)
        except (LookalikeError, OSError):
            return  # ingest meets the same and says so
        self.progress.update(self._task, total=total)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Draw pictures a second."""
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s", style="cyan")


class _Failed(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Draw how many failed, where some did."""
        failed = task.fields["failed"]
        return Text(f"{failed:,} failed" if failed else "", style="red")


@contextmanager
def drawn_bar(console: Console, source: "Source | None") -> Iterator[Bar]:
    """Draw a bar while its length is counted in the background."""
    bar, stop = Bar(console), Event()
    counter = Thread(target=bar.count, args=(source, stop), daemon=True) if source else None
    with bar.progress:
        if counter:
            counter.start()
        try:
            yield bar
        finally:
            stop.set()
            if counter:
                counter.join()

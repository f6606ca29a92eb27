"""How does an assistant that waits long learn that work goes on, and how is the work stopped when nobody waits?"""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

from anyio import create_task_group, sleep
from anyio.to_thread import run_sync
from mcp.server.mcpserver import Context

_TELL_S = 1.0

Found = TypeVar("Found")


class Watch:
    """What work in a thread says, and where it hears that nobody waits for it any more."""

    def __init__(self) -> None:
        self.said = ""
        self.stopped = Event()

    async def tell(self, context: Context) -> None:
        """Tell every second what was said last; to whoever asked for that."""
        seconds = 0.0
        try:
            while True:
                await sleep(_TELL_S)
                seconds += _TELL_S
                await context.report_progress(seconds, message=self.said)
        finally:
            self.stopped.set()


async def watched(context: Context, work: Callable[[Watch], Found]) -> Found:
    """Have work done in a thread; when the call is cancelled, the work is told so, and its end waited for."""
    watch = Watch()
    try:
        async with create_task_group() as tasks:
            tasks.start_soon(watch.tell, context)
            found = await run_sync(work, watch)
            tasks.cancel_scope.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return found

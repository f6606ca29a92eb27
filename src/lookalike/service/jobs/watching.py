"""How does a caller watch a job? By server-sent events, which a browser takes up again where it lost them."""

import json
import time
from collections.abc import AsyncIterator

from anyio import sleep
from fastapi.responses import StreamingResponse

from lookalike.errors import Overloaded
from lookalike.service import schemas
from lookalike.service.jobs import Event, Job, Jobs

_LOOK_S = 0.1
_HEARTBEAT_S = 15.0
_WATCHERS = 100
"""Streams at a time: each keeps a connection."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No proxy may hold events back. Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering"""


def watch(jobs: Jobs, job: Job, last_event: str) -> StreamingResponse:
    """Stream the events of a job behind the last one that the caller has.

    Raises:
        Overloaded: too many watch already.
    """
    if jobs.watchers >= _WATCHERS:
        raise Overloaded("Too many watch jobs already.", "Ask for the job itself now and then.")
    seen = int(last_event) if last_event.isascii() and last_event.isdecimal() else 0
    return StreamingResponse(_events(jobs, job, seen), media_type="text/event-stream", headers=_HEADERS)


async def _events(jobs: Jobs, job: Job, seen: int) -> AsyncIterator[str]:
    jobs.watchers += 1
    try:
        spoken = time.monotonic()
        with job.watched(seen) as take:
            while True:
                is_over = job.state.is_over  # before looking: what happens in between is seen in the next round
                for event in take():
                    spoken = time.monotonic()
                    yield _written(event)
                if is_over or jobs.closed:
                    return
                if time.monotonic() - spoken > _HEARTBEAT_S:
                    spoken = time.monotonic()
                    yield ": still there\n\n"
                await sleep(_LOOK_S)
    finally:
        jobs.watchers -= 1


def _written(event: Event) -> str:
    """Write an event. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    is_outcome = event.kind == "outcome"
    data = json.dumps(event.data) if is_outcome else schemas.Job(**event.data).model_dump_json()
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n"  # in JSON, line ends are escaped

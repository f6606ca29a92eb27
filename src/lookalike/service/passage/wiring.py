"""In which order are the stations passed?"""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from lookalike.service.access.gate import Gate
from lookalike.service.access.rules import Rules
from lookalike.service.parts import Parts
from lookalike.service.passage.crowd import Crowd
from lookalike.service.passage.deadlines import Deadlines
from lookalike.service.passage.guards import Guards
from lookalike.service.passage.lost import Lost
from lookalike.service.passage.observing import Observing
from lookalike.service.passage.surprises import Surprises
from lookalike.service.passage.traces import Tracing

_ASKED = ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-API-Key")
_TOLD = ("ETag", "Idempotency-Replayed", "Retry-After", "X-Request-Id")
_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")


def guard(app: FastAPI, parts: Parts, routers: Sequence[APIRouter]) -> None:
    """Put around an app's routes, which must all be there, what lets requests in; what is added last comes first."""
    service, limits = app.state.service, parts.limits
    app.state.rules = Rules(routers, app.routes)
    parts.metrics.watch(parts.gallery, service.queues)
    app.add_middleware(Crowd, searches=service.searches)
    app.add_middleware(Deadlines, max_answer_s=limits.max_answer_s, max_silence_s=limits.max_silence_s)
    app.add_middleware(Gate, door=service.door, rules=app.state.rules)
    app.add_middleware(Lost)
    app.add_middleware(Surprises)
    if parts.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=parts.origins,
            allow_methods=_METHODS,
            allow_headers=_ASKED,
            expose_headers=_TOLD,
        )
    app.add_middleware(Guards, hosts=parts.hosts, origins=parts.origins)
    if parts.tracing is not None:
        app.add_middleware(Tracing, provider=parts.tracing)
    app.add_middleware(Observing, metrics=parts.metrics)

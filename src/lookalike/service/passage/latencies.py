"""How long do answers take? The last of each route, measured from the request's head to the answer's end."""

from collections import defaultdict, deque
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from starlette.types import ASGIApp, Receive, Scope, Send

_LAST = 1_000
"""Answers of a route that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long the last answers of a route took, in milliseconds."""

    route: str
    count: int
    """Answers since the service began."""
    p50: float
    p95: float
    p99: float


class Latencies:
    """Remembers how long answers took. Belongs to one event loop."""

    def __init__(self) -> None:
        self._taken_ms: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_LAST))
        self._counts: dict[str, int] = defaultdict(int)

    def add(self, route: str, taken_s: float) -> None:
        """Note one answer."""
        self._taken_ms[route].append(taken_s * 1_000)
        self._counts[route] += 1

    def summary(self) -> list[Latency]:
        """Sum them up, by route."""
        found = []
        for route, taken in sorted(self._taken_ms.items()):
            p50, p95, p99 = (round(float(one), 1) for one in np.percentile(list(taken), (50, 95, 99)))
            found.append(Latency(route=route, count=self._counts[route], p50=p50, p95=p95, p99=p99))
        return found


class Timing:
    """Wraps an app, and notes how long its answers take. What no route answers is not counted."""

    def __init__(self, app: ASGIApp, latencies: Latencies) -> None:
        """Note in `latencies`."""
        self._app = app
        self._latencies = latencies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        started = perf_counter()
        await self._app(scope, receive, send)
        route = scope.get("route")
        path, methods = getattr(route, "path", ""), getattr(route, "methods", None) or ()
        if scope.get("method") in methods and not path.endswith("/events"):  # those take as long as the job does
            self._latencies.add(f"{scope['method']} {path}", perf_counter() - started)

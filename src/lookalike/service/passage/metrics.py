"""What does an operator's Prometheus see? How long answers and encoding take, what waits, what the gallery holds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lookalike.errors import LookalikeError
from lookalike.gallery import Gallery

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Source: https://prometheus.io/docs/instrumenting/exposition_formats/#basic-info"""
_ANSWER_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_ENCODE_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Queue(Protocol):
    """What work waits in."""

    @property
    def running(self) -> int:
        """How many work now."""
        ...

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        ...


class Metrics:
    """The measurements of one service. May be used by threads."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        self._looking: _Looking | None = None
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._answers = Histogram(
            "lookalike_request_seconds",
            "From a request's head to its answer's end.",
            ("method", "route", "status"),
            buckets=_ANSWER_S,
            registry=self._registry,
        )
        self.in_progress = Gauge("lookalike_requests_in_progress", "Requests under way.", registry=self._registry)
        self._encoding = Histogram(
            "lookalike_encode_seconds",
            "One pass of the encoder, by what it encoded: a batch of pictures, or texts.",
            ("what",),
            buckets=_ENCODE_S,
            registry=self._registry,
        )
        self._encoded = Counter(
            "lookalike_encoded_total",
            "Pictures and texts that were encoded; more than passes, because queries share them.",
            ("what",),
            registry=self._registry,
        )
        self._refused = Counter(
            "lookalike_refused_total",
            "Requests that were not let in, or told to come back.",
            ("status",),
            registry=self._registry,
        )
        for status in ("401", "403", "413", "429", "503"):
            self._refused.labels(status)

    def note_answer(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer. The route is the path's template, so that their number stays small."""
        self._answers.labels(method, route, str(status)).observe(seconds)
        if status in {401, 403, 413, 429, 503}:
            self._refused.labels(str(status)).inc()

    def note_encoding(self, what: str, count: int, seconds: float) -> None:
        """Count a pass of the encoder, and the pictures or texts that shared it."""
        self._encoding.labels(what).observe(seconds)
        self._encoded.labels(what).inc(count)

    def watch(self, gallery: Gallery, queues: Mapping[str, Queue]) -> None:
        """Tell from now on also what a gallery holds, and what waits, as it is when somebody asks."""
        if self._looking is not None:
            self._registry.unregister(self._looking)
        self._looking = _Looking(lambda: [*_of_gallery(gallery), *_of_queues(queues)])
        self._registry.register(self._looking)

    def write(self) -> bytes:
        """Write all of it, in Prometheus' text format."""
        return generate_latest(self._registry)


class _Looking(Collector):
    """Looks when somebody asks."""

    def __init__(self, look: Callable[[], Iterable[GaugeMetricFamily]]) -> None:
        self._look = look

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._look()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []


def _of_gallery(gallery: Gallery) -> Iterable[GaugeMetricFamily]:
    """Tell what a gallery holds; one that does not answer keeps nobody from the other measurements."""
    try:
        held = [
            GaugeMetricFamily("lookalike_images", "Pictures in the gallery.", gallery.count()),
            GaugeMetricFamily("lookalike_failures", "Pictures that could not be indexed.", len(gallery.failures())),
            GaugeMetricFamily("lookalike_gallery_bytes", "The gallery's size on disk.", gallery.size_bytes()),
        ]
    except LookalikeError:
        held = []
    yield GaugeMetricFamily("lookalike_gallery_up", "Whether the gallery answers: 1 or 0.", int(bool(held)))
    yield from held


def _of_queues(queues: Mapping[str, Queue]) -> Iterable[GaugeMetricFamily]:
    for name, help_ in (("running", "Requests that are worked on."), ("waiting", "Requests that wait for their turn.")):
        family = GaugeMetricFamily(f"lookalike_{name}", help_, labels=("queue",))
        for queue, turns in queues.items():
            family.add_metric([queue], getattr(turns, name))
        yield family

"""How are the gallery and the service doing? Counted when somebody asks."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import lookalike
from lookalike.service.jobs import JobState
from lookalike.service.needs import Service
from lookalike.service.parts import Parts
from lookalike.service.passage.turns import Turns
from lookalike.service.schemas.status import Model, Queue, RouteLatency, SpaceInfo, Status


def status_of(service: Service) -> Status:
    """Tell how it is doing."""
    parts = service.parts
    captioner = parts.captioning()
    return Status(
        version=lookalike.__version__,
        up_s=int(time.monotonic() - service.began_at),
        images=parts.gallery.count(),
        failures=dict(Counter(one.outcome.value for one in parts.gallery.failures())),
        spaces=list(spaces_of(parts)),
        encoder=Model.of(parts.encoder),
        captioner=Model.of(captioner) if captioner else None,
        queues=[_queue("searches", service.searches), _queue("thumbnails", service.thumbnails), _jobs(service)],
        disk=service.sizes.now(),
        latencies=[RouteLatency(**asdict(one)) for one in service.latencies.summary()],
    )


def spaces_of(parts: Parts) -> Iterable[SpaceInfo]:
    """Describe the gallery's spaces."""
    for one in parts.gallery.spaces.values():
        yield SpaceInfo(name=one.name, dim=one.dim, encoder=one.encoder)


def _queue(name: str, turns: Turns) -> Queue:
    return Queue(name=name, running=turns.running, waiting=turns.waiting)


def _jobs(service: Service) -> Queue:
    states = Counter(job.state for job in service.jobs)
    return Queue(name="jobs", running=states[JobState.RUNNING], waiting=states[JobState.WAITING])

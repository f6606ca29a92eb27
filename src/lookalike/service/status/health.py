"""How are the gallery and the service doing? Counted when somebody asks."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import lookalike
from lookalike.gallery.serving import in_turn, role_of
from lookalike.service.jobs import JobState
from lookalike.service.needs import Service
from lookalike.service.parts import Parts
from lookalike.service.passage.turns import Turns
from lookalike.service.schemas.status import Info, Model, Queue, RouteLatency, SpaceInfo, Status


def status_of(service: Service) -> Status:
    """Tell how it is doing."""
    parts = service.parts
    return Status(
        version=lookalike.__version__,
        up_s=int(time.monotonic() - service.began_at),
        images=parts.gallery.count(),
        failures=dict(Counter(one.outcome.value for one in parts.gallery.failures())),
        spaces=list(spaces_of(parts)),
        encoder=Model.of(parts.encoder),
        captioner=_captioner(parts),
        queues=[*(_queue(name, turns) for name, turns in service.queues.items()), _jobs(service)],
        disk=service.sizes.now(),
        latencies=[RouteLatency(**asdict(one)) for one in service.latencies.summary()],
    )


def info_of(parts: Parts) -> Info:
    """Count what the gallery holds, and name what it is searched with."""
    gallery = parts.gallery
    return Info(
        images=gallery.count(),
        failures=len(gallery.failures()),
        bytes=gallery.size_bytes(),
        spaces=list(spaces_of(parts)),
        encoder=parts.encoder.name,
        version=lookalike.__version__,
    )


def spaces_of(parts: Parts) -> Iterable[SpaceInfo]:
    """Describe the gallery's spaces."""
    serving = parts.gallery.serving
    for one in in_turn(parts.gallery.spaces, serving):
        lacking = parts.gallery.count_lacking([one.name])
        role = role_of(one.name, serving)
        yield SpaceInfo(name=one.name, dim=one.dim, encoder=one.encoder, role=role, lacking=lacking)


def _captioner(parts: Parts) -> Model | None:
    """Describe what writes captions; it is not loaded for that, as it may have to be fetched first."""
    loaded, name = parts.library.captioner_at_hand, parts.library.captioner_name
    if loaded is not None:
        return Model.of(loaded)
    return Model(name=name, version="", licence="", source="", about="", languages=[]) if name else None


def _queue(name: str, turns: Turns) -> Queue:
    return Queue(name=name, running=turns.running, waiting=turns.waiting)


def _jobs(service: Service) -> Queue:
    states = Counter(job.state for job in service.jobs)
    return Queue(name="jobs", running=states[JobState.RUNNING], waiting=states[JobState.WAITING])

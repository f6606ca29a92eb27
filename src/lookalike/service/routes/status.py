"""What does the gallery hold, and can the service answer?"""

from fastapi import APIRouter
from starlette.exceptions import HTTPException

import lookalike
from lookalike.service.needs import PartsNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import Health, Info, SpaceInfo

router = APIRouter(tags=["status"])


@router.head("/v1/info", include_in_schema=False)
@router.get("/v1/info", summary="About the gallery")
def info(parts: PartsNeeded) -> Info:
    """Count what the gallery holds, and name what it is searched with."""
    gallery = parts.gallery
    return Info(
        images=gallery.count(),
        failures=len(gallery.failures()),
        bytes=gallery.size_bytes(),
        spaces=[SpaceInfo(name=one.name, dim=one.dim, encoder=one.encoder) for one in gallery.spaces.values()],
        encoder=parts.encoder.name,
        version=lookalike.__version__,
    )


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Alive?")
async def healthz() -> Health:
    """Say that the process answers; for a supervisor that restarts what does not."""
    return Health(status="ok")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="Ready?", responses=problem_docs(503))
def readyz(parts: PartsNeeded) -> Health:
    """Say that queries can be answered: the gallery reads, and holds vectors of this encoder; for a load balancer."""
    parts.gallery.count()
    stored = parts.gallery.spaces
    if stored and not any(stored.get(name) == space for name, space in parts.encoder.spaces.items()):
        raise HTTPException(503, "The gallery holds no vectors of the encoder that queries are encoded with.")
    return Health(status="ready")

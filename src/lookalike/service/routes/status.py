"""What does the gallery hold, and can the service answer?"""

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.exceptions import HTTPException

from lookalike.errors import GalleryError
from lookalike.search.spaces import check_space
from lookalike.service.access import OPEN, READ
from lookalike.service.needs import PartsNeeded, ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import Health, Info, Status
from lookalike.service.status.health import info_of, status_of

router = APIRouter(tags=["status"])


@router.head("/v1/info", dependencies=[READ], include_in_schema=False)
@router.get("/v1/info", dependencies=[READ], summary="About the gallery", responses=problem_docs(503))
async def info(service: ServiceNeeded) -> Info:
    """Count what the gallery holds, and name what it is searched with."""
    return await service.listings.run(info_of, service.parts)


@router.get("/v1/status", dependencies=[READ], summary="How it is doing", responses=problem_docs())
async def status(service: ServiceNeeded) -> Status:
    """Tell what the gallery holds, who looks at pictures, what is under way, and how long answers take."""
    return await run_sync(status_of, service)


@router.head("/healthz", dependencies=[OPEN], include_in_schema=False)
@router.get("/healthz", dependencies=[OPEN], summary="Alive?")
async def healthz() -> Health:
    """Say that the process answers; for a supervisor that restarts what does not."""
    return Health(status="ok")


@router.head("/readyz", dependencies=[OPEN], include_in_schema=False)
@router.get("/readyz", dependencies=[OPEN], summary="Ready?", responses=problem_docs(503))
def readyz(parts: PartsNeeded) -> Health:
    """Say that queries can be answered: the gallery reads, and holds vectors of this encoder; for a load balancer."""
    parts.gallery.count()
    try:
        check_space(parts.gallery, parts.encoder)
    except GalleryError as error:
        what = "The gallery holds no vectors of the encoder that queries are encoded with."
        raise HTTPException(503, what) from error
    return Health(status="ready")

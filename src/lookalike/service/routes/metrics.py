"""What does an operator's monitoring ask for?"""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response

from lookalike.service.access import ADMIN
from lookalike.service.needs import PartsNeeded
from lookalike.service.passage.metrics import TEXT

router = APIRouter(tags=["status"])


@router.get("/metrics", dependencies=[ADMIN], include_in_schema=False)
async def metrics(parts: PartsNeeded) -> Response:
    """Give all measurements in Prometheus' text format."""
    return Response(await run_sync(parts.metrics.write), media_type=TEXT)

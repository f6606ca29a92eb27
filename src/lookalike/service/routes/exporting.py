"""How does a gallery leave as a file that other programs read?"""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from lookalike.gallery.filters import parse_filter
from lookalike.service.access import READ
from lookalike.service.needs import PartsNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.routes.images import Where

router = APIRouter(tags=["export"])

_KIND = "application/vnd.apache.parquet"
_NAME = {"Content-Disposition": 'attachment; filename="pictures.parquet"'}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {_KIND: {"schema": {"type": "string", "format": "binary"}}}, "description": "A Parquet file"}
}


@router.get(
    "/v1/export",
    dependencies=[READ],
    summary="Export",
    response_class=StreamingResponse,
    responses=_ANSWER | problem_docs(400),
)
def export(parts: PartsNeeded, where: Where = "") -> StreamingResponse:
    """Give all that the gallery knows, vectors included, as one Parquet file, which `lookalike import` takes.

    It is written as it is sent, so that a gallery of any size fits.
    """
    from lookalike.exchange import stream_parquet  # pyarrow takes long to load, and much memory

    return StreamingResponse(stream_parquet(parts.gallery, parse_filter(where)), media_type=_KIND, headers=_NAME)

"""What does a browser see?"""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

PAGE = Path(__file__).parent.parent / "page"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> FileResponse:
    """Give the search page."""
    return FileResponse(PAGE / "index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """Give the reference page, which reads /openapi.json and needs no other server."""
    return FileResponse(PAGE / "docs.html")

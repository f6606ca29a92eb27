"""What does a browser see? The app, built from web/ into the folder app/, and the reference of the HTTP API."""

from os import PathLike, stat_result
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lookalike.service.access import OPEN

PAGE = Path(__file__).parent.parent / "page"
APP = Path(__file__).parent.parent / "app"

_PAGES = ("/", "/browse", "/upload", "/duplicates", "/status")
"""Addresses of the app, whose own code knows what to show for each."""
_KINDS = {"svg": "image/svg+xml", "png": "image/png", "webmanifest": "application/manifest+json"}
_KINDS |= {"js": "text/javascript", "txt": "text/plain"}
_NOT_BUILT = (
    "The app is not built, as in a checkout that was never served with `make serve`.\n"
    "Say `make web`, and load this page again. The HTTP API is there: /docs lists what it does.\n"
)
_LONGEST_NAME = 100
FILES = "/{name}.{kind}"
"""Where the files beside the app's start page are."""

_ASKED = ["GET", "HEAD"]
"""By what monitors, and people with `curl -I`, ask whether there is a page at all, too."""

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


class Assets(StaticFiles):
    """Files whose names hold a digest of their content, so that a browser need never ask again."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Give a file, for good."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


async def app() -> Response:
    """Give the app. Its name stays while its content changes, so a browser asks for it each time."""
    if not (APP / "index.html").is_file():
        return PlainTextResponse(_NOT_BUILT, 503)
    return app_page()


def app_page(status: int = 200) -> FileResponse:
    """Give the app's page, which must have been built."""
    return FileResponse(APP / "index.html", status, {"Cache-Control": "no-cache"})


for _path in _PAGES:
    router.add_api_route(_path, app, methods=_ASKED)


@router.api_route("/docs", methods=_ASKED)
async def docs() -> FileResponse:
    """Give the reference page, which reads /openapi.json and needs no other server."""
    return FileResponse(PAGE / "docs.html")


@router.api_route(FILES, methods=_ASKED)
async def file(name: str, kind: str) -> FileResponse:
    """Give one of the files that lie beside the app's start page: its sign, its manifest, its service worker."""
    path = APP / f"{name}.{kind}"
    if kind not in _KINDS or len(name) > _LONGEST_NAME or not path.is_file() or path.parent != APP:
        raise HTTPException(404)
    return FileResponse(path, media_type=_KINDS[kind], headers={"Cache-Control": "no-cache"})

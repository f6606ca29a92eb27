"""How are the parts wired into an HTTP application?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

import lookalike
from lookalike.service.needs import make_service
from lookalike.service.openapi import Application
from lookalike.service.parts import Parts
from lookalike.service.passage.compressing import Compressing
from lookalike.service.passage.latencies import Timing
from lookalike.service.passage.replaying import Replaying
from lookalike.service.passage.replays import Replays
from lookalike.service.passage.wiring import guard
from lookalike.service.problems import add_problems
from lookalike.service.routes import ROUTERS
from lookalike.service.routes.pages import APP, PAGE, Assets

_DESCRIPTION = (
    "Search your own pictures by a picture. Errors come as application/problem+json with a `fix` that says what to do. "
    "Unless told otherwise the service is reachable from its own machine only, and asks for no login; where keys were "
    "made, send one as `Authorization: Bearer …`."
)


def create_app(parts: Parts) -> FastAPI:
    """Make the application from ready parts; it closes none of them.

    Its work in the background begins and ends with `BoundServer`, or with the lifespan that another server gives it.
    """
    app = Application(
        title="Lookalike",
        summary="Reverse image search over your own pictures.",
        description=_DESCRIPTION,
        version=lookalike.__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        lifespan=_while_served,
    )
    app.state.service = make_service(parts)
    add_problems(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # include_router would make each of them anew for nothing
    app.mount("/page", StaticFiles(directory=PAGE))
    app.mount("/assets", Assets(directory=APP / "assets", check_dir=False))
    limits = parts.limits
    app.add_middleware(
        Replaying,
        replays=Replays(parts.ledger),
        max_bytes=limits.max_request_bytes,
        max_silence_s=limits.max_silence_s,
    )
    app.add_middleware(Compressing)
    app.add_middleware(Timing, latencies=app.state.service.latencies)
    guard(app, parts, ROUTERS)
    return app


@asynccontextmanager
async def _while_served(app: FastAPI) -> AsyncIterator[None]:
    """Work in the background for as long as a server asks for that."""
    app.state.service.begin()
    yield
    await to_thread.run_sync(app.state.service.close)

"""How are the parts wired into an HTTP application?"""

from threading import Thread
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

import lookalike
from lookalike.service.editing import Words
from lookalike.service.guards import Guards
from lookalike.service.needs import make_service
from lookalike.service.parts import Parts
from lookalike.service.problems import STATUS, TITLE, Problem, add_problems, slug
from lookalike.service.queries import EvidenceRequest, SearchRequest
from lookalike.service.routes import ROUTERS
from lookalike.service.routes.pages import PAGE

_DESCRIPTION = (
    "Search your own pictures by a picture. Errors come as application/problem+json with a `fix` that says what to do. "
    "Nothing here asks for a login; unless told otherwise the service is reachable from its own machine only."
)


class _Application(FastAPI):
    """A FastAPI application whose OpenAPI also describes what handlers read by themselves."""

    def openapi(self) -> dict[str, Any]:
        """Describe the API; made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            schemas = described["components"]["schemas"]
            for model in (Problem, SearchRequest, EvidenceRequest, Words):
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
            described["x-problems"] = [
                {"type": slug(kind), "status": status, "title": TITLE[kind], "description": kind.__doc__}
                for kind, status in STATUS.items()
            ]
        return self.openapi_schema or {}


def create_app(parts: Parts) -> FastAPI:
    """Make the application from ready parts; it closes none of them."""
    app = _Application(
        title="Lookalike",
        summary="Reverse image search over your own pictures.",
        description=_DESCRIPTION,
        version=lookalike.__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = make_service(parts)
    app.state.service.uploads.sweep()
    if not parts.uploads_are_shared:
        Thread(target=app.state.service.uploads.sweep_orphans, daemon=True).start()
    add_problems(app)
    app.add_middleware(Guards, hosts=parts.hosts)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/page", StaticFiles(directory=PAGE))
    return app

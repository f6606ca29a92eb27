"""How does the service describe itself? As OpenAPI, with what handlers read by themselves."""

import json
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lookalike.service.access.sessions import COOKIE
from lookalike.service.asking.batches import BatchRequest
from lookalike.service.asking.comparing import CompareRequest
from lookalike.service.asking.editing import Words
from lookalike.service.asking.queries import EvidenceRequest, PictureRequest, SearchRequest
from lookalike.service.compatibility.asking import ImageSearch, QueryImage, SimilarImages, TextSearch
from lookalike.service.compatibility.knn import KnnRequest
from lookalike.service.passage.replaying import PARAMETER
from lookalike.service.pictures.blocking import BlockRequest
from lookalike.service.problems import STATUS, TITLE, Problem, slug
from lookalike.service.schemas import ApplyRequest, JobRequest, PlanRequest, RestoreRequest, UndoRequest
from lookalike.service.schemas.session import LogIn

_BODIES: tuple[type[BaseModel], ...] = (
    SearchRequest,
    EvidenceRequest,
    PictureRequest,
    Words,
    JobRequest,
    PlanRequest,
    ApplyRequest,
    RestoreRequest,
    UndoRequest,
    LogIn,
    BlockRequest,
    TextSearch,
    ImageSearch,
    QueryImage,
    SimilarImages,
    KnnRequest,
    CompareRequest,
    BatchRequest,
)
"""What handlers read by themselves, so that FastAPI does not know of it."""


_LOGINS: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of `lookalike keys add`, or a provider's token."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same, in another header."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": f"{COOKIE}-*",
        "description": "After POST /v1/session, which gives it the rest of its name.",
    },
}


class Application(FastAPI):
    """A FastAPI application whose description is complete."""

    def openapi(self) -> dict[str, Any]:
        """Describe the API; made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            schemas = described["components"]["schemas"]
            models: tuple[type[BaseModel], ...] = (*_BODIES, Problem)
            for model in models:
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
                made = schema.pop("$defs", {}) | {model.__name__: schema}
                schemas |= {name: schemas.get(name) or _say_defaults(one) for name, one in made.items()}
            self._add_scopes(described)
            described["x-problems"] = [
                {"type": slug(kind), "status": status, "title": TITLE[kind], "description": kind.__doc__}
                for kind, status in STATUS.items()
            ]
        return self.openapi_schema or {}

    def _add_scopes(self, described: dict[str, Any]) -> None:
        """Say which scope each route takes, and how a caller shows that they have it."""
        described["components"]["securitySchemes"] = _LOGINS
        for path, method, scope in self.state.rules.declared():
            operation = described["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                operation["x-scope"] = scope or "none"
                if scope in {"write", "admin"} and method != "GET":
                    operation.setdefault("parameters", []).append(dict(PARAMETER))
                if scope is not None:
                    operation["security"] = [{name: []} for name in _LOGINS] + [{}]  # {}: where no login is needed


def _say_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Say in words what a field of a body is when it is left out.

    A generator of TypeScript takes `default` for a promise that the field is always there, and asks for it.
    """
    for field in schema.get("properties", {}).values():
        default = field.pop("default", None)
        if default not in (None, "", [], {}):
            field["description"] = f"{field.get('description', '')} Else {json.dumps(default)}.".strip()
    return schema

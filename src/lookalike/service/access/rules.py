"""Which scope does a path take? What its route declares; the program's own files take none."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from lookalike.keys import SCOPES, Scope
from lookalike.service.access.scopes import Needs

RULE = "lookalike.rule"
"""Under which name a request's rule travels in its ASGI scope."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a request asks for."""

    template: str
    """The path with names for what varies; empty where there is nothing of the kind."""
    scope: Scope | None
    """What its caller must be allowed to do; None for what is open to all."""


UNKNOWN = Rule("", "read")


class Rules:
    """The rules of all routes."""

    def __init__(self, routers: Sequence[APIRouter], others: Iterable[BaseRoute] = ()) -> None:
        """Read them from routers that are mounted at the root, and from the application's other routes.

        Raises:
            ValueError: a route declares nothing.
        """
        self._routes = [
            (route.path_regex, frozenset(route.methods or ()), Rule(route.path, declared_scope(route)))
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute)
        ]
        mounts = [route.path for route in others if isinstance(route, Mount) and isinstance(route.app, StaticFiles)]
        self._files = [(re.compile(rf"{re.escape(path)}(/|$)"), Rule(path, None)) for path in mounts]
        self._files.append((re.compile(r"/openapi\.json$"), Rule("/openapi.json", None)))

    def declared(self) -> Iterator[tuple[str, str, Scope | None]]:
        """Give every path's template and methods with their scopes."""
        for _, methods, rule in self._routes:
            yield from ((rule.template, method, rule.scope) for method in methods)

    def find(self, asked: AsgiScope) -> Rule:
        """Give the rule of a request, in the order in which routes are tried."""
        path = asked["path"].removeprefix(asked.get("root_path", ""))
        elsewise = UNKNOWN
        for pattern, methods, rule in self._routes:
            if pattern.match(path):
                if asked["method"] in methods:
                    return rule
                elsewise = rule if elsewise is UNKNOWN else elsewise
        if elsewise is not UNKNOWN:
            return elsewise
        return next((rule for pattern, rule in self._files if pattern.match(path)), UNKNOWN)


def declared_scope(route: APIRoute) -> Scope | None:
    """Give the widest scope that a route and its router declare.

    Raises:
        ValueError: neither declares any.
    """
    declared = [one.dependency for one in route.dependencies if isinstance(one.dependency, Needs)]
    if not declared:
        raise ValueError(f"{route.path} declares no scope: see lookalike.service.access.")
    wanted = [needs.scope for needs in declared if needs.scope is not None]
    return max(wanted, key=SCOPES.index, default=None)

"""Is there a place left in the queue? Who would find none is told before anything of their request is read."""

from starlette.types import ASGIApp, Receive, Scope, Send

from lookalike.errors import Overloaded
from lookalike.service.access.rules import RULE, Rule
from lookalike.service.passage.turns import Turns
from lookalike.service.problems import answer_to


class Crowd:
    """Sends searches away while too many wait: to refuse must cost next to nothing, or a crowd stops all work.

    What is posted and only reads is a search, of whatever shape.
    """

    def __init__(self, app: ASGIApp, searches: Turns) -> None:
        """Wrap an app; the gate must come before."""
        self._app = app
        self._searches = searches
        self._full = answer_to(Overloaded("Too many requests are waiting.", "Try again in a moment."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        rule: Rule | None = scope.get(RULE)
        if rule is not None and scope["method"] == "POST" and rule.scope == "read" and self._searches.is_full:
            await self._full(scope, receive, send)  # the same for all: MutableHeaders(scope=…) adds to a copy
        else:
            await self._app(scope, receive, send)

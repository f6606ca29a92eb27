"""Who gets in? Each request meets the gate before a byte of its body is read."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from lookalike.errors import LoginNeeded, LookalikeError, NotFound
from lookalike.service.access.door import Door
from lookalike.service.access.rules import RULE, UNKNOWN, Rule, Rules
from lookalike.service.access.scopes import CALLER, Caller, refuse_unless
from lookalike.service.problems import answer_to

_NOT_ALLOWED = 1008
"""Source: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1"""


class Gate:
    """Finds out who asks, how often, and for what, and lets through who may."""

    def __init__(self, app: ASGIApp, door: Door, rules: Rules) -> None:
        """Wrap an app."""
        self._app = app
        self._door = door
        self._rules = rules

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no route speaks by web sockets; one that does must be asked for here
            await send({"type": "websocket.close", "code": _NOT_ALLOWED})
            return
        rule = scope[RULE] = self._rules.find(scope)
        try:
            scope[CALLER] = await self._admit(scope, rule)
        except LookalikeError as error:
            await answer_to(error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _admit(self, scope: AsgiScope, rule: Rule) -> Caller:
        """Give who asks, if they may."""
        address = (scope.get("client") or ("",))[0]
        try:
            caller = await self._door.identify(Headers(scope=scope), address)
        except LoginNeeded:
            if rule.scope is not None:
                raise
            return Caller("", None)
        if caller.kind == "nobody":
            self._door.charge_stranger(address)
        else:
            self._door.charge(caller)
        refuse_unless(caller, rule.scope)
        if rule is UNKNOWN and self._door.login_needed:
            raise NotFound(f"{scope['method']} {scope['path'][:200]} is nothing that this service offers.")
        return caller

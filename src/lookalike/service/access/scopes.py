"""What may a caller do? Read, write or administer, and each route says which it takes."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from lookalike.errors import LoginNeeded, NotAllowed
from lookalike.keys import Scope, covers

LOGIN_HINT = (
    "Send a key as `Authorization: Bearer …`; `lookalike keys add` makes one. In a browser, log in on the page."
)
CALLER = "lookalike.caller"
"""Under which name a request's caller travels in its ASGI scope."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do."""

    name: str
    """Of the key, or the token's subject; empty where nobody logged in."""
    scope: Scope | None
    """The widest that they have; None for nothing."""
    kind: Literal["nobody", "key", "token"] = "nobody"
    key: str = ""
    """The id of the key."""
    ends: float | None = None
    """When the key or token is over, in seconds since 1970; None for never."""

    @property
    def identity(self) -> str:
        """What tells them from other callers."""
        return f"{self.kind} {self.key or self.name}"

    def may(self, wanted: Scope | None) -> bool:
        """Tell whether they may do what takes this scope; None takes nothing."""
        return wanted is None or (self.scope is not None and covers(self.scope, wanted))


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route takes: a scope, or None where anybody may come in."""

    scope: Scope | None

    async def __call__(self, request: Request) -> None:  # async, though it waits for nothing: others run in threads
        """Refuse a caller whom the gate should not have let through: a router may be mounted where there is no gate."""
        refuse_unless(await caller_of(request), self.scope)


def refuse_unless(caller: Caller, wanted: Scope | None) -> None:
    """Let a caller pass who may do it.

    Raises:
        LoginNeeded: nobody asks.
        NotAllowed: somebody whose scope is too narrow.
    """
    if caller.may(wanted):
        return
    if caller.kind == "nobody":
        raise LoginNeeded("This needs a login.", LOGIN_HINT)
    has = f"has the scope {caller.scope}" if caller.scope else "has no scope here"
    raise NotAllowed(f"This takes the scope {wanted}, and {caller.name!r} {has}.", "Make a key with that scope.")


async def caller_of(request: Request) -> Caller:
    """Give who makes a request; nobody, with no rights, where no gate has looked."""
    found = request.scope.get(CALLER)
    return found if isinstance(found, Caller) else Caller("", None)


READ = Depends(Needs("read"))
WRITE = Depends(Needs("write"))
ADMIN = Depends(Needs("admin"))
OPEN = Depends(Needs(None))
CallerNeeded = Annotated[Caller, Depends(caller_of)]

"""What does a caller hear of a mistake of ours? That there was one, and by which number the log says more of it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.service.passage.deadlines import Stalled
from lookalike.service.passage.observing import LOG, REQUEST_ID
from lookalike.service.problems import ProblemResponse, refusal


class Surprises:
    """Answers where an app fails as nobody foresaw; what lets other sites' pages read answers must be around it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and excuse ourselves."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Stalled:
            raise  # no mistake of ours, and the server hangs up
        except Exception:
            LOG.exception("A request failed.")
            if has_begun:
                raise  # only hanging up tells the caller that there is no more of the answer
            number = REQUEST_ID.get()
            what = refusal(500, "Something unexpected went wrong.", f"The program's own log says more at {number}.")
            await ProblemResponse(what)(scope, receive, send)

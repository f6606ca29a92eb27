"""How does the application listen? Uvicorn on a socket that is bound first, so that its port is known."""

import socket
from collections.abc import Callable
from threading import Event

import uvicorn
from fastapi import FastAPI

from lookalike.errors import BadInput

_FINISH_S = 10
"""How long requests that are under way may take to finish after being told to stop."""
_BACKLOG = 256


class BoundServer:
    """An application on its way to listen: the address is taken, nothing is answered yet."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> None:
        """Take an address; port 0 takes any that is free.

        Raises:
            BadInput: it is taken, or is not this machine's.
        """
        self._socket = _bind(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self.ready = Event()
        """Set once requests are answered."""
        config = uvicorn.Config(
            app,
            access_log=False,
            server_header=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=_FINISH_S,
        )
        self._on_ready: Callable[[str], None] | None = None
        self._server = _Announcing(config, self._announce)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}/"

    def run(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Answer requests until `stop` is called or, in the main thread, until SIGINT or SIGTERM.

        `on_ready` is called with the url once requests are answered. Those under way at the end are finished first.
        """
        self._on_ready = on_ready
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Finish what is under way and return from `run`; may be called from any thread."""
        self._server.should_exit = True

    def _announce(self) -> None:
        self.ready.set()
        if self._on_ready is not None:
            self._on_ready(self.url)


class _Announcing(uvicorn.Server):
    """A server that calls back once it listens."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()


def _bind(host: str, port: int) -> socket.socket:
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off for sockets that name TCP only; with it on, every answer waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"Cannot listen on {host}, port {port}: {reason}.",
            "Give another port with --port, or 0 for any that is free.",
        ) from error
    return bound

"""How does the application listen? Uvicorn on a socket that is bound first, so that its port is known."""

import asyncio
import errno
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType

import uvicorn
from fastapi import FastAPI

from lookalike.errors import BadInput
from lookalike.service.needs import Service
from lookalike.service.passage.connections import Connection
from lookalike.service.passage.deadlines import Stalled

_FINISH_S = 10
"""How long requests that are under way may take to finish after being told to stop."""
_KEEP_ALIVE_S = 75
"""How long a connection may lie idle: longer than proxies keep theirs, or they ask on one that was just closed.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
"""
_BACKLOG = 256
_OTHER_HOST = "Give an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for the whole network."
_OTHER_PORT = "Give another port with --port, or 0 for any that is free."
_SWITCH_S = 0.0005
"""How soon a thread that works makes way for the one that answers: at Python's own 5 ms, each of the few times that
this one lets go of the interpreter costs a refusal as long. At four times what the server carries, half of the
refusals came within 3 ms instead of 8. Source: https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How to listen."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any that is free."""
    trusted_proxies: Sequence[str] = ()
    """Addresses and networks whose word is taken for who asks: X-Forwarded-For, X-Forwarded-Proto."""
    certificate: Path | None = None
    """The certificate chain in PEM; None to speak plain HTTP."""
    key: Path | None = None
    """Its private key; None where it is in the same file."""


def _is_failure(record: logging.LogRecord) -> bool:
    """Tell whether something failed here, rather than that a caller was hung up on who took nothing."""
    return not (record.exc_info and isinstance(record.exc_info[1], Stalled))


class BoundServer:
    """An application on its way to listen: the address is taken, nothing is answered yet."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 0, *, how: Listening | None = None) -> None:
        """Take an address; port 0 takes any that is free. `how` says it all, where there is more to say.

        Raises:
            BadInput: it is taken, or is not this machine's; or the certificate cannot be used.
        """
        how = how or Listening(host=host, port=port)
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            access_log=False,
            server_header=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=_FINISH_S,
            timeout_keep_alive=_KEEP_ALIVE_S,
            proxy_headers=bool(how.trusted_proxies),
            forwarded_allow_ips=list(how.trusted_proxies),
            ssl_certfile=how.certificate,
            ssl_keyfile=how.key,
        )
        logging.getLogger("uvicorn.error").addFilter(_is_failure)
        _check_certificate(how)
        self._socket = _bind(how.host, how.port)
        self.host = how.host
        self.port: int = self._socket.getsockname()[1]
        self.ready = Event()
        """Set once requests are answered."""
        self._scheme = "https" if how.certificate else "http"
        self._on_ready: Callable[[str], None] | None = None
        self._on_stopping: Callable[[int], None] | None = None
        self._service: Service = app.state.service
        self._server = _Announcing(config, self._announce, self._announce_end, self._service.close)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return f"{self._scheme}://{shown}:{self.port}/"

    def run(
        self, on_ready: Callable[[str], None] | None = None, on_stopping: Callable[[int], None] | None = None
    ) -> None:
        """Answer requests until `stop` is called or, in the main thread, until SIGINT or SIGTERM.

        `on_ready` is called with the url once requests are answered. Those under way at the end are finished first,
        but for those that take longer than ten seconds. `on_stopping` is called when that begins, with the number of
        the signal, 0 for none: work in a thread goes on until it ends by itself.
        """
        self._on_ready = on_ready
        self._on_stopping = on_stopping
        usual_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            self._server.run(sockets=[self._socket])
        finally:
            sys.setswitchinterval(usual_s)
            self._socket.close()

    def stop(self) -> None:
        """Finish what is under way and return from `run`; may be called from any thread."""
        self._server.should_exit = True

    def _announce(self) -> None:
        self._service.begin()
        self.ready.set()
        if self._on_ready is not None:
            self._on_ready(self.url)

    def _announce_end(self, signal_number: int) -> None:
        if self._on_stopping is not None:
            self._on_stopping(signal_number)


class _Announcing(uvicorn.Server):
    """A server that calls back once it listens, and before it waits for those under way."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_started: Callable[[], None],
        on_stopping: Callable[[int], None],
        close: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping
        self._close = close
        self._signal_number = 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signal_number = sig
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping(self._signal_number)
        stopping = asyncio.create_task(asyncio.to_thread(self._close))  # streams end only when their work does
        await super().shutdown(sockets)
        await stopping


def _check_certificate(how: Listening) -> None:
    fix = "tls_certificate names the chain and tls_key its key, both in PEM, the key without a password."
    if how.certificate is None:
        if how.key is not None:
            raise BadInput(f"There is no certificate for the key {str(how.key)!r}.", fix)
        return
    try:
        for path in filter(None, (how.certificate, how.key)):
            path.open("rb").close()  # what reads both does not say which of them it could not open
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(how.certificate, how.key, password="")
    except OSError as error:
        what = str(error.filename or how.certificate)
        raise BadInput(f"{what!r} cannot be used for https: {error.strerror or error}.", fix) from error


def _bind(host: str, port: int) -> socket.socket:
    """Take an address that nobody listens at, though connections to who did may not be over yet.

    Source: https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse
    """
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off for sockets that name TCP only; with it on, every answer waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":  # pragma: no cover - there, the other option would share a port that is taken
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except (OSError, OverflowError, TypeError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        is_host = isinstance(error, (socket.gaierror, TypeError)) or getattr(error, "errno", 0) == errno.EADDRNOTAVAIL
        raise BadInput(
            f"Cannot listen on {host}, port {port}: {reason}.", _OTHER_HOST if is_host else _OTHER_PORT
        ) from error
    return bound

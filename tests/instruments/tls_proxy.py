"""How does a test put TLS in front of a server that has none? It ends here, and what is said goes on as it is."""

import contextlib
import socket
import ssl
import threading

_PIECE = 65_536


class TlsProxy:
    """Listens on loopback for TLS, and speaks to a port without it."""

    def __init__(self, behind: int, tls: ssl.SSLContext) -> None:
        """Listen; `tls` holds the server's certificate."""
        tls.set_alpn_protocols(["h2"])
        self._behind = behind
        self._listening = tls.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self._open: list[socket.socket] = []
        self.port: int = self._listening.getsockname()[1]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except ssl.SSLError:
                continue  # somebody who does not trust us, or speaks without TLS
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._behind))
            self._open += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def __enter__(self) -> "TlsProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while piece := one.recv(_PIECE):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)

"""Who makes a lost connection anew, when many callers notice? One of them; the others do not queue up for it."""

from threading import Lock
from typing import Any

_HOOK = "_on_rpc_error"
"""What pymilvus 3.0 calls for a caller who was told that the server is unavailable. It connects anew under a lock, for
all of the timeout where the server hangs; and then for the next caller, who has waited for that."""


def let_one_reconnect(client: Any) -> None:
    """Have a caller that finds another one connecting anew go on trying instead, until its own time is over.

    Where the client connects anew in another way, nothing happens.
    """
    connection = getattr(client, "_get_connection", lambda: None)()
    reconnect = getattr(connection, _HOOK, None)
    if reconnect is None:
        return
    from grpc import RpcError

    busy = Lock()

    def reconnect_alone(error: Exception) -> bool:
        if not isinstance(error, RpcError):  # an answer, so that there is a connection
            return bool(reconnect(error))
        if not busy.acquire(blocking=False):
            return False
        try:
            return bool(reconnect(error))
        finally:
            busy.release()

    setattr(connection, _HOOK, reconnect_alone)

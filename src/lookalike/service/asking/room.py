"""How much of what comes in may lie in memory? So many bytes for all requests together; who needs more comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from lookalike.errors import Overloaded


class Room:
    """Room in memory that all bodies share. Belongs to one event loop."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """Give a share that grows with what is taken, until the end of the block."""
        share = Share(self)
        try:
            yield share
        finally:
            share.drop()
            self._left += share.size

    def grant(self, size: int) -> None:
        """Give so many bytes of it away.

        Raises:
            Overloaded: others hold too much.
        """
        if size > self._left:
            raise Overloaded("Too many large requests are under way.", "Try again in a moment.")
        self._left -= size


class Share:
    """What one request holds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._buffers: list[BytesIO] = []
        self.size = 0

    def take(self, size: int) -> None:
        """Hold so many bytes more.

        Raises:
            Overloaded: there is no room for them.
        """
        self._room.grant(size)
        self.size += size

    def buffer(self) -> BytesIO:
        """Make a buffer that ends with the share: an error and its traceback would keep it alive for long."""
        self._buffers.append(BytesIO())
        return self._buffers[-1]

    def drop(self) -> None:
        """Let go of what is in the buffers."""
        for buffer in self._buffers:
            buffer.close()


class Held:
    """Bytes that gather in memory, within a share of the room."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._bytes = share.buffer()

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises as `Share.take` says."""
        self._share.take(len(data))
        self._bytes.write(data)

    def finish(self) -> None:
        """Keep the bytes, which take no more than their memory."""

    def bytes(self) -> bytes:
        """Give all that was written."""
        return self._bytes.getvalue()

"""Where may a server listen that a test starts by itself?"""

import random
import socket
from contextlib import ExitStack, suppress


def free_ports(n: int) -> list[int]:
    """Give ports of this machine that nobody has.

    The system gives none of these, which lie below 32,768, to whoever asks for any: nobody gets one in between.
    """
    ports: list[int] = []
    with ExitStack() as held:
        while len(ports) < n:
            taken, number = held.enter_context(socket.socket()), random.randrange(20_000, 32_000)  # noqa: S311
            with suppress(OSError):
                taken.bind(("127.0.0.1", number))
                ports.append(number)
    return ports

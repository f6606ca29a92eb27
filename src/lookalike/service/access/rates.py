"""How often may somebody ask? A bucket each that fills evenly, and that each request takes from."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

_MOST = 100_000
"""Buckets that are kept; who was not seen for longest finds a full one again."""
_NEIGHBOURS = 64
"""Whoever has one address of IPv6 has all with the same first bits. Source: https://www.rfc-editor.org/rfc/rfc6177"""


class Buckets:
    """A token bucket for each name. Belongs to one event loop.

    Source: https://en.wikipedia.org/wiki/Token_bucket
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Fill each with `rate` tokens a second, up to `burst`; a rate of 0 limits nothing."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, tokens: float = 1.0) -> float:
        """Take tokens, and give the seconds to wait where there are too few; then none are taken.

        One who takes more than ever fit in waits until the bucket is full.
        """
        if not self._rate:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(name, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        short = min(tokens, self._burst) - left
        self._buckets[name] = (left, now) if short > 0 else (left - tokens, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return max(0.0, short / self._rate)


def neighbourhood(address: str) -> str:
    """Name all addresses that one caller is likely to have."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of another kind, or a test
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, _NEIGHBOURS), strict=False))
    return str(parsed)

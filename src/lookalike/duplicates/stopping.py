"""Does whoever asked still wait for the end? Work that takes long looks now and then."""

from collections.abc import Callable

IsStopped = Callable[[], bool]
"""Tells whether to end early. Several threads ask, and often."""


def never() -> bool:
    """Go on to the end."""
    return False

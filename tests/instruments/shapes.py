"""Do arrays have the shapes that signatures promise? jaxtyping puts `check` on our functions while the tests run."""

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import jaxtyping
from beartype import beartype

Function = TypeVar("Function", bound=Callable[..., Any])


def check(function: Function) -> Function:
    """Have beartype look at the annotations that speak of arrays; mypy sees to all others."""
    written = function.__annotations__
    function.__annotations__ = {name: hint for name, hint in written.items() if _speaks_of_arrays(hint)}
    checked = beartype(function)
    function.__annotations__ = written
    checked.__annotations__ = written
    return checked


def _speaks_of_arrays(hint: Any) -> bool:
    is_array = isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray)
    return is_array or any(_speaks_of_arrays(part) for part in get_args(hint))


def _only_where_arrays_are(jaxtyped: Callable[..., Any]) -> Callable[..., Any]:
    """Leave functions and classes without arrays as they are: wrapping those too makes the tests take twice as long."""

    def decorate(**options: Any) -> Callable[[Any], Any]:
        wrap = jaxtyped(**options)
        return lambda thing: wrap(thing) if any(map(_speaks_of_arrays, _annotations(thing))) else thing

    return decorate


def _annotations(thing: Any) -> list[Any]:
    return list(getattr(thing, "__annotations__", {}).values())


jaxtyping.jaxtyped = _only_where_arrays_are(jaxtyping.jaxtyped)

"""Which values are numbers and flags, though Python and forms see it more loosely? True is no number, and 1 no flag."""

from typing import Annotated, Any

from pydantic import BeforeValidator


def _refuse_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


def _read_flag(value: Any) -> Any:
    """Take what JSON has for flags, and how forms spell it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError("must be true or false")


Whole = Annotated[int, BeforeValidator(_refuse_flag)]
Real = Annotated[float, BeforeValidator(_refuse_flag)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]

"""How is a body that a handler reads itself checked against its schema, and what is wrong with it told?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from lookalike.errors import BadInput, TooLarge

_MOST_PARTS = 50_000
"""What JSON may hold: the largest that makes sense, a plan for duplicates, names 30,000 things.

A picture in base64 is one part, however large. Without a limit, 60 MB of small ones take 6 GB and half a minute.
"""
_TOLD = 1_000

Read = TypeVar("Read", bound=BaseModel)


def parse_json(model: type[Read], body: bytes) -> Read:
    """Read JSON.

    Raises:
        TooLarge: it has too many parts.
        ValidationError: it is none, or not of this schema; see `telling_invalid`.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > _MOST_PARTS:
        raise TooLarge(f"The JSON has more than {_MOST_PARTS:,} parts.", "Send less at a time.")
    return model.model_validate_json(body)


@contextmanager
def telling_invalid() -> Iterator[None]:
    """Make of a wrong field what is answered with a problem."""
    try:
        yield
    except ValidationError as error:
        if error.error_count() > _TOLD:
            what = f"The request is not as it should be, in {error.error_count():,} places."
            raise BadInput(what, "The page /docs says what it takes.") from None
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error

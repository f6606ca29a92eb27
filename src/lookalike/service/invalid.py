"""How is a field that is wrong told, where a handler reads its body itself?"""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError


@contextmanager
def telling_invalid() -> Iterator[None]:
    """Make of a wrong field what is answered with a problem."""
    try:
        yield
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error

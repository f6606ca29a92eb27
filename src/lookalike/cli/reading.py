"""How does a verb read a query picture that is piped in, and the part of it that is meant?"""

import sys
from typing import TYPE_CHECKING

from lookalike.errors import BadInput, TooLarge

if TYPE_CHECKING:
    from lookalike.types import Region


def read_stdin(asked_by: str, max_bytes: int) -> bytes:
    """Read a picture that is piped in.

    Raises:
        BadInput: nothing is piped; the fix names the command line that asked.
        TooLarge: it is longer; what comes after that is not read.
    """
    if sys.stdin is None or sys.stdin.isatty():  # None where whoever started us has closed it
        raise BadInput("There is no picture on stdin.", f"Pipe one in: `lookalike {asked_by} < picture.jpg`.")
    data = sys.stdin.buffer.read(max_bytes + 1)
    if len(data) > max_bytes:
        what = f"What comes by stdin has more than {max_bytes / 1e6:g} MB."
        raise TooLarge(what, "Raise max_bytes to read it.")
    return data


def parse_crop(text: str) -> "Region | None":
    """Read `x,y,w,h`; empty is the whole picture.

    Raises:
        BadInput: not four numbers.
    """
    from lookalike.types import Region

    if not text:
        return None
    try:
        x, y, width, height = (float(side) for side in text.split(","))
    except ValueError as error:
        raise BadInput(
            f"The crop {text!r} is not four numbers.",
            "Give x,y,width,height as fractions: 0.25,0,0.5,1 is the middle half.",
        ) from error
    return Region(x=x, y=y, width=width, height=height)

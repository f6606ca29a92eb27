"""By what may records be listed, and where did a page end? Orders and cursors, the same for every gallery."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Generic, TypeVar

from lookalike.errors import BadInput

TIMES = ("added", "taken")
NUMBERS = (*TIMES, "bytes", "width", "height")
TERMS = ("label", "owner", "format")
"""Values that many records share."""
PLACES = ("path", "uri")
TEXTS = (*PLACES, "id")
ORDERS = (*NUMBERS, *TERMS, *TEXTS)

Value = int | str
"""What a record is sorted by."""
Mark = TypeVar("Mark", int, str)
_LARGEST = 2**63 - 1
"""What every gallery can compare with."""


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by, and the direction."""

    field: str
    falling: bool

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Read `field` or `-field`.

        Raises:
            BadInput: there is no such order.
        """
        field = text.removeprefix("-")
        if field not in ORDERS:
            orders = ", ".join(ORDERS)
            raise BadInput(
                f"Records cannot be listed in the order {text!r}.", f"Use one of {orders}; `-` turns it round."
            )
        return cls(field, text.startswith("-"))


@dataclass(frozen=True, slots=True)
class Edge(Generic[Mark]):
    """Where a page ended: its last record's sort value, and the mark that tells it from others of the same value.

    A mark is what a gallery breaks ties by. A record keeps it as long as it lives, so what comes and goes meanwhile
    neither repeats nor hides another.
    """

    value: Value
    mark: Mark

    def write(self, order: Order) -> str:
        """Give the cursor's text."""
        return urlsafe_b64encode(json.dumps([order.field, order.falling, self.value, self.mark]).encode()).decode()

    @classmethod
    def read(cls, cursor: str, order: Order, marks: type[Mark]) -> "Edge[Mark] | None":
        """Read a cursor; None for the empty one.

        Raises:
            BadInput: it does not come from this order, or not from a gallery with such marks.
        """
        if not cursor:
            return None
        kinds = int if order.field in NUMBERS else str, marks
        try:
            field, falling, *edge = json.loads(urlsafe_b64decode(cursor.encode()))
            if (field, falling) == (order.field, order.falling) and tuple(map(type, edge)) == kinds:
                json.dumps(edge, ensure_ascii=False).encode()  # half a pair of surrogates is no text
                if all(abs(one) <= _LARGEST for one in edge if isinstance(one, int)):
                    return cls(*edge)
        except (ValueError, TypeError, RecursionError):
            pass
        raise BadInput("This cursor does not belong to this order.", "Begin again without one.")

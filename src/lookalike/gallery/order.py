"""By what may records be listed? Fields to sort by, the same for every gallery."""

from dataclasses import dataclass

from lookalike.errors import BadInput

TIMES = ("added", "taken")
NUMBERS = (*TIMES, "bytes", "width", "height")
TERMS = ("label", "owner", "format")
"""Values that many records share."""
PLACES = ("path", "uri")
TEXTS = (*PLACES, "id")
ORDERS = (*NUMBERS, *TERMS, *TEXTS)


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

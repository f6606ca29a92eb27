"""What does a checkpoint's description say? A JSON object that asks for no endless network."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lookalike.errors import BadInput

MAX_DESCRIPTION_BYTES = 4_000_000

_MANY = 500
_MANY_IN_ALL = 5_000
"""Where a list says how many there are in each stage: of which there is at least one."""
_NAMES = {"id2label", "label2id"}
"""Of classes, with their numbers: a tape player is no layer."""
_REPEATED = re.compile("layer|depth|block|head|experts", re.IGNORECASE)
"""What networks have one after another; a billion of them would be made before anybody looks at the weights."""


def parse_json(data: bytes, name: str) -> object:
    """Parse a JSON file of a checkpoint; `name` is for messages.

    Raises:
        BadInput: it is none.
    """
    try:
        tree: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} cannot be read: {str(error)[:200]}.", "Fetch it again.") from None
    return tree


def parse_description(data: bytes, name: str) -> dict[str, Any]:
    """Parse a JSON file that describes a network, or how to use one; `name` is for messages.

    Raises:
        BadInput: it is no object, or asks for what nobody has.
    """
    tree = parse_json(data, name)
    if not isinstance(tree, dict):
        raise BadInput(f"{name} holds no JSON object.", "Fetch it again.")
    asked: dict[str, float] = defaultdict(float)
    for key, value in _numbers(tree):
        if _REPEATED.search(key):
            many = min(max(1, value), 1e15)
            asked[key] += many
            if many > _MANY or asked[key] > _MANY_IN_ALL:
                raise BadInput(f"{name} asks for {asked[key]:,.0f} {key[:60]}.", "Choose another repository.")
    return tree


def _numbers(tree: object) -> Iterator[tuple[str, float]]:
    """Give every number that describes a network, with its key; also fractions, which some depths are multiplied by."""
    pending: list[tuple[str, object]] = [("", tree)]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [item for item in value.items() if item[0] not in _NAMES]
        elif isinstance(value, list):
            pending += [(key, one) for one in value]
        elif isinstance(value, int | float):
            yield key, value

"""What are the classes called? Reads the list of names that a checkpoint brings."""

import json
from collections import Counter

from lookalike.errors import BadInput

MAX_LABELS_BYTES = 8_000_000
_MAX_LETTERS = 200


def read_labels(name: str, data: bytes) -> tuple[str, ...]:
    """Read a JSON list of names.

    Raises:
        BadInput: it is no list of unique, plain names.
    """
    if len(data) > MAX_LABELS_BYTES:
        raise _refuse(name, f"it is past the limit of {MAX_LABELS_BYTES:,} bytes")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _refuse(name, str(error)[:300]) from None
    if not isinstance(found, list) or not found:
        raise _refuse(name, "it is no list of names")
    for place, label in enumerate(found, 1):
        if not isinstance(label, str) or not _is_plain(label):
            raise _refuse(name, f"name {place} is {str(label)[:60]!r}")
    twice, count = Counter(found).most_common(1)[0]
    if count > 1:
        raise _refuse(name, f"{twice!r} stands there twice")
    return tuple(found)


def _is_plain(label: str) -> bool:
    return 0 < len(label) <= _MAX_LETTERS and label == label.strip() and label.isprintable()


def _refuse(name: str, reason: str) -> BadInput:
    fix = 'Write a JSON list of unique names, such as ["beach", "golden retriever"].'
    return BadInput(f"The class names in {name} cannot be used: {reason}.", fix)

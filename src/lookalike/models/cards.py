"""What do all cards have in common? TOML or JSON read strictly, and plain files of one folder with their sha256."""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from lookalike.errors import BadInput
from lookalike.invalid import fault_of, place_of

MAX_CARD_BYTES = 65_536
_MAX_DOTS = 200
"""In a line: a key of twenty thousand parts took four seconds."""

STRICT = ConfigDict(strict=True, extra="forbid")
"""What is not known is an error, so that a misspelt key never passes in silence."""

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,199}")
"""One plain name: no folder, no `..`, nothing hidden."""


def _stay_in_the_folder(names: dict[str, str]) -> dict[str, str]:
    for name in names:
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no plain file name in the card's own folder")
    return names


Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Line = Annotated[str, StringConstraints(max_length=2_000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Sums = Annotated[dict[str, Sha256], Field(min_length=1, max_length=64), AfterValidator(_stay_in_the_folder)]
"""The files of a checkpoint, all in the card's folder → sha256 of each."""

T = TypeVar("T")


def parse_card(adapter: TypeAdapter[T], data: bytes, name: str) -> T:
    """Read the bytes of a card; `name` is its file's name and says by its ending whether it is TOML or JSON.

    Raises:
        BadInput: broken, too long, or a key that is missing, unknown or wrong; each is named.
    """
    if len(data) > MAX_CARD_BYTES:
        raise BadInput(f"The card {name} is longer than {MAX_CARD_BYTES} bytes.", "Keep long texts elsewhere.")
    try:
        text = data.decode("utf-8-sig")
        tree = json.loads(text) if name.endswith(".json") else _parse_toml(text)
        with telling_wrong(f"The card {name} is wrong", "Correct these keys."):
            return adapter.validate_json(json.dumps(tree, default=str))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The card {name} cannot be read: {error}.", "Write it as TOML or JSON in UTF-8.") from None


@contextmanager
def telling_wrong(what: str, fix: str) -> Iterator[None]:
    """Turn what Pydantic refuses into our error: `what`, and behind it what is wrong with which key.

    Raises:
        BadInput: so.
    """
    try:
        yield
    except ValidationError as error:
        wrong = "; ".join(f"{_place(place_of(e))}: {fault_of(e)}" for e in error.errors()[:5])
        raise BadInput(f"{what}: {wrong}.", fix) from None


def _parse_toml(text: str) -> dict[str, object]:
    """Parse TOML, but none with keys of thousands of parts, over which the library spends their square of time."""
    if any(line.count(".") > _MAX_DOTS for line in text.split("\n")):
        raise ValueError(f"a line has more than {_MAX_DOTS} dots")
    return tomllib.loads(text)


def _place(place: tuple[object, ...]) -> str:
    return ".".join(str(part)[:60] for part in place) or "card"

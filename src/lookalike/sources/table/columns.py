"""Which picture does a row mean, and what does it say about it?"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from lookalike.errors import BadInput
from lookalike.uris import is_web

FIELDS: dict[str, tuple[str, ...]] = {
    "image": (
        *("image", "image_path", "path", "filepath", "file_path", "file", "file_name", "filename", "img"),
        *("imgurl", "image_url", "img_url", "url", "src"),
    ),
    "caption": ("caption", "captions", "description", "text", "alt_text", "alt", "sentence"),
    "title": ("title",),
    "tags": ("tags", "keywords"),
    "label": ("label", "category", "class"),
    "owner": ("owner", "author", "photographer", "credit"),
    "link": ("link", "page", "page_url", "permalink"),
    "version": ("version", "etag"),
}
"""Field → columns that are taken for it where nothing else is said; the first that a row has, in any case of letters.

`version` is of use for pictures on the web: they are fetched again when it changes."""

MAX_TEXT = 10_000
"""Characters of a caption, or of a metadata entry."""
MAX_CAPTIONS = 200
"""That a picture keeps; a table may name one in a million rows."""
_MAX_SHORT = 1_000
MAX_TAGS = 1_000
_MAX_ENTRIES = 200
_MAX_NAME = 200
"""Characters of a metadata entry's name."""
_SEPARATORS = re.compile(r"[,;|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a row says about a picture, or several together."""

    image: str
    version: str
    captions: tuple[str, ...]
    words: dict[str, Any]
    """Other fields of `Described`."""

    def joined(self, further: "Said") -> "Said":
        """Add what a further row of the same picture says: captions, tags, and what no row before has said.

        No more is kept than a single row may say.
        """
        mine, theirs = self.words, further.words
        words = {field: value or theirs[field] for field, value in mine.items()}
        words["tags"] = tuple(dict.fromkeys((*mine["tags"], *theirs["tags"])))[:MAX_TAGS]
        entries = mine["metadata"] | theirs["metadata"] | mine["metadata"]  # mine come first, and stay as they are
        words["metadata"] = dict(list(entries.items())[:_MAX_ENTRIES])
        version = self.version or further.version
        if further.version not in {"", version}:
            version = digest(f"{version}\0{further.version}")
        return Said(
            image=self.image,
            version=version,
            captions=tuple(dict.fromkeys((*self.captions, *further.captions)))[:MAX_CAPTIONS],
            words=words,
        )


class Columns:
    """Knows which columns hold what."""

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Take the columns that a person named for some fields.

        Raises:
            BadInput: there is no such field.
        """
        for field in columns:
            if field not in FIELDS:
                near = get_close_matches(field, FIELDS, n=1)
                fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(FIELDS)}."
                raise BadInput(f"There is no field {field!r} that a column can be mapped to.", fix)
        self._given = {field: tuple(names) for field, names in columns.items()}
        self._found: dict[int, dict[str, tuple[str, ...]]] = {}

    def check(self, header: Sequence[str], where: str) -> None:
        """Make sure that a table has the columns.

        Raises:
            BadInput: it lacks one that was named, or none tells the picture.
        """
        there = f"It has: {', '.join(header)[:1_000]}."
        for field, names in self._given.items():
            for name in names:
                if name not in header:
                    raise BadInput(f"{where} has no column {name!r} for {field}.", there)
        if not self.of(tuple(header))["image"]:
            raise BadInput(f"No column of {where} tells where the pictures are.", f"Map one to image. {there}")

    def of(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Give which of some columns each field is in."""
        known = hash(names)  # a row's names themselves may take megabytes
        found = self._found.get(known)
        if found is None:
            if len(self._found) > 1_000:  # each row names its columns itself, and this table's never the same ones
                self._found.clear()
            found = self._found[known] = self._resolved(names)
        return found

    def _resolved(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        folded = {name.casefold(): name for name in reversed(names)}
        taken = {name for given in self._given.values() for name in given}
        resolved: dict[str, tuple[str, ...]] = {}
        for field, usual in FIELDS.items():
            if field in self._given:
                resolved[field] = tuple(name for name in self._given[field] if name in names)
            else:
                found = (folded[name] for name in usual if name in folded and folded[name] not in taken)
                resolved[field] = tuple(found)[:1]
        return resolved

    def read(self, values: Mapping[str, Any]) -> Said:
        """Read a row.

        Raises:
            ValueError: it names no picture, or says too much; the message says so.
        """
        where = self.of(tuple(values))
        image = next((text for name in where["image"] if (text := _text(values[name]).strip())), "")
        if not image:
            raise ValueError("it names no picture")
        words: dict[str, Any] = {
            field: _short(field, next(filter(None, (_text(values[name]).strip() for name in where[field])), ""))
            for field in ("title", "label", "owner", "link")
        }
        taken = {name for names in where.values() for name in names}
        if words["link"] and not is_web(words["link"]):
            words["link"] = ""
            taken -= {*where["link"]}
        words["tags"] = tuple(
            dict.fromkeys(_short("tags", tag) for name in where["tags"] for tag in _tags(values[name]))
        )
        if len(words["tags"]) > MAX_TAGS:
            raise ValueError(f"it has {len(words['tags']):,} tags; at most {MAX_TAGS:,} are kept")
        captions = tuple(dict.fromkeys(text for name in where["caption"] for text in _captions(values[name])))
        words["metadata"] = _metadata({name: value for name, value in values.items() if name not in taken})
        version = " ".join(_text(values[name]) for name in where["version"])
        return Said(image=image, version=version, captions=captions[:MAX_CAPTIONS], words=words)


def digest(text: str) -> str:
    """Give a short text that changes whenever another one does."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _text(value: Any) -> str:
    """Give a plain value as text."""
    match value:
        case None | list() | dict() | bytes():
            return ""
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return _checked("a field", str(value))


def _captions(value: Any) -> list[str]:
    texts = [_text(one) for one in value] if isinstance(value, list) else [_text(value)]
    return [text.strip() for text in texts if text.strip()]


def _tags(value: Any) -> list[str]:
    texts = [_text(one) for one in value] if isinstance(value, list) else _SEPARATORS.split(_text(value))
    return [text.strip() for text in texts if text.strip()]


def _metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    entries = {name: _entry(value) for name, value in values.items()}
    kept = {
        _checked("a column's name", name, _MAX_NAME): value
        for name, value in entries.items()
        if value not in (None, "", [])
    }
    if len(kept) > _MAX_ENTRIES:
        raise ValueError(f"it has {len(kept)} columns besides; at most {_MAX_ENTRIES} are kept")
    return kept


def _entry(value: Any) -> Any:
    match value:
        case bool() | int():
            return value if abs(value) < 2**63 else str(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_text(one) for one in value if isinstance(one, str | int | float)][:_MAX_ENTRIES]
        case _:
            return _text(value)


def _short(field: str, text: str) -> str:
    if len(text) > _MAX_SHORT:
        raise ValueError(f"its {field} has {len(text):,} characters; at most {_MAX_SHORT:,} are kept")
    return text


def _checked(what: str, text: str, most: int = MAX_TEXT) -> str:
    if len(text) > most:
        raise ValueError(f"{what} has {len(text):,} characters; at most {most:,} are kept")
    return text

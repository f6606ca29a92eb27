"""What is an unwanted picture called, and which copies of it does a gallery hold?"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal
from unicodedata import category
from urllib.parse import urlsplit

from lookalike.gallery import Gallery
from lookalike.search import Query, Searcher
from lookalike.types import Tier

MAX_TITLE = 200
"""Characters of what an unwanted picture is called."""
_AT_ONCE = 100
"""How many copies are looked for in one search."""


def title_of(query: Query, gallery: Gallery) -> str:
    """Give what a picture is called that nobody named, in a form that can be kept; nothing where it has no name."""
    record = next(iter(gallery.get([query.id])), None) if query.id else None
    if record is not None:
        name = record.title or Path(record.path).name
    elif query.file is not None:
        name = query.file.name
    else:
        name = urlsplit(query.url).path.rpartition("/")[2] or query.url
    return "".join("�" if category(one) in {"Cc", "Cs"} else one for one in name[:MAX_TITLE])


def copies_of(picture: Path | bytes, searcher: Searcher, effort: Literal["", "thorough"] = "") -> list[str]:
    """Give the ids of copies, edited or not, that one search finds; raises as `Searcher.search` does."""
    query = Query(data=picture, effort=effort) if isinstance(picture, bytes) else Query(file=picture, effort=effort)
    hits = searcher.search(query, _AT_ONCE).hits
    return [hit.record.id for hit in hits if hit.tier in {Tier.IDENTICAL, Tier.EDITED}]


def take_out(
    copies: list[str], picture: Path | bytes, searcher: Searcher, delete: Callable[[list[str]], object]
) -> list[str]:
    """Take copies out, and look again until there are none: one search ends before it has found dozens.

    `delete` takes some out of the gallery, and gives what is true where any of them was there.
    """
    gone: list[str] = []
    while copies and delete(copies):
        gone += copies
        copies = copies_of(picture, searcher) or copies_of(picture, searcher, "thorough")
    return gone

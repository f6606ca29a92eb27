"""How are unwanted pictures kept out, and their copies taken out?"""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field

from lookalike import blocklist
from lookalike.errors import NotFound
from lookalike.search import Query
from lookalike.service.asking.plain import Flag
from lookalike.service.asking.queries import WholePicture
from lookalike.service.parts import Parts
from lookalike.service.pictures.evidence import open_picture
from lookalike.service.pictures.trash import Trash
from lookalike.service.schemas import BlockAnswer, BlockedImage, BlockPage
from lookalike.types import Tier

_COPIES = 100
"""How many copies are looked for at once."""
_LONGEST_NAME = 200


class BlockRequest(WholePicture):
    """A picture that is not wanted, by exactly one of image, url and id."""

    title: str = Field("", max_length=_LONGEST_NAME, description="What to call it.", examples=["the old logo"])
    forget: Flag = Field(False, description="Take its copies out of the gallery, too.")


def blocked(parts: Parts, after: str, limit: int) -> BlockPage:
    """Give some of the unwanted pictures, those that were blocked last first.

    Raises:
        NotFound: this service keeps no such list.
        BadInput: `after` did not come from a page.
    """
    if parts.blocklist is not None and parts.gate() is None:
        return BlockPage(blocks=[], cursor="")  # to look makes no list: the folder may be read-only
    page = _list(parts).page(after, limit)
    return BlockPage(blocks=[BlockedImage.of(record) for record in page.records], cursor=page.after)


def block(parts: Parts, trash: Trash, query: Query, asked: BlockRequest) -> BlockAnswer:
    """Block a picture; raises as `BlockList.add` and `Searcher.search` do."""
    picture = open_picture(parts, query)
    copies = [*([query.id] if query.id else []), *_copies(parts, picture)]
    record = _list(parts).add(picture, asked.title or _name(parts, query))
    if asked.forget:
        copies = _forget(parts, trash, picture, copies)
    return BlockAnswer(block=BlockedImage.of(record), copies=list(dict.fromkeys(copies)), forgotten=asked.forget)


def unblock(parts: Parts, id_: str) -> None:
    """Let a picture in again.

    Raises:
        NotFound: it is not blocked.
    """
    _list(parts).remove(id_)


def _list(parts: Parts) -> blocklist.BlockList:
    if parts.blocklist is None:
        raise NotFound("This service keeps no list of blocked pictures.", "Use `lookalike block` on its machine.")
    return parts.blocklist()


def _name(parts: Parts, query: Query) -> str:
    if query.id:
        record = parts.record(query.id)
        return (record.title or Path(record.path).name)[:_LONGEST_NAME]
    return (urlsplit(query.url).path.rpartition("/")[2] or query.url)[:_LONGEST_NAME]


def _copies(parts: Parts, picture: Path | bytes, *, thorough: bool = False) -> list[str]:
    named = {"data": picture} if isinstance(picture, bytes) else {"file": picture}
    query = Query(**named, effort="thorough" if thorough else "")
    hits = parts.search(query, _COPIES).hits
    return [hit.record.id for hit in hits if hit.tier in {Tier.IDENTICAL, Tier.EDITED}]


def _forget(parts: Parts, trash: Trash, picture: Path | bytes, copies: list[str]) -> list[str]:
    """Take copies out, and look again until there are none: one search ends before it has found dozens."""
    gone: list[str] = []
    while copies and trash.throw(copies, "blocked"):
        gone += copies
        copies = _copies(parts, picture) or _copies(parts, picture, thorough=True)
    return gone

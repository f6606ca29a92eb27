"""How are unwanted pictures kept out, and their copies taken out?"""

from pydantic import Field

from lookalike.library.blocking import MAX_TITLE, copies_of, take_out, title_of
from lookalike.search import Query
from lookalike.service.asking.queries import WholePicture
from lookalike.service.parts import Parts
from lookalike.service.pictures.trash import Trash
from lookalike.service.schemas import BlockAnswer, BlockedImage, BlockPage
from lookalike.service.schemas.plain import Flag
from lookalike.threads import stepping_aside
from lookalike.types import ImageRecord


class BlockRequest(WholePicture):
    """A picture that is not wanted, by exactly one of image, url and id."""

    title: str = Field("", max_length=MAX_TITLE, description="What to call it.", examples=["the old logo"])
    forget: Flag = Field(False, description="Take its copies out of the gallery, too.")


def blocked(parts: Parts, after: str, limit: int) -> BlockPage:
    """Give some of the unwanted pictures, those that were blocked last first.

    Raises:
        BadInput: `after` did not come from a page.
    """
    if parts.library.gate is None:
        return BlockPage(blocks=[], cursor="")  # to look makes no list: the folder may be read-only
    page = parts.library.blocklist.page(after, limit)
    return BlockPage(blocks=[BlockedImage.of(record) for record in page.records], cursor=page.after)


def block(parts: Parts, trash: Trash, query: Query, asked: BlockRequest) -> BlockAnswer:
    """Block a picture; raises as `BlockList.add` and `Searcher.search` do."""
    picture = parts.library.original(query)
    copies = [*([query.id] if query.id else []), *copies_of(picture, parts.searcher)]
    record = parts.library.blocklist.add(picture, asked.title or title_of(query, parts.gallery))
    if asked.forget:
        copies = take_out(copies, picture, parts.searcher, lambda ids: _throw(trash, ids))
    return BlockAnswer(block=BlockedImage.of(record), copies=list(dict.fromkeys(copies)), forgotten=asked.forget)


def _throw(trash: Trash, ids: list[str]) -> list[ImageRecord]:
    """Throw copies away, and let others have the turn: there may be a wait for the trash, or for the gallery inside."""
    with stepping_aside():
        return trash.throw(ids, "blocked")


def unblock(parts: Parts, id_: str) -> None:
    """Let a picture in again.

    Raises:
        NotFound: it is not blocked.
    """
    parts.library.blocklist.remove(id_)

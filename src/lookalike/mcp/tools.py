"""What can an assistant ask of a gallery? To search it, to describe a picture, and to list what is there twice."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from typing import Annotated

from anyio import Lock
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent
from pydantic import Field

from lookalike.duplicates import Group, Looking, OriginalsVerifier, find_groups
from lookalike.errors import LookalikeError
from lookalike.gallery.filters import parse_filter
from lookalike.library import Lookalike
from lookalike.mcp.answers import Copies, CopiesFound, FoundPictures, Shown
from lookalike.mcp.watching import Watch, watched
from lookalike.search import Answer, Query
from lookalike.types import Tier

_PREVIEWS = 4
"""Pictures that an assistant gets to see: each takes it about as many tokens as a page of text."""
_PREVIEW_PX = 256

PictureName = Annotated[
    str, Field(min_length=1, max_length=70_000_000, description="A file's path, a URL, a data-URI, or a picture's id.")
]
Also = Annotated[str, Field(max_length=1_000, description="Words beside the picture: 'in the snow'.")]
Words = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000,
        description='What the pictures show. "Quotes" hold a phrase together, word:2 counts double, -word leaves out.',
    ),
]
Where = Annotated[
    str,
    Field(max_length=10_000, description="Only pictures like these: label:dog taken:2019..2021 width>=1000 -tag:x"),
]
Limit = Annotated[int, Field(ge=1, le=50, description="How many to give.")]
Show = Annotated[bool, Field(description=f"Show the best {_PREVIEWS} as small pictures, too.")]


class Tools:
    """The tools over one gallery. None of them changes anything."""

    def __init__(self, library: Lookalike) -> None:
        self._library = library
        self._looking = Lock()
        """Duplicates are looked for once at a time: an assistant that has lost patience asks again."""

    def search_by_image(
        self, picture: PictureName, words: Also = "", where: Where = "", limit: Limit = 10, show: Show = False
    ) -> Annotated[CallToolResult, FoundPictures]:
        """Find the same picture, edited copies of it, and pictures that look alike; with words, those that mean both.

        Where `likely` is false there is no good answer, only the nearest there is.
        """
        with _told():
            query = self._library.picture(picture, text=words, where=where)
            return self._shown(self._library.searcher.search(query, limit), show=show)

    def search_by_text(
        self, words: Words, where: Where = "", limit: Limit = 10, show: Show = False
    ) -> Annotated[CallToolResult, FoundPictures]:
        """Find the pictures that words mean, by what they show and by what is written about them.

        Where `likely` is false there is no good answer, only the nearest there is.
        """
        with _told():
            return self._shown(self._library.searcher.search(Query(text=words, where=where), limit), show=show)

    def describe_image(self, picture: PictureName) -> Shown:
        """Say what a picture shows: a caption, how sure it is, and what is recognised. It may be any picture."""
        with _told():
            return Shown.of(self._library.look(picture))

    async def list_duplicates(
        self, context: Context, tier: Tier = Tier.EDITED, where: Where = "", limit: Limit = 10
    ) -> CopiesFound:
        """List pictures that are there more than once, and which of each is the best. Nothing is moved or deleted.

        The tier is the loosest wanted: identical; edited, those too; similar, all.
        """
        with _told():
            async with self._looking:
                return await watched(context, lambda watch: self._duplicates(watch, tier, where, limit))

    def _duplicates(self, watch: Watch, tier: Tier, where: str, limit: int) -> CopiesFound:
        library, groups = self._library, list[Group]()
        verify = OriginalsVerifier(library.decoder, library.thumbnails.grey_at_hand)
        how = Looking(verify=verify, is_stopped=watch.stopped.is_set)
        with closing(find_groups(library.gallery, tier, parse_filter(where), how)) as running:
            for group in islice(running, limit + 1):
                groups.append(group)
                watch.said = f"{len(groups)} found so far"
        copies = list(map(Copies.of, groups[:limit]))
        return CopiesFound(groups=copies, more=len(groups) > limit, missing=len(verify.missing))

    def _shown(self, answer: Answer, *, show: bool) -> CallToolResult:
        said = FoundPictures.of(answer)
        content: list[ContentBlock] = [TextContent(type="text", text=said.model_dump_json(indent=1))]
        for hit in answer.hits[: _PREVIEWS if show else 0]:
            with suppress(LookalikeError):  # its original has gone
                jpeg = self._library.thumbnails.jpeg(hit.record, _PREVIEW_PX)
                content.append(ImageContent(type="image", data=b64encode(jpeg).decode(), mime_type="image/jpeg"))
        return CallToolResult(content=content, structured_content=said.model_dump(mode="json"))


@contextmanager
def _told() -> Iterator[None]:
    """Tell the assistant what went wrong and what to do, rather than that something did."""
    try:
        yield
    except LookalikeError as error:
        raise ToolError(str(error)) from error

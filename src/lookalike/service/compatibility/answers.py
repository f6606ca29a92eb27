"""What do programs written for other services get? Hits in the shapes that they know."""

from base64 import b64encode
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lookalike.errors import BadInput, LookalikeError, Overloaded
from lookalike.search import Query
from lookalike.service.compatibility.asking import MAX_ROWS
from lookalike.service.parts import Parts
from lookalike.service.schemas import Image
from lookalike.threads import seconds_out
from lookalike.types import Hit, ImageRecord
from lookalike.uris import is_web

_SHOWN = 20
_PREVIEW_PX = 512
_PREVIEWS_S = 5.0
"""How long other sites and drives are waited for in all; of pictures that come later, those at hand are given."""


class Row(BaseModel):
    """A hit as Elasticsearch gives it."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(alias="_id", examples=["kq3v5n2xwz7dymbt"])
    score: float = Field(alias="_score", description="Higher is closer.", examples=[0.87])
    source: dict[str, Any] = Field(
        alias="_source", description="The picture as in /v1/images, and its `url`, `imgurl` and `description`."
    )


class Answers(BaseModel):
    """Pictures by their address, each with a description."""

    success: bool = Field(examples=[True])
    answers: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        description="Pairs of address and description, best first.",
        examples=[[["http://127.0.0.1:8077/v1/images/kq3v5n2xwz7dymbt/file", "a cat sleeps on a sofa"]]],
    )


class Captioned(BaseModel):
    """A picture's caption."""

    success: bool = Field(description="Whether there is one.", examples=[True])
    caption: str = Field(examples=["a cat sleeps on a sofa"])


class SimilarPictures(BaseModel):
    """Pictures themselves."""

    similar_images: list[str] = Field(description="JPEGs as data-URIs, best first.")


def find_rows(parts: Parts, query: Query, page: int, rows: int, base: str) -> list[Row]:
    """Give a page of hits; pages count from 1.

    Raises:
        BadInput: it lies too far behind; else as `Searcher.search` does.
    """
    start = max(page - 1, 0) * rows
    if start + rows > MAX_ROWS:
        raise BadInput(f"Answers behind the first {MAX_ROWS:,} are not given here.", "Page through /v1/search.")
    hits = parts.search(query, start + rows).hits[start:]
    return [Row(_id=hit.record.id, _score=hit.score, _source=_source(hit, base)) for hit in hits]


def find_answers(parts: Parts, query: Query, base: str) -> Answers:
    """Give addresses and descriptions; raises as `Searcher.search` does."""
    hits = parts.search(query, _SHOWN).hits
    found = [[address(hit.record, base), description(hit.record)] for hit in hits]
    return Answers(success=True, answers=found)


def make_caption(parts: Parts, query: Query) -> Captioned:
    """Describe a picture; raises as `Lookalike.look` does."""
    seen = parts.library.look(query)
    text = (seen.caption.text if seen.caption else "") or ", ".join(seen.recognised)
    return Captioned(success=bool(text), caption=text)


def find_pictures(parts: Parts, query: Query, count: int) -> SimilarPictures:
    """Give pictures themselves, but for those whose originals cannot be had soon; raises as `Searcher.search` does."""
    hits, until = parts.search(query, count).hits, seconds_out() + _PREVIEWS_S
    jpegs = (_preview(parts, hit.record, may_wait=seconds_out() < until) for hit in hits)
    return SimilarPictures(similar_images=[f"data:image/jpeg;base64,{b64encode(one).decode()}" for one in jpegs if one])


def _preview(parts: Parts, record: ImageRecord, *, may_wait: bool) -> bytes | None:
    thumbnails = parts.library.thumbnails
    give = thumbnails.jpeg if may_wait else thumbnails.jpeg_at_hand
    try:
        return give(record, _PREVIEW_PX)
    except Overloaded:
        raise
    except LookalikeError:
        return None


def address(record: ImageRecord, base: str) -> str:
    """Say where a browser finds a picture: on the web, or here."""
    return record.uri if is_web(record.uri) else f"{base}v1/images/{record.id}/file"


def description(record: ImageRecord) -> str:
    """Say what a picture shows, as far as anybody does."""
    return record.caption or record.title or ", ".join(record.all_tags)


def _source(hit: Hit, base: str) -> dict[str, Any]:
    record = hit.record
    said = Image.of(record).model_dump(mode="json")
    where = address(record, base)
    more = {"url": where, "imgurl": where, "description": description(record)}
    return said | more | {"tier": hit.tier.value, "confidence": hit.confidence}

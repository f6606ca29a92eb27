"""What goes in and out over HTTP? Every field with its type, an example and what it means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lookalike.errors import BadInput, TooLarge
from lookalike.search import Answer, Query, parse_data_uri
from lookalike.types import Hit, ImageRecord, Ingested, Outcome, Region, Tier

MAX_LIMIT = 200


def _split_crop(crop: Any) -> Any:
    """Take `x,y,w,h`, as a form field says it, for a list."""
    return [part.strip() for part in crop.strip("[] ").split(",")] if isinstance(crop, str) else crop


Crop = Annotated[tuple[float, float, float, float], BeforeValidator(_split_crop)]


class SearchRequest(BaseModel):
    """A query by exactly one of image, url and id."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    image: str = Field(
        "", description="The picture's file as base64 or as a data-URI.", examples=["data:image/jpeg;base64,/9j/4AAQ…"]
    )
    url: str = Field(
        "", max_length=8_000, description="Where the picture is on the web.", examples=["https://example.org/cat.jpg"]
    )
    id: str = Field("", max_length=64, description="A picture of the gallery.", examples=["kq3v5n2xwz7dymbt"])
    crop: Crop | None = Field(
        None,
        description="Search with this region only: x, y, width and height as fractions of the upright picture.",
        examples=[[0.25, 0.0, 0.5, 1.0]],
    )
    where: str = Field(
        "",
        max_length=10_000,
        description="Answer only from pictures that pass this filter.",
        examples=["label:dog taken:2019..2021 width>=1000 -tag:blurry"],
    )
    limit: int = Field(20, ge=1, le=MAX_LIMIT, description="How many hits to give.", examples=[20])
    cursor: str = Field(
        "", max_length=100_000, description="From the page before; send the same query with it.", examples=[""]
    )
    min_score: float = Field(-1.0, description="Leave out hits with a lower score.", examples=[0.5])

    def query(self, image: bytes | None, max_bytes: int) -> Query:
        """Make the query; `image` is the picture where it came as a file.

        Raises:
            BadInput: not exactly one picture, or an impossible region.
            TooLarge: the picture has more than `max_bytes`.
        """
        data = parse_data_uri(self.image) if self.image else image
        if [data is not None, bool(self.url), bool(self.id)].count(True) != 1:
            raise BadInput("A query needs exactly one of image, url and id.", "Leave out the others.")
        if data is not None and len(data) > max_bytes:
            raise TooLarge(f"The picture is larger than {max_bytes:,} bytes.", "Scale it down first.")
        region = Region(x=self.crop[0], y=self.crop[1], width=self.crop[2], height=self.crop[3]) if self.crop else None
        return Query(data=data, url=self.url, id=self.id, region=region, where=self.where, min_score=self.min_score)


class Image(BaseModel):
    """A picture of the gallery."""

    id: str = Field(description="Stable: a hash of the uri.", examples=["kq3v5n2xwz7dymbt"])
    uri: str = Field(description="Where the original is.", examples=["file:///home/ann/Pictures/cat.jpg"])
    path: str = Field(description="The uri as people read it.", examples=["/home/ann/Pictures/cat.jpg"])
    width: int = Field(description="Pixels, upright; likewise height.", examples=[4000])
    height: int = Field(examples=[3000])
    format: str = Field(description="jpeg, png, webp, gif, bmp, tiff, avif, heic or raw.", examples=["jpeg"])
    bytes: int = Field(description="Size of the file.", examples=[3_456_789])
    sha256: str = Field(description="Of the file's bytes.", examples=["9f86d081884c7d65…"])
    taken_at: datetime | None = Field(
        description="By the camera's clock: local time without a zone.", examples=["2021-07-04T15:30:00"]
    )
    added_at: datetime = Field(description="When the gallery took it in.", examples=["2026-01-31T12:00:00Z"])
    title: str = Field(description="Its name where it has one.", examples=["cat.jpg"])
    caption: str = Field(examples=["A cat sleeps on a sofa."])
    tags: list[str] = Field(examples=[["cat", "sofa"]])
    label: str = Field(examples=["cat"])
    owner: str = Field(examples=["ann"])
    link: str = Field(description="The web page that it belongs to.", examples=["https://example.org/cats"])
    metadata: dict[str, Any] = Field(description="Anything else that its source said.", examples=[{"camera": "X100"}])
    thumbnail_url: str = Field(
        description="Take `?size=` for other sizes.", examples=["/v1/images/kq3v5n2xwz7dymbt/thumbnail"]
    )
    file_url: str = Field(description="The original.", examples=["/v1/images/kq3v5n2xwz7dymbt/file"])

    @classmethod
    def fields_of(cls, record: ImageRecord) -> dict[str, Any]:
        """Give a record's fields as this schema names them."""
        same = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        here = f"/v1/images/{record.id}"
        return same | {
            "tags": list(record.tags),
            "metadata": dict(record.metadata),
            "thumbnail_url": f"{here}/thumbnail",
            "file_url": f"{here}/file",
        }

    @classmethod
    def of(cls, record: ImageRecord) -> Self:
        """Describe a record."""
        return cls(**cls.fields_of(record))


class Evidence(BaseModel):
    """What proves a hit."""

    signal: str = Field(description="sha256, pixels, or the space that was compared.", examples=["mini@1/semantic"])


class SearchHit(Image):
    """A picture that answers a query."""

    rank: int = Field(description="From 1, through all pages.", examples=[1])
    score: float = Field(description="Higher is closer.", examples=[0.8731])
    confidence: float = Field(description="Probability that the two look or mean the same.", examples=[0.94])
    tier: Tier = Field(description="identical: the very same picture; edited: the same, changed; similar: looks alike.")
    evidence: Evidence

    @classmethod
    def of_hit(cls, hit: Hit) -> Self:
        """Describe a hit."""
        return cls(
            **cls.fields_of(hit.record),
            rank=hit.rank,
            score=hit.score,
            confidence=hit.confidence,
            tier=hit.tier,
            evidence=Evidence(signal=hit.evidence.signal),
        )


class SearchAnswer(BaseModel):
    """One page of hits, best first."""

    hits: list[SearchHit]
    cursor: str = Field(description="Send it with the same query for the next page; empty at the end.", examples=[""])
    likely: bool = Field(description="Whether any hit is a good answer, rather than merely the nearest there is.")
    took_ms: float = Field(description="From the picture's last byte to the answer.", examples=[23.4])

    @classmethod
    def of(cls, answer: Answer, took_s: float) -> Self:
        """Describe an answer."""
        hits = [SearchHit.of_hit(hit) for hit in answer.hits]
        return cls(hits=hits, cursor=answer.after, likely=answer.likely, took_ms=round(took_s * 1000, 1))


class ImagePage(BaseModel):
    """A run of the gallery's pictures."""

    images: list[Image]
    cursor: str = Field(description="Send it with the same filter and order for the next page; empty at the end.")

    @classmethod
    def of(cls, records: Sequence[ImageRecord], cursor: str) -> Self:
        """Describe a page of records."""
        return cls(images=[Image.of(record) for record in records], cursor=cursor)


class Upload(BaseModel):
    """What became of one uploaded picture."""

    name: str = Field(description="The file's name as it was sent, without folders.", examples=["cat.jpg"])
    outcome: Outcome = Field(
        description="added, unchanged (it was there already), unreadable, too_large or unreachable (send it again)."
    )
    reason: str = Field(description="Why it could not be taken in; empty where it could.", examples=[""])
    image: Image | None = Field(description="The picture; null where it could not be taken in.")

    @classmethod
    def of(cls, name: str, ingested: Ingested, record: ImageRecord | None) -> Self:
        """Describe one outcome."""
        image = Image.of(record) if record else None
        return cls(name=name, outcome=ingested.outcome, reason=ingested.reason, image=image)


class UploadAnswer(BaseModel):
    """What became of each uploaded picture, in the order sent; those taken in are safely stored."""

    images: list[Upload]


class SpaceInfo(BaseModel):
    """A family of vectors in the gallery."""

    name: str = Field(examples=["mini@1/semantic"])
    dim: int = Field(description="Numbers in each vector.", examples=[512])
    encoder: str = Field(description="What made them.", examples=["mini"])


class Info(BaseModel):
    """What the gallery holds."""

    images: int = Field(description="Pictures in the gallery.", examples=[31_204])
    failures: int = Field(description="Pictures that could not be taken in.", examples=[3])
    bytes: int = Field(description="Size on disk.", examples=[54_321_000])
    spaces: list[SpaceInfo]
    encoder: str = Field(description="What queries are encoded with.", examples=["mini"])
    version: str = Field(description="Of Lookalike.", examples=["0.1.0"])


class Health(BaseModel):
    """That the service is alive."""

    status: str = Field(examples=["ok"])

"""What comes out over HTTP about pictures? Every field with its type, an example and what it means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lookalike.seeing import Look
from lookalike.service.wordings import Wording, wording_of
from lookalike.types import Failure, ImageRecord, Ingested, Outcome
from lookalike.uris import uri_path

MAX_LIMIT = 200
MAX_CURSOR = 100_000
"""Characters: one may hold the longest path there is, each byte of it spelt with several of them."""


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
    caption_source: str = Field(
        description="Who wrote the caption: person, source, or a captioner's name.", examples=["mini"]
    )
    tags: list[str] = Field(description="Given by a person or the source.", examples=[["cat", "sofa"]])
    recognised: dict[str, float] = Field(
        description="What was recognised, with its confidence; the filter `tag:` finds these, too.",
        examples=[{"tabby": 0.71}],
    )
    label: str = Field(examples=["cat"])
    owner: str = Field(examples=["ann"])
    link: str = Field(description="The web page that it belongs to.", examples=["https://example.org/cats"])
    metadata: dict[str, Any] = Field(description="Anything else that its source said.", examples=[{"camera": "X100"}])
    edited: list[str] = Field(
        description="Fields that a person wrote, besides the caption; no source changes them.", examples=[["tags"]]
    )
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
            "recognised": dict(record.recognised),
            "edited": list(record.edited),
            "thumbnail_url": f"{here}/thumbnail",
            "file_url": f"{here}/file",
        }

    @classmethod
    def of(cls, record: ImageRecord) -> Self:
        """Describe a record."""
        return cls(**cls.fields_of(record))


class ImagePage(BaseModel):
    """A run of the gallery's pictures."""

    images: list[Image]
    cursor: str = Field(
        description="Send it with the same filter and order for the next page; empty at the end.", examples=[""]
    )

    @classmethod
    def of(cls, records: Sequence[ImageRecord], cursor: str) -> Self:
        """Describe a page of records."""
        return cls(images=[Image.of(record) for record in records], cursor=cursor)


class Upload(BaseModel):
    """What became of one uploaded picture."""

    name: str = Field(description="The file's name as it was sent, without folders.", examples=["cat.jpg"])
    outcome: Outcome = Field(
        description="added, unchanged (it was there already), unreadable, too_large, blocked, or unreachable "
        "(send it again)."
    )
    reason: str = Field(description="Why it could not be taken in; empty where it could.", examples=[""])
    wording: Wording | None = Field(description="What `reason` says, for programs that say it in other words.")
    image: Image | None = Field(description="The picture; null where it could not be taken in.")

    @classmethod
    def of(cls, name: str, ingested: Ingested, record: ImageRecord | None) -> Self:
        """Describe one outcome."""
        image = Image.of(record) if record else None
        reason = ingested.reason
        return cls(name=name, outcome=ingested.outcome, reason=reason, wording=wording_of(reason), image=image)


class UploadAnswer(BaseModel):
    """What became of each uploaded picture, in the order sent; those taken in are safely stored."""

    images: list[Upload]


class Recognised(BaseModel):
    """Something that is in a picture."""

    name: str = Field(examples=["tabby"])
    confidence: float = Field(description="Probability that it is there.", examples=[0.71])


class Description(BaseModel):
    """What a picture shows."""

    caption: str = Field(description="Empty where it would only be a guess.", examples=["a cat sleeps on a sofa"])
    confidence: float = Field(description="Probability that a person would call the caption right.", examples=[0.64])
    recognised: list[Recognised] = Field(description="Likeliest first.")

    @classmethod
    def of(cls, seen: Look) -> Self:
        """Describe a look."""
        return cls(
            caption=seen.caption.text if seen.caption else "",
            confidence=seen.caption.confidence if seen.caption else 0.0,
            recognised=[Recognised(name=name, confidence=sure) for name, sure in seen.recognised.items()],
        )


class RestoreRequest(BaseModel):
    """Wants deleted pictures back."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        min_length=1, max_length=10_000, description="Of pictures that were deleted.", examples=[["kq3v5n2xwz7dymbt"]]
    )


class RestoreAnswer(BaseModel):
    """Which pictures are back."""

    images: list[Image] = Field(description="Those that are back, as they were.")
    missing: list[str] = Field(description="Ids of those that cannot come back: too late, or never deleted.")


class EditedImage(Image):
    """A picture that was just written about."""

    edit: str = Field(
        description="Names this change for `POST /v1/images/undo`.", examples=["kq3v5n2xwz7dymbt.1767225600.123456"]
    )


class UndoRequest(BaseModel):
    """Wants what was written about pictures taken back: by the name of each change, or the last of each picture."""

    model_config = ConfigDict(extra="forbid")

    edits: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[],
        max_length=10_000,
        description="Changes as `PATCH /v1/images/{id}` names them; one that was followed by another stays.",
        examples=[["kq3v5n2xwz7dymbt.1767225600.123456"]],
    )
    ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[],
        max_length=10_000,
        description="Of pictures whose last change is meant, whoever made it.",
        examples=[["kq3v5n2xwz7dymbt"]],
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.edits and not self.ids:
            raise ValueError("must name changes in `edits`, or pictures in `ids`")
        return self


class UndoAnswer(BaseModel):
    """Of which pictures is said again what was said before."""

    images: list[Image] = Field(description="Those, as they are now.")
    missing: list[str] = Field(
        description="Ids of those that stay as they are: too late, never edited, or written about again since."
    )


class FacetValue(BaseModel):
    """A value of a field, and how many pictures carry it."""

    value: str = Field(examples=["dog"])
    count: int = Field(examples=[120])


class Facets(BaseModel):
    """How many pictures carry each value of a field."""

    field: str = Field(examples=["label"])
    values: list[FacetValue] = Field(description="Commonest first.")


class FailedImage(BaseModel):
    """Something that could not be taken in."""

    uri: str = Field(examples=["file:///home/ann/Pictures/broken.jpg"])
    path: str = Field(description="The uri as people read it.", examples=["/home/ann/Pictures/broken.jpg"])
    outcome: Outcome = Field(description="unreadable, too_large, unreachable, or blocked.")
    reason: str = Field(examples=["The JPEG is truncated."])
    wording: Wording | None = Field(description="What `reason` says, for programs that say it in other words.")
    at: datetime = Field(examples=["2026-01-31T12:00:00Z"])

    @classmethod
    def of(cls, failure: Failure) -> Self:
        """Describe a failure."""
        return cls(
            uri=failure.uri,
            path=uri_path(failure.uri),
            outcome=failure.outcome,
            reason=failure.reason,
            wording=wording_of(failure.reason),
            at=failure.at,
        )


class FailurePage(BaseModel):
    """A run of what could not be taken in."""

    failures: list[FailedImage]
    total: int = Field(description="How many there are in all.", examples=[3])
    cursor: str = Field(description="Send it for the next page; empty at the end.", examples=[""])

    @classmethod
    def of(cls, failures: Sequence[Failure], after: str, limit: int) -> Self:
        """Give the page behind a uri; failures come by uri."""
        behind = [one for one in failures if one.uri > after]
        shown = [FailedImage.of(one) for one in behind[:limit]]
        return cls(failures=shown, total=len(failures), cursor=shown[-1].uri if len(behind) > limit else "")


class BlockedImage(BaseModel):
    """A picture that is kept out."""

    id: str = Field(examples=["r5vw2p7dymbtkq3x"])
    title: str = Field(description="What it is called.", examples=["the old logo"])
    sha256: str = Field(description="Of its file's bytes.", examples=["9f86d081884c7d65…"])
    width: int = Field(description="Pixels, upright; likewise height.", examples=[400])
    height: int = Field(examples=[300])
    blocked_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])

    @classmethod
    def of(cls, record: ImageRecord) -> Self:
        """Describe a record of the block list."""
        same = {name: getattr(record, name) for name in ("id", "title", "sha256", "width", "height")}
        return cls(**same, blocked_at=record.added_at)


class BlockPage(BaseModel):
    """A run of the pictures that are kept out."""

    blocks: list[BlockedImage]
    cursor: str = Field(description="Send it for the next page; empty at the end.", examples=[""])


class BlockAnswer(BaseModel):
    """A picture that is kept out from now on."""

    block: BlockedImage
    copies: list[str] = Field(description="Ids of its copies in the gallery, as far as they were found.")
    forgotten: bool = Field(description="Whether those were taken out.")

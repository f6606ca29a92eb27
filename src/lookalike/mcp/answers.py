"""What do the tools give an assistant? Few fields, each of use in a sentence, and small pictures where asked for."""

from typing import Self

from pydantic import BaseModel, Field

from lookalike.duplicates import Group
from lookalike.search import Answer, proof_words
from lookalike.seeing import Look
from lookalike.types import Hit, ImageRecord, Tier


class Picture(BaseModel):
    """A picture of the gallery."""

    id: str = Field(description="Its id, which every tool takes for a picture.")
    path: str = Field(description="Where it lies: a file, or the path of a URL.")
    uri: str
    title: str
    caption: str = Field(description="What it shows; may be empty.")
    tags: list[str] = Field(description="Given by a person, a source, or recognised.")
    taken_at: str = Field(description="By the camera's clock; empty where it is not known.")
    width: int
    height: int

    @classmethod
    def of(cls, record: ImageRecord) -> Self:
        """Describe a record."""
        same = {name: getattr(record, name) for name in ("id", "path", "uri", "title", "caption", "width", "height")}
        taken_at = record.taken_at.isoformat() if record.taken_at else ""
        return cls(**same, tags=list(record.all_tags), taken_at=taken_at)


class Found(BaseModel):
    """A picture that answers, and why."""

    picture: Picture
    tier: Tier = Field(description="identical: the very same picture; edited: the same, changed; similar: alike.")
    confidence: float = Field(description="Probability that it is what was meant.")
    why: str = Field(description="What was done to it, that it shares a region, or which words it holds.")

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """Describe a hit."""
        sure = round(hit.confidence, 3)
        return cls(picture=Picture.of(hit.record), tier=hit.tier, confidence=sure, why=proof_words(hit))


class FoundPictures(BaseModel):
    """Answers to a search, best first."""

    likely: bool = Field(description="Whether any is a good answer, rather than merely the nearest there is.")
    found: list[Found]
    remarks: list[str] = Field(description="What could not be taken into account.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Describe an answer."""
        return cls(likely=answer.likely, found=list(map(Found.of, answer.hits)), remarks=list(answer.remarks))


class Shown(BaseModel):
    """What a picture shows."""

    caption: str = Field(description="Empty where it would only be a guess, or nobody writes any.")
    caption_confidence: float
    recognised: dict[str, float] = Field(description="What is in it, with a probability each.")

    @classmethod
    def of(cls, seen: Look) -> Self:
        """Describe a look."""
        caption = seen.caption
        return cls(
            caption=caption.text if caption else "",
            caption_confidence=round(caption.confidence, 3) if caption else 0.0,
            recognised=seen.recognised,
        )


class Copies(BaseModel):
    """Pictures that are there more than once."""

    tier: Tier
    keep: Picture = Field(description="The best of them.")
    kept_for: str = Field(description="Why it is the best.")
    spare: list[Picture]
    reasons: dict[str, str] = Field(description="Id of a spare picture → why it is the same.")

    @classmethod
    def of(cls, group: Group) -> Self:
        """Describe a group."""
        spare = [Picture.of(record) for record in group.others]
        keep, reasons = Picture.of(group.keep), dict(group.reasons)
        return cls(tier=group.tier, keep=keep, kept_for=group.kept_for, spare=spare, reasons=reasons)


class CopiesFound(BaseModel):
    """Groups of pictures that are there more than once, those of the best pictures first."""

    groups: list[Copies]
    more: bool = Field(description="Whether there are more groups than were asked for.")
    missing: int = Field(description="How many pictures that may be copies, too, were not at hand to be compared.")

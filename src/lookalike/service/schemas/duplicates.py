"""What comes in and out over HTTP about pictures that are there more than once?"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lookalike.service.schemas.images import Image
from lookalike.service.schemas.jobs import MAX_PATH
from lookalike.service.schemas.plain import Whole
from lookalike.service.wordings import Wording
from lookalike.types import Tier

MAX_CHOSEN = 10_000

Number = Annotated[Whole, Field(ge=1, le=2**53)]
ImageId = Annotated[str, Field(min_length=1, max_length=64)]


class Deed(StrEnum):
    """What may become of the spare pictures of a group."""

    FORGET = "forget"
    """They leave the gallery; of files only those that were uploaded are deleted, an hour later."""
    MOVE = "move"
    """Their files are moved below another folder."""
    DELETE = "delete"
    """Their files are deleted, where they have the same bytes as the one that is kept."""
    HARDLINK = "hardlink"
    """Their files share the disk space of the one that is kept, where they have the same bytes."""


class Spare(Image):
    """A picture of a group that is not the one to keep."""

    reason: str = Field(description="Why it is in the group.", examples=["hashes differ in 6 of 256 bits"])


class DuplicateGroup(BaseModel):
    """Pictures that are the same as the one to keep."""

    number: int = Field(description="Names the group until duplicates are looked for again.", examples=[1])
    tier: Tier = Field(description="The loosest among the group's.")
    keep: Image
    kept_for: str = Field(description="Why this one.", examples=["most pixels: 4000 × 3000"])
    spare: list[Spare] = Field(description="The others, the best first.")
    spare_bytes: int = Field(description="What those take on disk.", examples=[3_456_789])


class DuplicatePage(BaseModel):
    """Groups that the newest finished job of kind duplicates found."""

    groups: list[DuplicateGroup]
    total: int = Field(description="Groups in all, when they were found.", examples=[212])
    tiers: dict[Tier, int] = Field(
        description="How many of these are of which tier.",
        examples=[{"identical": 120, "edited": 80, "similar": 12}],
    )
    job: str = Field(description="The job that found them.", examples=["5f2c9e1a7b3d4c60"])
    found_at: str = Field(description="When it ended.", examples=["2026-01-31T12:00:00+00:00"])
    may_undo: bool = Field(
        description="Whether there is something done about duplicates to take back, and the caller may."
    )
    cursor: str = Field(description="Send it for the next page; empty at the end.", examples=[""])


class PlanRequest(BaseModel):
    """What to do with the spare pictures of groups."""

    model_config = ConfigDict(extra="forbid")

    action: Deed = Field(
        description="forget: out of the gallery, files stay; move; delete or hardlink, for files of the same bytes.",
        examples=["move"],
    )
    groups: list[Number] = Field(
        [], max_length=MAX_CHOSEN, description="Numbers of groups; all of them where this is empty.", examples=[[1, 2]]
    )
    keep: dict[str, ImageId] = Field(
        {},
        max_length=MAX_CHOSEN,
        description="Number of a group → id of the picture to keep instead of the proposed one.",
        examples=[{"1": "kq3v5n2xwz7dymbt"}],
    )
    spare: list[ImageId] = Field(
        [], max_length=MAX_CHOSEN, description="Act on these pictures only; on all spare ones where this is empty."
    )
    to: str = Field(
        "",
        max_length=MAX_PATH,
        description="Where move puts them: an absolute path below one of the folders of index_roots.",
        examples=["/home/ann/Pictures/spare"],
    )
    protect: list[Annotated[str, Field(min_length=1, max_length=MAX_PATH)]] = Field(
        [], max_length=100, description="Folders in which nothing is touched.", examples=[["/home/ann/Pictures/albums"]]
    )


class ApplyRequest(PlanRequest):
    """A plan that was seen, to be carried out."""

    plan: str = Field(
        min_length=1, max_length=100, description="The `plan` of the answer to the same request.", examples=["c0ffee…"]
    )


class PlannedStep(BaseModel):
    """What would be done with one picture."""

    id: str = Field(examples=["kq3v5n2xwz7dymbt"])
    path: str = Field(examples=["/home/ann/Pictures/copy of cat.jpg"])
    kept: str = Field(description="The id of the picture that stays.", examples=["r5vw2p7dymbtkq3x"])
    to: str = Field(description="Where it is moved to; empty otherwise.", examples=[""])
    bytes: int = Field(description="Size of its file.", examples=[3_456_789])
    obstacle: str = Field(
        description="Why it must be left alone; empty where nothing stands in the way.", examples=[""]
    )
    wording: Wording | None = Field(description="What `obstacle` says, for programs that say it in other words.")


class Plan(BaseModel):
    """What would be done; nothing was touched."""

    steps: list[PlannedStep] = Field(description="The first of them.")
    total: int = Field(description="How many pictures would be acted on.", examples=[212])
    left_alone: int = Field(description="How many would be left alone.", examples=[3])
    bytes: int = Field(description="What the files acted on take on disk.", examples=[345_678_900])
    plan: str = Field(description="Names just this plan; send it to apply.", examples=["c0ffee…"])

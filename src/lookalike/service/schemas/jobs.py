"""What comes out over HTTP about work in the background?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from lookalike.duplicates.grouping import DEFAULT_LIKENESS
from lookalike.service import jobs
from lookalike.service.jobs import JobKind, JobState
from lookalike.service.schemas.plain import Real
from lookalike.service.wordings import Wording
from lookalike.types import Tier

MAX_PATH = 4_096


class IndexRequest(BaseModel):
    """Wants a file or folder of the service's machine indexed."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["index"] = Field(description="index", examples=["index"])
    path: str = Field(
        min_length=1,
        max_length=MAX_PATH,
        description="An absolute path below one of the folders that the setting index_roots names.",
        examples=["/home/ann/Pictures"],
    )


class CaptionRequest(BaseModel):
    """Wants pictures of the gallery captioned again."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["caption"] = Field(description="caption", examples=["caption"])
    where: str = Field(
        "", max_length=10_000, description="Only pictures that pass this filter.", examples=["taken:2019..2021"]
    )
    anew: bool = Field(False, description="Also what this very captioner has written already.", examples=[False])


class ReencodeRequest(BaseModel):
    """Wants another encoder for the gallery."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    kind: Literal["reencode"] = Field(description="reencode", examples=["reencode"])
    encoder: str = Field(
        "",
        max_length=1_000,
        description="The encoder to change to. Empty: that which was begun with, else what the one in use has missed.",
        examples=["mini"],
    )
    throttle: Annotated[Real, Field(gt=0, le=10_000)] | None = Field(
        None, description="Pictures a second at most; null for as many as go.", examples=[5]
    )
    switch: bool = Field(True, description="Have it answer as soon as every picture is encoded.")
    anyway: bool = Field(False, description="Switch though some pictures could not be encoded.")


class DuplicatesRequest(BaseModel):
    """Wants groups of the same picture found."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    kind: Literal["duplicates"] = Field(description="duplicates", examples=["duplicates"])
    tier: Tier = Field(
        Tier.EDITED, description="The loosest wanted: identical; edited, those too; similar, all.", examples=["edited"]
    )
    likeness: Real = Field(
        DEFAULT_LIKENESS,
        ge=0.5,
        le=1.0,
        description="From which cosine on pictures count as similar.",
        examples=[DEFAULT_LIKENESS],
    )
    where: str = Field(
        "", max_length=10_000, description="Look only at pictures that pass this filter.", examples=["path:*/2019/*"]
    )
    keep: str = Field(
        "",
        max_length=200,
        description="By what the best of a group is chosen; those not named come after, as usual.",
        examples=["resolution,bytes,format,age"],
    )
    protect: list[Annotated[str, Field(min_length=1, max_length=MAX_PATH)]] = Field(
        [], max_length=100, description="Folders in which nothing is touched.", examples=[["/home/ann/Pictures/albums"]]
    )


AnyRequest = IndexRequest | CaptionRequest | ReencodeRequest | DuplicatesRequest


class JobRequest(RootModel[Annotated[AnyRequest, Field(discriminator="kind")]]):
    """Wants work done in the background, of one kind or another."""


class Job(BaseModel):
    """A piece of work in the background."""

    id: str = Field(examples=["5f2c9e1a7b3d4c60"])
    kind: JobKind = Field(description="What kind of work it is.")
    about: str = Field(description="What is worked on, in a few words.", examples=["/home/ann/Pictures"])
    state: JobState = Field(description="waiting, running, done, failed, or cancelled.")
    created_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])
    started_at: datetime | None = Field(description="Null while it waits.", examples=["2026-01-31T12:00:01Z"])
    ended_at: datetime | None = Field(description="Null until it is over.", examples=[None])
    done: int = Field(description="Things done so far, failed ones included.", examples=[1_200])
    failed: int = Field(description="Of those, what could not be done.", examples=[3])
    total: int | None = Field(description="Things to do; null while nobody knows.", examples=[31_204])
    counts: dict[str, int] = Field(
        description="How many things came to which outcome.", examples=[{"added": 1_197, "unreadable": 3}]
    )
    detail: str = Field(description="What went wrong with all of it; empty where nothing did.", examples=[""])
    fix: str = Field(description="What to do about that; may be empty.", examples=[""])
    wording: Wording | None = Field(description="What `detail` says, for programs that say it in other words.")
    problem: str = Field(description="Which kind of problem that is, as a problem's `type`.", examples=[""])

    @classmethod
    def of(cls, job: jobs.Job) -> Self:
        """Describe a job as it is now."""
        return cls(**job.facts())


class JobList(BaseModel):
    """The jobs of this service, newest first."""

    jobs: list[Job]

    @classmethod
    def of(cls, found: Iterable[jobs.Job]) -> Self:
        """Describe jobs."""
        return cls(jobs=[Job.of(one) for one in found])

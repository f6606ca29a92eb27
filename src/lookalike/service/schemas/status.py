"""What comes out over HTTP about the gallery and the service as a whole?"""

from typing import Any, Self

from pydantic import BaseModel, Field

from lookalike.gallery.serving import Role


class SpaceInfo(BaseModel):
    """A family of vectors in the gallery."""

    name: str = Field(examples=["mini@2/visual"])
    dim: int = Field(description="Numbers in each vector.", examples=[512])
    encoder: str = Field(description="What made them.", examples=["mini"])
    role: Role = Field(
        description="Whether it answers queries now, did before the encoder was changed, or is being filled.",
        examples=["now"],
    )
    lacking: int = Field(description="Pictures without a vector in it.", examples=[0])


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


class Model(BaseModel):
    """A network that looks at pictures or words, as its card describes it."""

    name: str = Field(examples=["mini"])
    version: str = Field(description="Empty where there is no card.", examples=["2"])
    licence: str = Field(examples=["Apache-2.0"])
    source: str = Field(description="Where it came from.", examples=["https://example.org/model"])
    about: str = Field(description="What it is, in a sentence.", examples=["EfficientNet-Lite0 in 8 bits."])
    languages: list[str] = Field(description="In which it understands words: ISO 639-1.", examples=[["en", "de"]])

    @classmethod
    def of(cls, part: Any) -> Self:
        """Describe an encoder or captioner."""
        card = getattr(part, "card", None)
        said = {name: str(getattr(card, name, "") or "") for name in ("version", "licence", "source", "about")}
        languages = getattr(getattr(card, "text", None), "languages", ())
        return cls(name=part.name, **said, languages=list(languages))


class Queue(BaseModel):
    """Work of one kind that is under way."""

    name: str = Field(description="searches, thumbnails, uploads, listings, originals, or jobs.", examples=["searches"])
    running: int = Field(examples=[1])
    waiting: int = Field(examples=[0])


class Disk(BaseModel):
    """What lies on disk, in bytes."""

    gallery: int = Field(examples=[54_321_000])
    uploads: int = Field(description="Pictures that were uploaded.", examples=[1_234_567_000])
    thumbnails: int = Field(description="Small pictures; may be deleted at any time.", examples=[98_765_000])
    free: int = Field(description="What is free where the uploads go.", examples=[500_000_000_000])


class RouteLatency(BaseModel):
    """How long the last answers of a route took, in milliseconds."""

    route: str = Field(examples=["POST /v1/search"])
    count: int = Field(description="Answers since the service began.", examples=[1_204])
    p50: float = Field(description="Half of the last 1,000 took no longer.", examples=[11.2])
    p95: float = Field(examples=[18.9])
    p99: float = Field(examples=[24.0])


class Status(BaseModel):
    """How the gallery and the service are doing."""

    version: str = Field(description="Of Lookalike.", examples=["0.1.0"])
    up_s: int = Field(description="Seconds since the service began.", examples=[86_400])
    images: int = Field(examples=[31_204])
    failures: dict[str, int] = Field(
        description="What could not be taken in, by outcome.", examples=[{"unreadable": 3}]
    )
    spaces: list[SpaceInfo]
    encoder: Model
    captioner: Model | None = Field(description="Null where nobody writes captions.")
    queues: list[Queue]
    disk: Disk
    latencies: list[RouteLatency] = Field(description="By route; those that have answered.")

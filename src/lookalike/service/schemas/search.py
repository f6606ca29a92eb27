"""What comes out over HTTP about hits and what proves them?"""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from lookalike import types
from lookalike.gallery.filters import format_filter
from lookalike.search import Answer, Pair, Words
from lookalike.service.schemas.images import Image
from lookalike.service.wordings import Wording, wording_of
from lookalike.types import Hit, Relation, Tier

Corner = Annotated[list[float], Field(min_length=2, max_length=2)]
"""Not a tuple: what generates TypeScript clients takes apart what others put together."""
Polygon = list[Corner]

_CORNERS = "corners [x, y] in fractions of the upright picture, from its top left"
_POLYGON = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
_TRANSFORM = "What was done to the gallery's picture to get the query, in words; empty without regions."


class MatchedRegion(BaseModel):
    """A part of one picture found again in another."""

    query: Polygon = Field(description=f"Where it lies in the query picture: {_CORNERS}.", examples=[_POLYGON])
    image: Polygon = Field(
        description="Where it lies in the gallery's picture; corner for corner that of `query`.", examples=[_POLYGON]
    )
    mirrored: bool = Field(description="Whether left and right are exchanged.")
    inverted: bool = Field(description="Whether light and dark are exchanged.")
    inliers: int = Field(description="Local features that agree with the homography.", examples=[87])
    agreement: float = Field(
        description="Share of the region's textured blocks that correlate with their counterpart.", examples=[0.97]
    )
    homography: list[float] = Field(
        description="Nine numbers, row by row: maps fractions of the query picture to fractions of the gallery's.",
        examples=[[0.5, 0.0, 0.25, 0.0, 0.5, 0.25, 0.0, 0.0, 1.0]],
    )

    @classmethod
    def of(cls, region: types.MatchedRegion) -> Self:
        """Describe a region."""
        return cls(**{name: getattr(region, name) for name in cls.model_fields})


class Evidence(BaseModel):
    """What proves a hit."""

    signal: str = Field(
        description="sha256, pixels, regions, text (what is written about the picture), or the space compared.",
        examples=["mini@2/semantic"],
    )
    relation: Relation | None = Field(
        description="same: one picture, perhaps edited; shares_region: different pictures with something in common; "
        "null where that was not looked at.",
        examples=["same"],
    )
    transform: str = Field(description=_TRANSFORM, examples=["cropped to 31 %, mirrored, rotated 5° clockwise"])
    regions: list[MatchedRegion] = Field(description="Best first; several for a collage.")
    words: list[str] = Field(
        [],
        description="Those of the query's words and phrases that stand in what is written about the picture.",
        examples=[["sunset"]],
    )

    @classmethod
    def of(cls, evidence: types.Evidence) -> Self:
        """Describe evidence."""
        regions = [MatchedRegion.of(one) for one in evidence.regions]
        same = {name: getattr(evidence, name) for name in ("signal", "relation", "transform")}
        return cls(**same, regions=regions, words=list(evidence.words))


class Comparison(Evidence):
    """What a query picture is to a picture of the gallery."""

    tier: Tier | None = Field(
        description="As what a search would list the picture; null where they have nothing in common."
    )
    confidence: float = Field(description="Probability that it is the same picture.", examples=[0.998])
    reverse: str = Field(
        description="The other way round: what was done to the query to get the gallery's picture.",
        examples=["set into a larger picture, 31 % of it, mirrored"],
    )

    @classmethod
    def of_pair(cls, pair: Pair) -> Self:
        """Describe a pair, the query first."""
        evidence = Evidence.of(pair.evidence).model_dump()
        return cls(**evidence, tier=pair.tier, confidence=pair.confidence, reverse=pair.reverse)


class SearchHit(Image):
    """A picture that answers a query."""

    rank: int = Field(description="From 1, through all pages.", examples=[1])
    score: float = Field(description="Higher is closer.", examples=[0.8731])
    confidence: float = Field(description="Probability that it is what was meant.", examples=[0.94])
    tier: Tier = Field(
        description="identical: the very same picture; edited: the same, changed; similar: looks alike, or suits words."
    )
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
            evidence=Evidence.of(hit.evidence),
        )


class Understood(BaseModel):
    """How the words of a query were read."""

    text: str = Field(description="All of it; read again, it means the same.", examples=['dog:2 "in snow" -people'])
    words: list[str] = Field(description="Single words, in their order.", examples=[["dog"]])
    phrases: list[str] = Field(description="What stood in quotes.", examples=[["in snow"]])
    excluded: list[str] = Field(description="What no answer's texts hold.", examples=[["people"]])
    weights: dict[str, float] = Field(description="What counts more or less than once.", examples=[{"dog": 2.0}])
    filter: str = Field(description="The filter among the words.", examples=["taken:2019..2021"])

    @classmethod
    def of(cls, words: Words) -> Self:
        """Describe words."""
        return cls(
            text=str(words),
            words=[part.text for part in words.wanted if not part.is_phrase],
            phrases=[part.text for part in words.wanted if part.is_phrase],
            excluded=[part.text for part in words.excluded],
            weights={part.text: part.weight for part in (*words.wanted, *words.excluded) if part.weight != 1},
            filter=" ".join(map(format_filter, words.filters)),
        )


class SearchAnswer(BaseModel):
    """One page of hits, best first."""

    hits: list[SearchHit]
    understood: Understood | None = Field(description="How the words were read; null where there were none.")
    description: str = Field(
        description="The words that describe the query picture, in the modes caption and all. Send them back as text, "
        "changed as you like, to search with those.",
        examples=["a dog runs on the beach"],
    )
    remarks: list[str] = Field(description="What could not be taken into account, and what to do about it.")
    wordings: list[Wording] = Field(
        description="What each of `remarks` says, in their order, for programs that say it in other words."
    )
    cursor: str = Field(description="Send it with the same query for the next page; empty at the end.", examples=[""])
    likely: bool = Field(description="Whether any hit, here or on a page before, is a good answer.")
    took_ms: float = Field(description="From the picture's last byte to the answer.", examples=[23.4])

    @classmethod
    def of(cls, answer: Answer, took_s: float) -> Self:
        """Describe an answer."""
        hits = [SearchHit.of_hit(hit) for hit in answer.hits]
        return cls(
            hits=hits,
            understood=Understood.of(answer.understood) if answer.understood else None,
            description=answer.description,
            remarks=list(answer.remarks),
            wordings=[wording for remark in answer.remarks if (wording := wording_of(remark))],
            cursor=answer.after,
            likely=answer.likely,
            took_ms=round(took_s * 1000, 1),
        )

"""What travels between the stages? The nouns of the glossary as frozen values, and arrays with their shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float16, Float32, UInt8

from lookalike.uris import uri_path

Pixels = UInt8[np.ndarray, "_height _width 3"]
"""One picture: upright, sRGB, red first. Pictures side by side may differ in height and width."""

Grey = UInt8[np.ndarray, "_height _width"]
"""One picture, upright, in shades of grey: BT.601 luma of sRGB."""

Embedding = Float32[np.ndarray, " dim"]
"""One unit vector."""

Embeddings = Float32[np.ndarray, "n dim"]
"""Unit vectors, one a row."""

StoredEmbedding = Float16[np.ndarray, " dim"]
"""One unit vector as a gallery keeps it."""

Scores = Float32[np.ndarray, " n"]
"""How close things are, one number each; higher is closer."""

Maps = Float32[np.ndarray, "n cells channels"]
"""What an encoder sees in each of a picture's cells, row by row from the top left; for n pictures."""


class Tier(StrEnum):
    """How a hit relates to the query, closest first."""

    IDENTICAL = "identical"
    EDITED = "edited"
    SIMILAR = "similar"


class Outcome(StrEnum):
    """What became of one item during ingest."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"

    @property
    def failed(self) -> bool:
        """Whether the picture could not be taken in, so that `lookalike failures` lists it."""
        return self in {Outcome.UNREADABLE, Outcome.TOO_LARGE, Outcome.UNREACHABLE, Outcome.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What people or sources say about a picture, as opposed to what its bytes say."""

    title: str = ""
    caption: str = ""
    caption_source: str = ""
    """Who wrote the caption: `person`, `source`, or the captioner's name."""
    tags: tuple[str, ...] = ()
    label: str = ""
    owner: str = ""
    link: str = ""
    """The web page that the picture belongs to."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Anything else, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A sentence that a captioner wrote about a picture."""

    text: str
    """English, without a full stop; empty where the captioner would only guess."""
    confidence: float
    """Probability in [0, 1] that a person would call it right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Described):
    """What a source offers: where a picture lies and in which version; no pixels yet."""

    uri: str
    version: str
    """Changes whenever the bytes may have changed: size and time of a file, an ETag; without spaces."""
    described: str = ""
    """Names the source, up to its last colon, and changes whenever what it says about the picture does; without spaces,
    and empty where it says nothing."""

    @property
    def stamp(self) -> str:
        """What a gallery keeps as the record's version."""
        return f"{self.version} {self.described}" if self.described else self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What recognises the same picture."""

    pixels: str
    """Hash of the decoded pixels, hexadecimal; equal for lossless copies with other metadata or container.

    Of a large JPEG, it is made of the pixels at a reduced scale.
    """
    perceptual: str = ""
    """PDQ hash, 256 bits as 64 hexadecimal digits; empty where it was not made."""
    quality: int = 0
    """How much there is in the picture for the perceptual hash to hold on to, 0 to 100."""
    features: bytes = b""
    """Local features, packed; empty where they were not made, or not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord(Described):
    """What a gallery knows about one picture."""

    id: str
    uri: str
    version: str
    """The item's stamp."""
    sha256: str
    """Of the file's bytes, hexadecimal."""
    width: int
    """Pixels, upright, at full size; likewise height."""
    height: int
    format: str
    """`jpeg`, `png`, `webp`, `gif`, `bmp`, `tiff`, `avif`, `heic` or `raw`."""
    bytes: int
    taken_at: datetime | None = None
    """The camera's clock: local time without a zone."""
    added_at: datetime
    """UTC, when the gallery first took the picture in."""
    fingerprint: Fingerprint
    embeddings: Mapping[str, StoredEmbedding] = field(default_factory=dict)
    """Space name → unit vector; empty where they were not asked for, as are the fingerprint's features."""
    recognised: Mapping[str, float] = field(default_factory=dict)
    """What the encoder recognised → confidence in [0, 1], likeliest first."""
    edited: tuple[str, ...] = ()
    """Fields of `Described` that a person wrote, in ascending order, but for the caption, which says so itself."""

    @property
    def all_tags(self) -> tuple[str, ...]:
        """What filters and facets call tags: those given, and what was recognised."""
        return (*self.tags, *(name for name in self.recognised if name not in self.tags))

    @property
    def path(self) -> str:
        """The uri as people read it: a local path, or the path part of a URL."""
        return uri_path(self.uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A named family of vectors that may be compared with one another."""

    name: str
    """Encoder, version and head: `mini@2/visual`."""
    dim: int
    encoder: str
    """What to give `load_encoder` to get the encoder again."""
    digest: str
    """sha256 over the weights and preprocessing; vectors of another digest are refused."""
    calibration: tuple[float, float] = (0.0, 0.0)
    """Slope and offset a, b of confidence = 1 / (1 + exp(−(a·score + b))); (0, 0) where never calibrated."""
    text_calibration: tuple[float, float] = (0.0, 0.0)
    """The same for a text and a picture, where a gallery has learned it; (0, 0) where the encoder's own holds."""
    learned: str = ""
    """When and of what a gallery has learned these calibrations; empty where they are the encoder's."""
    own_calibration: tuple[float, float] | None = None
    """The encoder's, where a gallery has learned another one."""

    def taught(self, learned: "Learned") -> "Space":
        """Give the space with what a gallery has learned about its scores."""
        own = self.untaught().calibration
        return replace(
            self,
            calibration=learned.pictures,
            text_calibration=learned.texts,
            learned=learned.note,
            own_calibration=own,
        )

    def untaught(self) -> "Space":
        """Give the space as its encoder has it, for another gallery."""
        own = self.calibration if self.own_calibration is None else self.own_calibration
        return replace(self, calibration=own, text_calibration=(0.0, 0.0), learned="", own_calibration=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a gallery's own pictures teach about the scores in one of its spaces."""

    pictures: tuple[float, float]
    """As `Space.calibration`."""
    texts: tuple[float, float] = (0.0, 0.0)
    """As `Space.text_calibration`."""
    note: str
    """When, and of what; not empty."""


@dataclass(frozen=True, slots=True)
class Neighbors:
    """Nearest records of one query vector or text, closest first, before verification."""

    ids: tuple[str, ...]
    scores: Float32[np.ndarray, " k"]
    """Higher is closer: cosine for vectors, BM25 for text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A picture that could not be taken in, kept until it can or vanishes."""

    uri: str
    version: str
    outcome: Outcome
    reason: str
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder in which nothing lies but hidden files: it was emptied, or a drive belongs there."""

    failure: Failure
    """What is wrong if there should be pictures in it."""
    emptied_at: datetime | None = None
    """When the last name went from it, or it was made; None where hidden files lie in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What ingest says of one item, after it is safely stored."""

    uri: str
    outcome: Outcome
    reason: str = ""
    id: str = ""
    """The record's id; empty for a failure."""


Polygon = tuple[tuple[float, float], ...]
"""Corners x, y in fractions of the upright picture, from its top left; may reach a little past its border."""


class Relation(StrEnum):
    """What two pictures are to one another, as far as matched regions tell."""

    SAME = "same"
    """One picture, perhaps edited, or a part of it."""
    SHARES_REGION = "shares_region"
    """Different pictures with something in common: one wall behind two people, a logo, a caption bar."""
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRegion:
    """A part of one picture found again in another."""

    query: Polygon
    """Where it lies in the query picture."""
    image: Polygon
    """Where it lies in the gallery's picture; corner for corner that of `query`."""
    homography: tuple[float, ...]
    """Nine numbers, row by row: maps fractions of the query picture to fractions of the gallery's picture.

    The depth, by which one divides, is positive where the region lies."""
    mirrored: bool
    inverted: bool
    """Whether light and dark are exchanged."""
    inliers: int
    """Local features that agree with the homography."""
    agreement: float
    """Share of the region's textured blocks that correlate with their counterpart, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves a hit."""

    signal: str
    """`sha256`, `pixels`, `regions`, `text` (what is written about the picture), or the name of the space compared."""
    relation: Relation | None = None
    """What the matched regions say; None where regions were not compared."""
    regions: tuple[MatchedRegion, ...] = ()
    """Best first; several for a collage."""
    transform: str = ""
    """What was done to the gallery's picture to get the query, in words: `cropped to 31 %, mirrored, rotated 5°`."""
    words: tuple[str, ...] = ()
    """Those of the query's words and phrases that stand in what is written about the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer to a query."""

    rank: int
    """From 1."""
    record: ImageRecord
    tier: Tier
    score: float
    """Higher is closer."""
    confidence: float
    """Probability in [0, 1] that the two pictures look or mean the same."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle in fractions of the upright picture, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

"""How do two pictures relate? Same bytes, same pixels, one picture edited, a region in common, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.plane import facing
from lookalike.copies.verifier import Comparison, QueryPicture, Verifier
from lookalike.copies.wording import Size, describe
from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.search.copies import placed
from lookalike.search.hits import REGIONS
from lookalike.search.sameness import decode_whole, is_hashed_whole
from lookalike.types import Evidence, MatchedRegion, Pixels, Region, Relation, Tier

_FIT = Fit(size=960, mode="inside", grey=GREY_PX)
"""As large as pictures are drawn beside one another."""
_TIERS = {Relation.SAME: Tier.EDITED, Relation.SHARES_REGION: Tier.SIMILAR, Relation.UNRELATED: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two pictures, and what they are to each other."""

    relation: Relation
    tier: Tier | None
    """As what a search with the first would list the second; None where they have nothing in common."""
    confidence: float
    """Probability in [0, 1] that it is the same picture."""
    evidence: Evidence
    """The first picture is its query, the second its image."""
    reverse: str = ""
    """What was done to the first picture to get the second, in words; `evidence.transform` tells the other way."""
    pictures: tuple[Pixels, Pixels]
    """Both, whole, small enough to draw."""


def compare_pair(decoder: DecodePool, first: Path | bytes, second: Path | bytes, region: Region | None = None) -> Pair:
    """Compare two pictures, or a region of the first with the second, however long it takes.

    Raises:
        UnreadableImage, TooLarge, Unreachable: as `DecodePool.decode` says.
        BadInput: no part of the region lies within the first picture.
    """
    one, other = decoder.decode(first, _FIT), decoder.decode(second, _FIT)
    pictures = one.pixels, other.pixels
    same = _identical(one, other, lambda: _agree(decoder, first, second)) if region is None else ""
    if same:
        evidence = Evidence(signal=same, relation=Relation.SAME)
        return Pair(relation=Relation.SAME, tier=Tier.IDENTICAL, confidence=1.0, evidence=evidence, pictures=pictures)
    part = one if region is None else decoder.decode(first, _FIT, region)
    assert part.grey is not None  # noqa: S101 - it was asked for
    assert other.grey is not None  # noqa: S101
    found = Verifier().compare(QueryPicture(part.grey), other.grey, thorough=True)
    part_size, size = _size(one, region), (other.width, other.height)
    transform = reverse = ""
    if found.relation is Relation.SAME:
        transform = describe(found.regions, part_size, size)
        reverse = describe([_turned_round(matched) for matched in found.regions], size, part_size)
    return Pair(
        relation=found.relation,
        tier=_TIERS[found.relation],
        confidence=found.confidence,
        evidence=_evidence(placed(found, region), transform),
        reverse=reverse,
        pictures=pictures,
    )


def _identical(one: Decoded, other: Decoded, agree: Callable[[], bool]) -> str:
    """Say by what two pictures are identical, if they are; `agree` looks at them whole, where hashes do not tell."""
    if one.sha256 == other.sha256:
        return "sha256"
    sizes = [(picture.width, picture.height) for picture in (one, other)]
    if sizes[0] != sizes[1]:
        return ""
    hashes_agree = one.pixel_hash == other.pixel_hash
    is_told = is_hashed_whole(one.format, sizes[0]) and is_hashed_whole(other.format, sizes[1])
    if is_told or (one.format == other.format and not hashes_agree):
        return "pixels" if hashes_agree else ""
    return "pixels" if agree() else ""


def _agree(decoder: DecodePool, first: Path | bytes, second: Path | bytes) -> bool:
    return decode_whole(decoder, first).pixel_hash == decode_whole(decoder, second).pixel_hash


def _size(decoded: Decoded, region: Region | None) -> Size:
    if region is None:
        return decoded.width, decoded.height
    return max(1, round(region.width * decoded.width)), max(1, round(region.height * decoded.height))


def _evidence(found: Comparison, transform: str) -> Evidence:
    return Evidence(signal=REGIONS, relation=found.relation, regions=found.regions, transform=transform)


def _turned_round(matched: MatchedRegion) -> MatchedRegion:
    """Exchange query and image."""
    back = facing(np.linalg.inv(np.reshape(matched.homography, (3, 3))), np.array(matched.image))
    return replace(matched, query=matched.image, image=matched.query, homography=tuple(back.ravel().tolist()))

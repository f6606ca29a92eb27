"""Which pictures may be the query, edited? What hashes and local features say, before any picture is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.copies.features import Features
from lookalike.copies.index import Candidate, CopyIndex, HashMatches
from lookalike.copies.pdq import LEAST_QUALITY, MATCH_BITS, dihedral
from lookalike.copies.verifier import QueryPicture
from lookalike.search.admitting import Admission
from lookalike.search.effort import CLEAR, Plan, Suspect

_FAR_HASH_BITS = 75
"""Hashes this near are worth a close look. Measured: among 20,000 pictures, none of 60 unknown ones had one so near."""
_STANDS_OUT = 1.3
"""How many times the weight of those near by chance a candidate has that is compared though few points agree.

Measured: among 20,000 pictures, all that such a comparison proved to be copies had 1.35 and more, and half of what
nobody had an original of had less.
"""
_BY_CHANCE = slice(4, 8)
"""Ranks of candidates that are near by chance."""
_VOTED = 400
"""Candidates asked for, so that some are left of a plan's number where many are not admitted."""


@dataclass(frozen=True, slots=True)
class Leads:
    """What the index holds against a query picture."""

    hashes: HashMatches
    """Whose hash is worth a close look; not all of them need be admitted."""
    hashed: Sequence[int]
    """Keys of those whose hash says that they are the same, nearest first."""
    votes: Sequence[Candidate]
    """Whose local features agree with the picture's, likeliest first."""
    has_features: bool
    """Whether the gallery keeps any."""
    admission: Admission
    """To the search."""

    def near(self, count: int) -> list[str]:
        """Give the ids of some whose hash is worth a close look, nearest first."""
        return [self.admission.id_of(key) for key in self.admission.first(self.hashes.keys.tolist(), count)]

    def suspects(self, plan: Plan) -> list[Suspect]:
        """Give candidates, likeliest first: by hash, then by local features."""
        votes = {one.key: one.score for one in self._worth_comparing(plan)}
        return [
            Suspect(self.admission.id_of(key), votes.get(key, 0.0), key in self.hashed)
            for key in dict.fromkeys([*self.hashed, *votes])
        ]

    def _worth_comparing(self, plan: Plan) -> list[Candidate]:
        """Give those of the votes that a plan compares."""
        anyway = plan.anyway if plan.thorough or self._stands_out else 0
        return [
            one
            for place, one in enumerate(self.votes)
            if one.score >= CLEAR or one.agreeing >= plan.agreeing or place < anyway
        ]

    @property
    def _stands_out(self) -> bool:
        by_chance = [one.score for one in self.votes[_BY_CHANCE]]
        return not by_chance or self.votes[0].score >= _STANDS_OUT * float(np.mean(by_chance))


def votes_for(index: CopyIndex, features: Callable[[], Features], plan: Plan) -> list[Candidate]:
    """Find the pictures that have such local features, too; most of the time of a search goes here."""
    return index.candidates(features(), _VOTED, negatives=plan.thorough) if index.has_features else []


def admitted_votes(votes: Sequence[Candidate], plan: Plan, admission: Admission) -> list[Candidate]:
    """Give the first of those admitted, as many as a plan looks at."""
    kept = set(admission.first([one.key for one in votes], plan.most))
    return [one for one in votes if one.key in kept]


def leads_to(
    index: CopyIndex, picture: QueryPicture, plan: Plan, votes: Callable[[], list[Candidate]], admission: Admission
) -> Leads:
    """Find all pictures that may be copies of one, or hold a part of it; votes are asked for last."""
    hashes = dihedral(picture.grey)
    near = index.hash_matches(np.concatenate([hashes.bits, hashes.of_negatives]), _FAR_HASH_BITS)
    sure = (near.quality >= LEAST_QUALITY) & (near.distances <= MATCH_BITS) & (hashes.quality >= LEAST_QUALITY)
    return Leads(
        hashes=near,
        hashed=admission.first(near.keys[sure].tolist(), plan.most),
        votes=admitted_votes(votes(), plan, admission),
        has_features=index.has_features,
        admission=admission,
    )

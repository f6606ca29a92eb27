"""Is what proves a hit said as it is?"""

import pytest

from lookalike.search import proof_words
from lookalike.testing import make_record
from lookalike.types import Evidence, Hit, Relation, Tier


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence(signal="regions", relation=Relation.SAME, transform="cropped to 31 %"), "cropped to 31 %"),
        (Evidence(signal="regions", relation=Relation.SHARES_REGION), "shares a region"),
        (Evidence(signal="text", words=("red", "car")), "says red, car"),
        (Evidence(signal="regions", relation=Relation.SAME, transform="mirrored", words=("red",)), "mirrored"),
        (Evidence(signal="semantic"), ""),
    ],
)
def test_what_proves_a_hit_is_said_in_words(evidence, said):
    hit = Hit(rank=1, record=make_record("a"), tier=Tier.EDITED, score=1.0, confidence=0.9, evidence=evidence)
    assert proof_words(hit) == said

"""Does the verdict follow what an alignment shows, and does its file say what it needs to?"""

import json
import math
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lookalike.copies.correlation import measure
from lookalike.copies.verdict import FITTED, Traits, judge, judge_whole
from lookalike.types import Grey, Relation

PAGE = Path(__file__).parents[2] / "docs" / "copies.md"
WORST = {"same": (0.03, 0.03), "shared": (0.06, 0.06), "whole": (0.25, 0.2)}
"""Brier score and calibration error that each fit must stay below; the whole pictures alone tell little."""
COPY = Traits(
    support=5.0, ratio=0.9, density=0.7, spread=0.8, residual=0.4, blocks=4.8, agreeing=0.98, conflicting=0.0,
    low=0.9, quarter=0.95, median=0.98, hole=0.0, coarse_agreeing=0.99, coarse_conflicting=0.0, coarse_low=0.92,
    coarse_median=0.98, inner_agreeing=0.98, inner_conflicting=0.0, covered=1.0, covered_least=0.9, overlapping=1.0,
)  # fmt: skip
SAME_SCENE = replace(
    COPY, support=4.0, ratio=0.6, density=0.3, spread=0.5, agreeing=0.5, conflicting=0.35, low=-0.2, quarter=0.1,
    median=0.6, hole=0.3, coarse_agreeing=0.5, coarse_conflicting=0.35, coarse_low=-0.2, coarse_median=0.6,
    inner_agreeing=0.7, inner_conflicting=0.2, covered=0.6, covered_least=0.6,
)  # fmt: skip
CHANCE = replace(
    SAME_SCENE, support=1.8, ratio=0.1, density=0.02, spread=0.05, residual=1.8, agreeing=0.05, conflicting=0.6,
    quarter=-0.2, median=0.05, coarse_agreeing=0.05, coarse_conflicting=0.6, coarse_median=0.0, inner_agreeing=0.3,
    inner_conflicting=0.3, covered=0.1, covered_least=0.05,
)  # fmt: skip


def clouds(seed: int) -> Grey:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(240, 320)), (0, 0), 12)
    return cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.parametrize(
    ("traits", "relation"),
    [(COPY, Relation.SAME), (SAME_SCENE, Relation.SHARES_REGION), (CHANCE, Relation.UNRELATED)],
    ids=["copy", "same scene", "chance"],
)
def test_typical_alignments_are_judged_rightly(traits, relation):
    assert judge(traits).relation is relation


def test_probabilities_are_ordered_as_the_alignments_are():
    assert judge(COPY).same > 0.99 > judge(SAME_SCENE).same
    assert judge(SAME_SCENE).shared > judge(CHANCE).shared


def test_whole_pictures_are_the_same_picture_or_unrelated():
    copy = measure(clouds(1), clouds(1), np.eye(3), inverted=False)
    other = measure(clouds(1), clouds(2), np.eye(3), inverted=False)
    assert judge_whole(copy).relation is Relation.SAME
    assert judge_whole(other).relation is Relation.UNRELATED


def test_the_file_has_a_weight_for_every_trait_and_says_what_it_is_worth():
    content = json.loads(FITTED.read_text("utf-8"))
    assert content["traits"] == [field.name for field in fields(Traits)]
    for name, (brier, calibration_error) in WORST.items():
        assert 0.5 <= content[name]["cut_off"] < 1
        assert content[name]["brier"] < brier
        assert content[name]["calibration_error"] < calibration_error
        assert np.isfinite(content[name]["weights"]).all()
    for name in ("same", "shared"):
        assert len(content[name]["weights"]) == len(COPY.values())
    assert content.keys() == {"traits", *WORST}


def test_the_page_about_copies_tells_the_error_of_each_probability():
    if not PAGE.exists():
        pytest.skip("the pages are not here")
    content, page = json.loads(FITTED.read_text("utf-8")), PAGE.read_text("utf-8")
    for name in WORST:
        assert f"| {content[name]['brier']} | {content[name]['calibration_error']} |" in page, name
    assert f"cut-off of {content['whole']['cut_off']}" in page


def test_few_points_on_a_small_part_need_pixels_that_agree_well():
    small = replace(COPY, support=math.log(6), covered_least=0.1, covered=0.9, inner_agreeing=0.99)
    thin = replace(small, inner_agreeing=0.92)
    assert judge(small).relation is Relation.SAME
    assert judge(thin).relation is not Relation.SAME
    assert judge(thin).same < 0.5


def test_a_small_part_that_agrees_where_most_of_the_pictures_differs_is_only_shared():
    night = replace(COPY, covered_least=0.09, overlapping=0.87, agreeing=0.43, inner_agreeing=0.95)
    assert judge(replace(night, agreeing=0.9)).relation is Relation.SAME
    assert judge(night).relation is not Relation.SAME

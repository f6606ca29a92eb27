"""Do blocks of pixels agree where the picture is the same, and only there?"""

import cv2
import numpy as np
import pytest

from lookalike.copies.correlation import measure
from lookalike.copies.plane import signed_area
from lookalike.types import Grey


def grey(seed: int, size: tuple[int, int] = (320, 240)) -> Grey:
    """Draw something of which no block looks like another."""
    spots = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size[::-1]), (0, 0), 2.5)
    return np.clip(128 + spots * 450, 0, 255).astype(np.uint8)


def test_a_picture_agrees_with_itself_everywhere():
    found = measure(grey(1), grey(1), np.eye(3), inverted=False)
    assert found.fine.agreeing == 1
    assert found.fine.conflicting == 0
    assert found.fine.low == pytest.approx(1, abs=0.02)
    assert signed_area(found.region) == 320 * 240


def test_brightness_contrast_and_compression_change_little():
    dull = cv2.convertScaleAbs(grey(1), alpha=0.5, beta=70)
    _, data = cv2.imencode(".jpg", dull, [cv2.IMWRITE_JPEG_QUALITY, 30])
    found = measure(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), grey(1), np.eye(3), inverted=False)
    assert found.fine.agreeing > 0.9


def test_another_picture_conflicts():
    found = measure(grey(1), grey(2), np.eye(3), inverted=False)
    assert found.fine.agreeing < 0.1
    assert found.fine.conflicting > 0.6
    assert found.fine.hole > 0.3


def test_a_negative_agrees_only_when_read_as_one():
    negative = 255 - grey(1)
    assert measure(negative, grey(1), np.eye(3), inverted=True).fine.agreeing == 1
    assert measure(negative, grey(1), np.eye(3), inverted=False).fine.agreeing == 0


def test_a_quarter_that_was_replaced_is_the_hole():
    query = grey(1)
    query[:120, :160] = grey(2)[:120, :160]
    found = measure(query, grey(1), np.eye(3), inverted=False)
    assert 0.1 < found.fine.hole < 0.27
    assert 0.65 < found.fine.agreeing < 0.85


def test_a_strip_that_conflicts_is_cut_off_the_region():
    query = grey(1)
    query[:, :100] = grey(2)[:, :100]
    found = measure(query, grey(1), np.eye(3), inverted=False)
    assert found.region[:, 0].min() == pytest.approx(99.5, abs=8)
    assert found.region[:, 0].max() == 319.5
    assert found.inner.agreeing > 0.95


def test_a_small_inset_is_compared_at_its_own_resolution():
    sheet = grey(2, (400, 400))
    sheet[100:190, 50:170] = cv2.resize(grey(1), (120, 90), interpolation=cv2.INTER_AREA)
    inverse = np.array([[320 / 120, 0, 0], [0, 240 / 90, 0], [0, 0, 1]])
    found = measure(sheet, grey(1), inverse @ np.array([[1, 0, -50], [0, 1, -100], [0, 0, 1.0]]), inverted=False)
    assert found.fine.agreeing > 0.95


def test_pictures_that_hardly_overlap_are_not_compared():
    away = np.array([[1.0, 0, 315], [0, 1, 0], [0, 0, 1]])
    assert measure(grey(1), grey(1), away, inverted=False) is None


def test_blank_pictures_have_no_blocks_to_agree():
    blank = np.full((240, 320), 90, np.uint8)
    found = measure(blank, blank, np.eye(3), inverted=False)
    assert found.fine.blocks == 0
    assert found.fine.agreeing == 0

"""Are both pictures pages of text or lines, and does a word on them differ? Then they are two pages of one template."""

import cv2
import numpy as np
from jaxtyping import Bool

from lookalike.copies.correlation import Map, Mask, Overlay, clip, correlate, lay
from lookalike.copies.plane import Homography
from lookalike.types import Grey

_PAPER_SHADES, _PAPER = 12, 0.5
"""How far paper varies in shade, and the share of a page that is paper."""
_STROKE_PX, _BROAD = 13, 0.3
"""Ink at least so broad in the frame is no line of text but a picture; a page has a logo's share of it at most.

Measured: invoices .18, posts .04; of 250 photos and figures, 3 of the 22 that are half paper have less than .33.
"""
_WORD_BLOCK_PX = 7
_DIFFERS, _WORD_BLOCKS = 0.35, 0.25
"""Correlation from which down a block differs, and how much of a block must, in one piece, for a word.

Measured on drawn invoices and posts, which were compressed, halved, darkened, turned, cropped, blurred and made noisy:
no copy had such a piece, two changed rows of a table had 0.3 to 2.3 blocks.
"""


def words_differ(query: Grey, image: Grey, homography: Homography, *, inverted: bool = False) -> bool:
    """Say whether two pages, one laid over the other, differ in a word or more; False where they are no pages.

    With `inverted`, one is compared as the negative of the other: white on black, say.
    """
    overlap = clip(homography, query.shape, image.shape)
    laid = None if overlap is None else lay(query, image, homography, overlap)
    if laid is None or not (_is_page(laid.query, laid.covered) and _is_page(laid.image, laid.covered)):
        return False
    return _largest_difference(laid, inverted=inverted) >= _WORD_BLOCKS


def _is_page(picture: Map, covered: Mask) -> bool:
    """Say whether a picture is mostly paper of one shade, and the rest thin strokes."""
    if not covered.any():
        return False
    shades = np.bincount(picture[covered].astype(np.uint8), minlength=256)
    paper: Bool[np.ndarray, "_height _width"] = np.abs(picture - int(shades.argmax())) <= _PAPER_SHADES
    ink = (covered & ~paper).astype(np.uint8)
    if (paper & covered).sum() < _PAPER * covered.sum() or not ink.any():
        return False
    broad = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_STROKE_PX, _STROKE_PX), np.uint8))
    return bool(broad.sum() <= _BROAD * ink.sum())


def _largest_difference(laid: Overlay, *, inverted: bool) -> float:
    """Measure the largest piece in which both show something, and not the same, in blocks."""
    correlation, textured, both = correlate(laid, inverted=inverted, block_px=_WORD_BLOCK_PX)
    differing = textured & both & (correlation < _DIFFERS)
    count, _, pieces, _ = cv2.connectedComponentsWithStats(differing.astype(np.uint8), connectivity=4)
    return float(pieces[1:, cv2.CC_STAT_AREA].max() / _WORD_BLOCK_PX**2) if count > 1 else 0.0

"""Are two pages of one template told apart by their words, and copies of one page not?"""

import cv2
import numpy as np
import pytest

from lookalike.copies.verifier import QueryPicture, Verifier
from lookalike.types import Grey, Relation

pytestmark = pytest.mark.slow

WORDS = ["paper", "desk", "chair", "lamp", "cable", "screen", "keyboard", "mouse", "licence", "hour", "travel"]


def invoice(seed: int) -> Grey:
    """Draw an invoice of always one design, with items of its own."""
    random = np.random.default_rng(seed)
    page = np.full((448, 400), 255, np.uint8)

    def write(text: str, place: tuple[int, int], size: float = 0.45) -> None:
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 0, 1, cv2.LINE_AA)

    write("Acme and Sons", (20, 40), 0.8)
    for row, text in enumerate(("12 Long Street, Springfield", "Invoice, payable in 30 days", "Bank 12 34 56 78")):
        write(text, (20, 70 + 18 * row))
    for row in range(9):
        y = 150 + 28 * row
        cv2.line(page, (20, y - 18), (380, y - 18), 0, 1)
        write(" ".join(random.choice(WORDS, 3)), (24, y))
        write(f"{random.integers(1_000, 99_999) / 100:.2f}", (310, y))
    write("Thank you for your trust", (20, 430))
    return page


def relation(query: Grey, image: Grey) -> Relation:
    return Verifier().compare(QueryPicture(query), image, thorough=True).relation


def test_two_invoices_of_one_design_are_not_the_same_picture():
    assert relation(invoice(1), invoice(2)) is Relation.SHARES_REGION


def test_an_invoice_with_one_other_row_is_not_the_same_picture():
    changed = invoice(1)
    changed[220:238] = invoice(2)[220:238]
    assert relation(changed, invoice(1)) is Relation.SHARES_REGION
    assert relation(255 - changed, invoice(1)) is Relation.SHARES_REGION


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_GRAYSCALE),
        lambda page: cv2.resize(page, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
        lambda page: (page * 0.6).astype(np.uint8),
        lambda page: page[60:400].copy(),
        lambda page: cv2.GaussianBlur(page, (0, 0), 1),
        lambda page: 255 - page,
        lambda page: 255 - page[:, ::-1],
    ],
    ids=["jpeg", "smaller", "darker", "crop", "blur", "white on black", "mirrored white on black"],
)
def test_a_copy_of_an_invoice_is_the_same_picture(edit):
    assert relation(edit(invoice(3)), invoice(3)) is Relation.SAME

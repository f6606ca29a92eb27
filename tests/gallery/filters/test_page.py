"""Is the page about filters true?"""

import re
from pathlib import Path

import pytest

from lookalike.errors import BadInput
from lookalike.gallery import filters
from lookalike.gallery.filters import (
    FIELDS,
    parse_filter,
)

PAGE = Path(__file__).parents[3] / "docs" / "filters.md"


def test_every_filter_on_the_page_is_understood() -> None:
    rows = re.findall(r"^\| .* \| (`.*`.*) \|$", PAGE.read_text("utf-8").partition("## Fields")[0], re.MULTILINE)
    texts = [text for row in rows for text in re.findall(r"`([^`]+)`", row)]
    assert len(texts) > 25
    for text in texts:
        parse_filter(text)


def test_the_page_names_every_field_and_holds_the_grammar() -> None:
    page = PAGE.read_text("utf-8")
    assert all(f"`{field}`" in page for field in FIELDS)
    grammar = re.findall(r"^    \w+ += .*;$", page, re.MULTILINE)
    assert len(grammar) == 11
    assert all(rule in (filters.__doc__ or "") for rule in grammar)


def test_the_error_on_the_page_is_the_real_one() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter("label:dog width>=big")
    indented = "".join(f"    {line}\n" for line in str(refusal.value).split("\n"))
    assert indented in PAGE.read_text("utf-8")

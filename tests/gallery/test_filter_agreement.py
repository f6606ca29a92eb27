"""Does the embedded gallery pass just what the reference passes, whatever the filter?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import (
    FIELDS,
    And,
    Between,
    Filter,
    Kind,
    Matches,
    Not,
    Or,
    epoch_seconds,
    format_filter,
    literal,
    matches,
    metadata_text,
)
from lookalike.gallery.texts import texts_of
from lookalike.testing import make_record, make_records
from lookalike.types import ImageRecord

ODD = [
    "",
    "a*b",
    "what?",
    "C:\\x",
    "Straße",
    "STRASSE",
    "cafe\u0301",
    "café",
    "nul\0x",
    "[a-z]",
    "100%",
    "a_b",
    'q"q',
    "ﬁ",
    "İ",
]


def odd_record(number: int, text: str) -> ImageRecord:
    return make_record(
        f"file:///odd/{'%20'.join('abc'[: number % 3 + 1])}/{number}%C3%A9{'e%CC%81'[: number % 2 * 7]}.jpg",
        label=text,
        owner=text,
        tags=(text, "b") if number % 2 else (),
        format=text[:4],
        metadata={"key": text, text: number, "number": [number, float(number), number > 3, None][number % 4]},
        taken_at=datetime(1950 + number, 1, 1, 0, 0, number, 999_999 * (number % 2)),  # noqa: DTZ001
        width=number * 10**8,
        bytes=2**40 + number,
    )


RECORDS = make_records(60, dim=0) + [odd_record(number, text) for number, text in enumerate(ODD)]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    folder: Path = tmp_path_factory.mktemp("agreement")
    with open_gallery(folder / "test.gallery") as gallery:
        gallery.put([replace(record, label="was something else") for record in RECORDS[:30]])
        gallery.put(RECORDS)
        gallery.put([make_record("file:///gone.jpg")])
        gallery.delete([make_record("file:///gone.jpg").id])
        yield gallery


def texts(field: str) -> list[str]:
    if field.startswith("meta."):
        return [metadata_text(record.metadata.get(field.removeprefix("meta."))) for record in RECORDS]
    if field == "tag":
        return [tag for record in RECORDS for tag in record.tags]
    if field == "text":
        return [text for record in RECORDS for text in texts_of(record)]
    return [getattr(record, field) for record in RECORDS]


def numbers(field: str) -> list[int]:
    if field in ("taken", "added"):
        moments = [record.taken_at if field == "taken" else record.added_at for record in RECORDS]
        return [epoch_seconds(moment) for moment in moments if moment]
    return [getattr(record, field) for record in RECORDS]


@st.composite
def patterns(draw: st.DrawFn, field: str) -> Matches:
    """A value that occurs, or a part of it, in another case or with wildcards."""
    text = draw(st.sampled_from(texts(field)))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    text = draw(st.sampled_from([text, text[start:end], text.upper(), text.lower(), text[start:]]))
    pattern = literal(text) if draw(st.booleans()) else text
    at = draw(st.integers(0, len(pattern)))
    wild = draw(st.sampled_from(["", "", "*", "?", "*?", "**", "/*"]))
    return Matches(
        field, pattern[:at] + wild + pattern[at + draw(st.integers(0, 2)) :] + draw(st.sampled_from(["", "*"]))
    )


@st.composite
def ranges(draw: st.DrawFn, field: str) -> Between:
    """Bounds at and beside values that occur, and some extreme ones."""
    near = st.builds(int.__add__, st.sampled_from(numbers(field)), st.integers(-1, 1))
    bound = st.one_of(st.none(), near, st.sampled_from([-(2**63), -1, 0, 2**63 - 1]))
    return Between(field, draw(bound), draw(bound))


TEXTUAL = [field for field, kind in FIELDS.items() if kind not in (Kind.NUMBER, Kind.DATE)]
NUMERIC = [field for field in FIELDS if field not in TEXTUAL]
LEAF: st.SearchStrategy[Filter] = st.one_of(
    st.sampled_from(
        [*TEXTUAL, "meta.key", "meta.number", "meta.camera", "meta.stars", 'meta.q"q', "meta.nothing", "meta."]
    ).flatmap(patterns),
    st.sampled_from(NUMERIC).flatmap(ranges),
)


def compounds(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    some = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(st.builds(And, some), st.builds(Or, some), st.builds(Not, inner))


@pytest.mark.slow
@settings(
    max_examples=settings.default.max_examples * 3 // 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.recursive(LEAF, compounds, max_leaves=6))
def test_a_gallery_passes_what_the_reference_passes(gallery: Gallery, where: Filter) -> None:
    expected = {record.uri for record in RECORDS if matches(record, where)}
    found = [record.uri for record in gallery.scan(where, limit=1_000).records]
    assert set(found) == expected, format_filter(where)
    assert len(found) == gallery.count(where) == len(expected)

"""Is any filter written so that it is read as the same, and do filters obey the laws of logic?"""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.gallery.filters import (
    FIELDS,
    And,
    Between,
    Filter,
    Kind,
    Matches,
    Not,
    Or,
    format_filter,
    kind_of,
    literal,
    matches,
    parse_filter,
)
from lookalike.testing import make_records
from lookalike.types import ImageRecord

RECORDS = make_records(60, dim=0)


def second(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("label=dog   tag:b", "label:dog tag:b"),
        ("NOT (label:a  OR label:b)", "-label:a,b"),
        ("NOT (tag:a tag:b)", "-(tag:a tag:b)"),
        ("(tag:a tag:b) OR tag:c", "tag:a tag:b OR tag:c"),
        ("label:a OR tag:b", "label:a OR tag:b"),
        ("(label:a OR tag:b) tag:c", "(label:a OR tag:b) tag:c"),
        ("width>1999999", "width>=2M"),
        ("width:2000", "width:2000"),
        ("bytes<=500000", "bytes<=500kB"),
        ("taken>2018", "taken>=2019"),
        ("taken:2019-01..2019-12", "taken:2019"),
        ("taken:2019-01-01T00:00:00", "taken:2019-01-01T00:00:00"),
        ("taken:2019..,..2017", "taken:2019..,..2017"),
        ('label:"dog"', "label:dog"),
        (r"label:red\ panda", 'label:"red panda"'),
        ("-()", "-()"),
    ],
)
def test_filters_are_written_in_one_way(text: str, canonical: str) -> None:
    assert format_filter(parse_filter(text)) == canonical
    assert parse_filter(canonical) == parse_filter(text)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)

PATTERN = st.lists(
    st.one_of(st.sampled_from(["*", "?"]), TEXT.map(literal), st.sampled_from(["dog", "2019", "a7"])),
    min_size=1,
    max_size=4,
).map("".join)

TEXT_FIELD = st.one_of(
    st.sampled_from([field for field, kind in FIELDS.items() if kind not in (Kind.NUMBER, Kind.DATE)]),
    TEXT.map(lambda name: f"meta.{name}"),
)


def between(field: str) -> st.SearchStrategy[Between]:
    if kind_of(field) is Kind.NUMBER:
        bounds = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 9_000), st.sampled_from([10**6, 5 * 10**9]))
    else:
        days = st.integers(-719_162, 2_932_896).map(lambda day: day * 86_400)
        years = st.integers(1, 9_999).map(lambda year: second(year, 1, 1))
        starts = st.one_of(st.integers(-62_135_596_800, 253_402_300_799), days, years)
        bounds = st.one_of(starts, starts.map(lambda start: max(start - 1, -62_135_596_800)))
    ordered = st.tuples(bounds, bounds).map(sorted)
    return st.one_of(
        st.just(Between(field, None, None)),
        bounds.map(lambda low: Between(field, low, None)),
        bounds.map(lambda high: Between(field, None, high)),
        ordered.map(lambda pair: Between(field, *pair)),
    )


TERM: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Matches, TEXT_FIELD, PATTERN),
    st.sampled_from(["width", "height", "bytes", "taken", "added"]).flatmap(between),
)


def trees(parts: st.SearchStrategy[tuple[Filter, ...]] | None = None) -> st.SearchStrategy[Filter]:
    def deeper(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        several = st.lists(inner, min_size=2, max_size=4).map(tuple)
        return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, inner))

    return st.recursive(st.one_of(TERM, st.just(And(()))), deeper, max_leaves=12)


def any_trees() -> st.SearchStrategy[Filter]:
    """Trees that a program may build but the language cannot say, too."""

    def deeper(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        some = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(st.builds(And, some), st.builds(Or, some), st.builds(Not, inner))

    wild = st.builds(Matches, st.sampled_from(["label", "tag", "path"]), st.text("dog\\*? ", max_size=5))
    backwards = st.builds(Between, st.just("width"), *[st.none() | st.integers(-(2**70), 2**70)] * 2)
    return st.recursive(st.one_of(TERM, wild, backwards), deeper, max_leaves=10)


@given(trees())
@example(Or((Matches("label", "a"), Or((Matches("label", "b"), Matches("label", "c"))))))
def test_a_written_filter_is_read_as_the_same_tree(tree: Filter) -> None:
    assert parse_filter(format_filter(tree)) == tree


@given(any_trees())
@example(Matches("label", ""))
@example(Matches("label", "dog\\"))
@example(Not(Or(())))
def test_any_tree_can_be_written_and_passes_the_same_records(tree: Filter) -> None:
    again = parse_filter(format_filter(tree))
    assert [matches(record, again) for record in RECORDS] == [matches(record, tree) for record in RECORDS]
    assert format_filter(again) == format_filter(tree)


SIGNS = st.lists(
    st.sampled_from(
        [*FIELDS, "meta.", *'():=<>,"\\-*?. \n', "..", "OR", "NOT", "2019", "-05", "T10:30", "5", "k", "MB"]
    ),
    max_size=25,
).map("".join)


@given(st.one_of(st.text(max_size=60), SIGNS))
def test_any_text_is_read_or_refused_with_a_caret(text: str) -> None:
    try:
        tree = parse_filter(text)
    except BadInput as error:
        head, line, marks = error.what.split("\n")
        assert head == "The filter cannot be read:"
        assert marks.startswith("  ")
        assert 2 <= marks.index("^") <= 2 * len(line) + 1
        fix = error.fix
    else:
        fix = "none is needed"
        assert parse_filter(format_filter(tree)) == tree
        matches(RECORDS[0], tree)
    assert fix


@given(trees(), trees(), trees(), st.sampled_from(RECORDS))
def test_filters_obey_the_laws_of_logic(a: Filter, b: Filter, c: Filter, record: ImageRecord) -> None:
    def holds(tree: Filter) -> bool:
        return matches(record, tree)

    assert holds(Not(a)) is not holds(a)
    assert holds(And((a, b))) is (holds(a) and holds(b))
    assert holds(Not(And((a, b)))) is holds(Or((Not(a), Not(b))))
    assert holds(And((a, Or((b, c))))) is holds(Or((And((a, b)), And((a, c)))))
    assert holds(Or((a, Not(a))))
    assert holds(And(()))
    assert not holds(Or(()))


@given(st.sampled_from(["width", "bytes", "taken", "added"]), st.integers(0, 2**33), st.sampled_from(RECORDS))
def test_less_equal_and_greater_leave_no_gap(field: str, bound: int, record: ImageRecord) -> None:
    less, equal, more = Between(field, None, bound - 1), Between(field, bound, bound), Between(field, bound + 1, None)
    has_one = matches(record, Between(field, None, None))
    assert sum(matches(record, part) for part in (less, equal, more)) == has_one

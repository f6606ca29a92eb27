"""Is the filter language what its page says: readable, exact, and safe with any text?"""

import re
import time
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.gallery import filters
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
    kind_of,
    literal,
    matches,
    parse_filter,
)
from lookalike.testing import make_record, make_records
from lookalike.types import ImageRecord

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"
RECORDS = make_records(60, dim=0)


def second(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type]


def passes(text: str, **fields: object) -> bool:
    return matches(make_record(**fields), parse_filter(text))


# What the texts mean


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And(())),
        ("  \t\n ", And(())),
        ("()", And(())),
        ("label:dog", Matches("label", "dog")),
        ("label=dog", Matches("label", "dog")),
        ("label:a tag:b", And((Matches("label", "a"), Matches("tag", "b")))),
        ("label:a OR tag:b", Or((Matches("label", "a"), Matches("tag", "b")))),
        (
            "label:a tag:b OR tag:c",
            Or((And((Matches("label", "a"), Matches("tag", "b"))), Matches("tag", "c"))),
        ),
        (
            "label:a (tag:b OR tag:c)",
            And((Matches("label", "a"), Or((Matches("tag", "b"), Matches("tag", "c"))))),
        ),
        ("label:a(tag:b)", And((Matches("label", "a"), Matches("tag", "b")))),
        ("-label:a", Not(Matches("label", "a"))),
        ("NOT label:a", Not(Matches("label", "a"))),
        ("NOT(label:a)", Not(Matches("label", "a"))),
        ("--label:a", Not(Not(Matches("label", "a")))),
        ("-label:a tag:b", And((Not(Matches("label", "a")), Matches("tag", "b")))),
        ("label:dog,cat", Or((Matches("label", "dog"), Matches("label", "cat")))),
        ("label:NOT", Matches("label", "NOT")),
        ('label:"OR"', Matches("label", "OR")),
        ('label:"red panda"', Matches("label", "red panda")),
        ('path:"my pictures"/*.jpg', Matches("path", "my pictures/*.jpg")),
        (r'label:"say \"hi\""', Matches("label", 'say "hi"')),
        (r"label:a\ b\,c\(d\)", Matches("label", "a b,c(d)")),
        (r"label:a\*b\?c\\d", Matches("label", r"a\*b\?c\\d")),
        (r'label:"a\*b"', Matches("label", r"a\*b")),
        ("uri:https://example.org/a=b<c>d", Matches("uri", "https://example.org/a=b<c>d")),
        ("label:-a", Matches("label", "-a")),
        ("label:1..2", Matches("label", "1..2")),
        ("meta.camera:A7", Matches("meta.camera", "A7")),
        ("meta.exif.model:A7", Matches("meta.exif.model", "A7")),
        ('meta."lens: *":A7', Matches("meta.lens: *", "A7")),
        (r'meta."a\"b\\c":x', Matches('meta.a"b\\c', "x")),
    ],
)
def test_a_text_means_this_tree(text: str, tree: Filter) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("width:1000", 1000, 1000),
        ("width=1000", 1000, 1000),
        ("width>1000", 1001, None),
        ("width>=1000", 1000, None),
        ("width<1000", None, 999),
        ("width<=1000", None, 1000),
        ("width:10..20", 10, 20),
        ("width:10..", 10, None),
        ("width:..20", None, 20),
        ("width:*", None, None),
        ("width:-5", -5, -5),
        ("width:2k", 2000, 2000),
        ("width:2K", 2000, 2000),
        ("width:1.5M", 1_500_000, 1_500_000),
        ("bytes>2MB", 2_000_001, None),
        ("bytes:500kB..1.25gb", 500_000, 1_250_000_000),
        ('width:"10".."20"', 10, 20),
        ("taken:2019", second(2019, 1, 1), second(2019, 12, 31, 23, 59, 59)),
        ("taken:2019-02", second(2019, 2, 1), second(2019, 2, 28, 23, 59, 59)),
        ("taken:2020-02", second(2020, 2, 1), second(2020, 2, 29, 23, 59, 59)),
        ("taken:2019-12", second(2019, 12, 1), second(2019, 12, 31, 23, 59, 59)),
        ("taken:2019-05-17", second(2019, 5, 17), second(2019, 5, 17, 23, 59, 59)),
        ("taken:2019-05-17T10:30", second(2019, 5, 17, 10, 30), second(2019, 5, 17, 10, 30, 59)),
        ("taken:2019-05-17T10:30:15", second(2019, 5, 17, 10, 30, 15), second(2019, 5, 17, 10, 30, 15)),
        ("taken:2019..2021", second(2019, 1, 1), second(2021, 12, 31, 23, 59, 59)),
        ("taken:2019..2019-03", second(2019, 1, 1), second(2019, 3, 31, 23, 59, 59)),
        ("taken>2019", second(2020, 1, 1), None),
        ("taken>=2019", second(2019, 1, 1), None),
        ("taken<2019", None, second(2018, 12, 31, 23, 59, 59)),
        ("taken<=2019", None, second(2019, 12, 31, 23, 59, 59)),
        ("taken:1839-01-01", second(1839, 1, 1), second(1839, 1, 1, 23, 59, 59)),
        ("taken:0001..9999", -62_135_596_800, 253_402_300_799),
        ("taken:*", None, None),
    ],
)
def test_numbers_and_dates_mean_their_whole_span(text: str, low: int | None, high: int | None) -> None:
    tree = parse_filter(text)
    assert isinstance(tree, Between)
    assert (tree.low, tree.high) == (low, high)


# What the trees pass


def test_words_compare_whole_and_in_any_case() -> None:
    assert passes("label:DOG", label="dog")
    assert passes("label:strasse", label="Straße")
    assert not passes("label:do", label="dog")
    assert passes("label:do*", label="dog")
    assert passes("label:d?g", label="dog")
    assert not passes("label:d?g", label="doog")
    assert passes("tag:snow", tags=("hill", "Snow"))
    assert passes("label:a*b*c", label="a\nb\nc")


def test_an_accent_counts_the_same_in_one_character_or_two() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")
    assert composed != decomposed
    assert passes(f"label:{composed}", label=decomposed)
    assert passes(f"label:{decomposed}", label=composed)
    assert passes(f"path:{composed}/*", uri="file:///a/cafe%CC%81/b.jpg")


def test_ids_and_metadata_compare_with_their_case() -> None:
    assert passes("meta.camera:A7", metadata={"camera": "A7"})
    assert not passes("meta.camera:a7", metadata={"camera": "A7"})
    assert passes("meta.stars:3", metadata={"stars": 3})
    assert passes("meta.ratio:1.5", metadata={"ratio": 1.5})
    assert passes("meta.flash:true", metadata={"flash": True})
    assert passes('meta.keys:"[\\"a\\",\\"b\\"]"', metadata={"keys": ["a", "b"]})
    assert passes("meta.keys:*b*", metadata={"keys": ["a", "b"]})
    assert not passes("meta.camera:*", metadata={"camera": None})
    assert not passes("meta.camera:*", metadata={"camera": ""})
    assert not passes("meta.camera:*")


def test_a_star_alone_means_has_one() -> None:
    assert passes("label:*", label="dog")
    assert not passes("label:*")
    assert passes("-label:* -tag:* -taken:*")
    assert passes("taken:*", taken_at=datetime(2020, 1, 1))  # noqa: DTZ001
    assert passes("width:*")


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("holiday/*", "/photos/holiday/a.jpg", True),
        ("holiday/*", "/photos/holiday/deep/er/a.jpg", True),
        ("holiday/*", "/holiday/a.jpg", True),
        ("holiday/*", "/photos/my-holiday/a.jpg", False),
        ("Holiday/*", "/photos/holiday/a.jpg", False),
        ("holiday", "/photos/holiday/a.jpg", False),
        ("a.jpg", "/photos/holiday/a.jpg", True),
        ("*.jpg", "/photos/holiday/a.jpg", True),
        ("*day*", "/photos/holiday/a.jpg", True),
        ("/holiday/*", "/photos/holiday/a.jpg", False),
        ("/photos/*", "/photos/holiday/a.jpg", True),
        ("/photos/*/a.jpg", "/photos/holiday/2020/a.jpg", True),
        ("x/*x/a", "/x/y/x/a", True),
        ("x/*x/a", "/x/a", False),
        ("a/b*b/c", "/a/a/b/b/c", True),
        ("?.jpg", "/photos/a.jpg", True),
    ],
)
def test_paths_match_from_any_folder_on(pattern: str, path: str, found: bool) -> None:
    assert passes(f"path:{pattern}", uri=f"file://{path}") is found


def test_paths_match_as_people_read_them() -> None:
    assert passes('path:"Über uns/*"', uri="file:///photos/%C3%9Cber%20uns/a.jpg")
    assert passes("path:*/a.jpg", uri="https://example.org/photos/a.jpg?size=2")
    assert not passes("path:*example*", uri="https://example.org/photos/a.jpg?size=2")


def test_times_compare_in_whole_seconds_and_without_zones() -> None:
    late = datetime(2019, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001
    assert passes("taken:2019", taken_at=late)
    assert not passes("taken>2019", taken_at=late)
    early_1960 = datetime(1960, 1, 1, 0, 0, 0, 500_000)  # noqa: DTZ001
    assert passes("taken:1960-01-01T00:00:00", taken_at=early_1960)
    east = datetime(2024, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert passes("added:2023-12-31T23:30", added_at=east)
    assert epoch_seconds(late) == second(2019, 12, 31, 23, 59, 59)


def test_a_literal_pattern_matches_its_text_and_nothing_else() -> None:
    for text in ("a*b", "what?", "C:\\dir", "*", "\\"):
        assert matches(make_record(label=text), Matches("label", literal(text)))
        assert not matches(make_record(label="other" * 3), Matches("label", literal(text)))
    assert not matches(make_record(label="axb"), Matches("label", literal("a*b")))


def test_hostile_patterns_take_no_time() -> None:
    record = make_record("file:///" + "a/" * 4000, label="a" * 5000)
    started = time.thread_time()
    for pattern in ("*a" * 1000 + "b", "a*?" * 700 + "b", "*" * 5000 + "b", "?*" * 700 + "/b"):
        assert not matches(record, Or((Matches("label", pattern), Matches("path", pattern))))
    assert time.thread_time() - started < 10, "one that goes back and forth takes hours"


# What is refused, and how


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("width>=big", "big", "number"),
        ("width:1e3", "1e3", "number"),
        ("width:1,000k,x", "x", "number"),
        ("width:1_000", "1_000", "number"),
        ("width:1.5", "1.5", "number"),
        ("width:2MB", "2MB", "number"),
        ("bytes:2XB", "2XB", "2MB"),
        ("width:..", "..", "number"),
        ("width:1..2..3", "1..2..3", "number"),
        ("width:9999999999999999999", "9999999999999999999", "number"),
        ("width>9223372036854775807", "9223372036854775807", "beyond"),
        ("taken:2019-13", "2019-13", "date"),
        ("taken:2019-02-30", "2019-02-30", "date"),
        ("taken:0000", "0000", "date"),
        ("taken:today", "today", "date"),
        ("taken:2019-1", "2019-1", "date"),
        ("taken:2019-05-17T10:30Z", "2019-05-17T10:30Z", "date"),
        ("taken>9999", "9999", "beyond"),
        ("taken<0001", "0001", "beyond"),
        ("width:5..1", "5..1", "width:1..5"),
        ("taken:2021..2019", "2021..2019", "taken:2019..2021"),
        ("dog", "dog", "Did you mean label:dog, tag:dog or path:*dog*?"),
        ("label:a beach*", "beach*", "path:*beach*?"),
        ('"red panda"', '"red panda"', 'label:"red panda"'),
        ("lable:dog", "lable", "Did you mean label?"),
        ("WIDTH:3", "WIDTH", "Did you mean width?"),
        ("colour:red", "colour", "The fields are label, tag,"),
        ("meta:x", "meta", "meta.NAME"),
        ("meta.:x", "meta.", "meta.NAME"),
        ("label>dog", ">", "label:value"),
        ("width>1,2", ",", "width:"),
        ("label:", "", "value"),
        ("label: dog", " ", "without a space"),
        ("label:a,", "", "value"),
        ("label:,a", ",", "value"),
        ('label:""', '""', "-label:*"),
        ('label:"dog', '"', "never closed"),
        ("label:dog\\", "\\", "backslash"),
        (r"path:photos\2019", "\\", "Write / between folders"),
        ("(label:a", "(", "never closed"),
        ("label:a)", ")", "no parenthesis was opened"),
        ("label:a OR", "", "OR"),
        ("OR label:a", "O", "OR"),
        ("label:a OR OR label:b", "O", "OR"),
        ("label:a AND label:b", "AND", "Leave it out"),
        ("label:a or label:b", "or", "OR in capitals"),
        ("not label:a", "not", "NOT in capitals"),
        ("- label:a", " ", "negation"),
        ("-", "", "negation"),
        ("NOT", "", "negation"),
        (":dog", ":", "field"),
        ("label:a ,b", ",", "term"),
        ("label:a\ud800b", "\ud800", "no character"),
    ],
)
def test_what_cannot_be_understood_is_pointed_at(text: str, place: str, says: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter(text)
    line, marked = pointed_at(refusal.value)
    assert marked == (place if place.isprintable() else "�")
    assert line == "  " + "".join(c if c.isprintable() else "�" for c in text)
    assert says in str(refusal.value)


def pointed_at(error: BadInput) -> tuple[str, str]:
    """Give the line shown, and what stands above the carets in it."""
    _, line, marks = error.what.split("\n")
    carets = re.match(r" *(\^+) ", marks)
    assert carets
    return line, line[carets.start(1) : carets.end(1)]


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter("label:dog width>=big tag:x")
    assert refusal.value.what == (
        "The filter cannot be read:\n  label:dog width>=big tag:x\n                   ^^^ a number was expected here."
    )
    assert refusal.value.fix == "Write one like 1000 or 2M, or a range like 640..1000."


def test_the_caret_counts_columns_and_not_characters() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter("label:日本 tag:e\u0301 width:x")
    _, line, marks = refusal.value.what.split("\n")
    assert line == "  label:日本 tag:e\u0301 width:x"
    assert marks.index("^") == line.index("x") + 2 - 1


def test_signs_that_would_move_the_caret_are_shown_as_one_column() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter("label:a\u202e\x1b[2J\x07 width:\nx")
    assert refusal.value.what.count("\n") == 2
    assert refusal.value.what.isprintable() or all(c.isprintable() or c == "\n" for c in refusal.value.what)


def test_of_a_long_filter_the_surroundings_of_the_place_are_shown() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_filter("label:dog " * 400 + "width:x " + "label:dog " * 400)
    _, line, marks = refusal.value.what.split("\n")
    assert len(line) < 80
    assert line[marks.index("^")] == "x"


def test_hostile_texts_are_refused_quickly() -> None:
    started = time.thread_time()
    for text in (
        "(" * 100_000,
        "(" * 9_999,
        "-" * 9_999,
        "NOT " * 2_000,
        "x" * 10_001,
        "()" * 4_000 + ")",
        "," * 9_999,
    ):
        with pytest.raises(BadInput):
            parse_filter(text)
    assert time.thread_time() - started < 10


def test_fifty_levels_may_stand_within_one_another_and_no_more() -> None:
    assert parse_filter("(" * 50 + "label:a" + ")" * 50) == Matches("label", "a")
    with pytest.raises(BadInput, match="more than 50"):
        parse_filter("(" * 51 + "label:a" + ")" * 51)
    assert parse_filter("(label:a) " * 900)  # side by side is no depth


def test_long_lists_are_read() -> None:
    tree = parse_filter("label:" + ",".join(["ab"] * 3_000))
    assert isinstance(tree, Or)
    assert len(tree.parts) == 3_000


# The page for users


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


# Writing filters


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("label=dog   tag:b", "label:dog tag:b"),
        ("NOT (label:a  OR label:b)", "-label:a,b"),
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

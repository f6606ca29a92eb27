"""Is a filter that cannot be understood refused at once, with the place that is wrong?"""

import re
import time

import pytest

from lookalike.errors import BadInput
from lookalike.gallery.filters import (
    Matches,
    Or,
    parse_filter,
)


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


def test_a_filter_may_be_ten_thousand_characters_long_and_no_longer() -> None:
    longest = "label:" + "a" * 9_994
    assert parse_filter(longest) == Matches("label", "a" * 9_994)
    with pytest.raises(BadInput, match="10,001 characters"):
        parse_filter(longest + "a")


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


@pytest.mark.parametrize(
    "term",
    [
        *("path:*a{}.jpg", "path:a{}.jpg", "path:*a{}/*", "-path:*{}", "(path:{})", "meta.a:{}", "uri:*{}", "id:{}*"),
        *("sha256:{}*", "text:{}", "text:{}*", "label:{}*", "tag:*{}", "owner:{}?", "format:{}*"),
    ],
)
def test_what_must_be_looked_for_among_all_texts_is_bounded(term):
    parse_filter(" OR ".join(term.format(n) for n in range(100)))
    with pytest.raises(BadInput, match="more than 100 patterns") as refusal:
        parse_filter(" OR ".join(term.format(n) for n in range(101)))
    assert "path:holiday/*" in refusal.value.fix


@pytest.mark.parametrize(
    "term", ["path:a{}/*", "id:{}", "uri:{}", "sha256:{}", "label:{}", "tag:{}", r"tag:{}\*", "width>{}"]
)
def test_what_is_found_otherwise_may_be_asked_for_as_often_as_a_filter_is_long(term):
    parse_filter(" OR ".join(term.format(n) for n in range(300)))

import io
import sys

import pytest

from lookalike.cli.terminal import console, plural, readable
from lookalike.cli.wording import confidence_words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("café 新年 🎉.jpg", "café 新年 🎉.jpg"),
        ("Screenshot at 1.00\u202fPM.png", "Screenshot at 1.00\u202fPM.png"),
        ("👨‍👩‍👧.jpg", "👨‍👩‍👧.jpg"),
        ("a\x1b[31mred\x1b[0m", "a�[31mred�[0m"),
        ("a\nb\tc\rd\x07", "a�b�c�d�"),
        ("a\x9b31mb", "a�31mb"),
        ("gpj.\u202eexe", "gpj.�exe"),
        ("lone \udce9 byte", "lone � byte"),
        ("line\u2028end", "line�end"),
    ],
)
def test_only_what_could_harm_is_replaced(name, shown):
    assert readable(name) == shown


def test_line_ends_may_stay_where_lines_are_meant():
    assert readable("one\ntwo\x1b", lines=True) == "one\ntwo�"


def test_a_table_is_not_cut_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    console().print("x" * 5_000)
    assert sys.stdout.getvalue() == "x" * 5_000 + "\n"


def test_markup_in_text_stays_text(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    console().print("[bold]not bold[/bold] :smile:")
    assert sys.stdout.getvalue() == "[bold]not bold[/bold] :smile:\n"


def test_counts_agree_with_their_nouns():
    assert [plural(count, "picture") for count in (0, 1, 2_000)] == ["0 pictures", "1 picture", "2,000 pictures"]
    assert plural(2, "copy", "copies") == "2 copies"


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "certain, 100 %"),
        (0.9999, "certain, 99 %"),
        (0.95, "very likely, 95 %"),
        (0.5, "likely, 50 %"),
        (0.3, "perhaps, 30 %"),
        (0.0004, "unlikely, 1 %"),
        (0.0, "unlikely, 0 %"),
    ],
)
def test_a_confidence_is_put_in_words(confidence, words):
    assert confidence_words(confidence) == words

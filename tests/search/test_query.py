"""Is what a person types understood, and what cannot be refused?"""

import base64
import math
import tracemalloc
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput, LookalikeError, NotFound
from lookalike.search import Query, parse_data_uri
from lookalike.types import Region


def test_a_url_a_data_uri_a_file_and_an_id_are_told_apart(tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(b"any")
    assert Query.parse("HTTPS://example.org/a.jpg").url == "HTTPS://example.org/a.jpg"
    assert Query.parse("data:image/png;base64,aGVsbG8=").data == b"hello"
    assert Query.parse(str(picture)).file == picture
    assert Query.parse("kq3v5n2xwz7dymbt").id == "kq3v5n2xwz7dymbt"


@pytest.mark.parametrize("text", ["data:image/svg+xml,<svg/>", "Data:image/png;base64,a*b="])
def test_a_data_uri_that_cannot_be_read_is_not_taken_for_words(text: str) -> None:
    with pytest.raises(BadInput, match=r"data-URI|base64"):
        Query.parse(text)


def test_a_file_named_like_an_id_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kq3v5n2xwz7dymbt").write_bytes(b"any")
    assert Query.parse("kq3v5n2xwz7dymbt").file == Path("kq3v5n2xwz7dymbt")


def test_a_file_is_named_by_its_uri_as_answers_name_it(tmp_path: Path) -> None:
    path = tmp_path / "ä b%c.jpg"
    path.write_bytes(b"any")
    assert Query.parse(path.as_uri()).file == Query.parse_picture(path.as_uri()).file == path
    assert Query.parse("file:").text == "file:"


def test_a_word_that_names_a_folder_is_a_word_and_a_path_to_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holiday" / "2019").mkdir(parents=True)
    (tmp_path / "folder.jpg").mkdir()
    assert Query.parse("holiday").text == "holiday"
    for path in (".", "..", "./holiday", "holiday/", "holiday/2019", str(tmp_path / "holiday")):
        with pytest.raises(BadInput, match="is a folder"):
            Query.parse(path)
    for only_a_picture in (partial(Query.parse, "folder.jpg"), partial(Query.parse_picture, "holiday")):
        with pytest.raises(NotFound, match="neither a file"):
            only_a_picture()


@pytest.mark.parametrize(
    "text",
    [
        "gone.jpg",
        "holiday/Gone.HEIC ",
        "ftp://example.org/a.jpg",
        "./gone",
        "~/gone",
        "file:///no/such.jpg",
        "file://[a",
    ],
)
def test_what_looks_like_a_picture_but_is_none_is_not_found_and_the_way_to_search_for_its_name_is_said(
    text: str,
) -> None:
    with pytest.raises(NotFound, match="neither a file") as refusal:
        Query.parse(text)
    assert Query.parse(refusal.value.fix.partition(": ")[2].strip("'")).text


@pytest.mark.parametrize("text", ["gone.jpg", "holiday/Gone.HEIC ", "./gone", "dogs on the beach", "dog", "", " "])
def test_where_only_a_picture_will_do_nobody_is_told_to_search_for_words(text: str) -> None:
    with pytest.raises(NotFound, match="neither a file") as refusal:
        Query.parse_picture(text)
    assert "words" not in refusal.value.fix
    assert "spelling" in refusal.value.fix


def test_where_only_a_picture_will_do_pictures_are_read_as_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"any")
    for text in (str(tmp_path / "a.jpg"), "https://example.org/a", "kq3v5n2xwz7dymbt", "data:image/png;base64,YQ=="):
        assert Query.parse_picture(text) == Query.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "playing dogs",
        "dog",
        '"gone.jpg"',
        "a\0b",
        "x" * 5_000,
        "e.g. this",
        "AC/DC",
        "🐼",
        "data: charts and tables",
        "data:science, art",
    ],
)
def test_anything_else_is_words(text: str) -> None:
    query = Query.parse(text)
    assert query.text == text
    assert not query.has_picture


def test_nothing_is_no_query() -> None:
    for text in ("", " \t"):
        with pytest.raises(BadInput, match="nothing to search with"):
            Query.parse(text)


def test_words_may_stand_beside_a_picture_but_not_beside_words() -> None:
    assert Query.parse("kq3v5n2xwz7dymbt", text="in the snow").text == "in the snow"
    with pytest.raises(BadInput, match="words twice"):
        Query.parse("a dog", text="in the snow")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "dog", "mode": "caption"},
        {"text": "dog", "mode": "all"},
        {"text": "dog", "mode": "picture", "id": "kq3v5n2xwz7dymbt"},
        {"text": "dog", "mode": "best"},
        {"text": "dog", "region": Region(x=0, y=0, width=1, height=1)},
    ],
)
def test_what_a_mode_or_a_region_needs_is_said(wrong: dict) -> None:
    with pytest.raises(BadInput):
        Query(**wrong)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        Query.parse(text)
    except LookalikeError:
        return


def test_a_query_searches_with_at_most_one_picture() -> None:
    with pytest.raises(BadInput, match="exactly one"):
        Query()
    with pytest.raises(BadInput, match="only one"):
        Query(id="kq3v5n2xwz7dymbt", url="https://example.org")


@pytest.mark.parametrize(
    "sides",
    [(0, 0, 0, 1), (-0.1, 0, 0.5, 0.5), (0.6, 0, 0.5, 1), (0, 0, math.nan, 1), (0, math.inf, 1, 1), (0, 0, 1, -1)],
)
def test_a_region_outside_the_picture_is_refused(sides: tuple[float, ...]) -> None:
    x, y, width, height = (float(side) for side in sides)
    with pytest.raises(BadInput, match="within the picture"):
        Query(id="kq3v5n2xwz7dymbt", region=Region(x=x, y=y, width=width, height=height))


def test_a_lowest_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(BadInput, match="no number"):
        Query(id="kq3v5n2xwz7dymbt", min_score=math.nan)


@given(st.binary())
def test_base64_is_read_with_and_without_its_head(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert parse_data_uri(text) == parse_data_uri(f"data:image/jpeg;base64,{text}") == data


@pytest.mark.parametrize("text", ["data:image/svg+xml,<svg/>", "data:image/png;base64,a*b=", "é", "abc"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_data_uri(text)


def test_base64_in_short_lines_takes_no_more_memory_than_in_long_ones() -> None:
    text = "AAAA AAA A\n" * 100_000
    tracemalloc.start()
    try:
        assert parse_data_uri(text) == bytes(600_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(text)

import gzip
import json
import os
import time
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lookalike.errors import BadInput, NotFound, Unreachable
from lookalike.fetch import Fetcher
from lookalike.sources import TableSource
from lookalike.testing import SourceContract
from lookalike.types import Failure, Item, Outcome
from lookalike.uris import local_path

NAMES = ("a.jpg", "b.jpg", "c d.jpg")


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def table(folder: Path, name: str, text: str | bytes, **options) -> TableSource:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return TableSource(path, Fetcher(), **options)


def items(source: TableSource) -> dict[str, Item]:
    found = list(source.items())
    assert not [one for one in found if isinstance(one, Failure)], found
    return {(path.name if (path := local_path(one.uri)) else one.uri): one for one in found}


def reasons(source: TableSource) -> dict[str, str]:
    return {one.uri.rstrip("/").rpartition("/")[2]: one.reason for one in source.items() if isinstance(one, Failure)}


class TestTableSource(SourceContract):
    def make(self, tmp_path: Path) -> TableSource:
        for name in NAMES:
            (tmp_path / name).write_bytes(b"x")
        return table(tmp_path, "table.csv", "image,caption\na.jpg,one\nb.jpg,two\n")

    def change(self, tmp_path: Path) -> str:
        (tmp_path / "b.jpg").write_bytes(b"longer")
        return (tmp_path / "b.jpg").as_uri()

    def make_missing(self, tmp_path: Path) -> TableSource:
        return TableSource(tmp_path / "nothing.csv", Fetcher())


# Layouts


def test_a_csv_says_what_its_columns_say(folder):
    text = 'File,Description,Keywords,Title,stars,Photographer,page\n"c d.jpg","a dog, wet","dog; sea",Rex,3,Ann,https://x.org/1\n'
    (one,) = items(table(folder, "t.csv", text)).values()
    assert one.uri == (folder / "c d.jpg").as_uri()
    assert (one.caption, one.caption_source, one.title, one.owner) == ("a dog, wet", "source", "Rex", "Ann")
    assert (one.tags, one.link, one.metadata) == (("dog", "sea"), "https://x.org/1", {"stars": "3"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "image;caption\na.jpg;one, two\n"),
        ("t.tsv", "image\tcaption\na.jpg\tone, two\n"),
        ("captions.txt", 'image,caption\na.jpg,"one, two"\n'),
        ("t.csv", b"\xef\xbb\xbfimage;caption\r\na.jpg;one, two\r\n"),
        ("t.csv", "image\tcaption\na.jpg\tone, two\n".encode("utf-16")),
        ("t.csv", "image\tcaption\na.jpg\tone, two\n".encode("utf-32")),
        ("t.jsonl", '\n{"image": "a.jpg", "caption": "one, two", "other": null}\n'),
        ("t.jsonl.gz", gzip.compress(b'{"image": "a.jpg", "caption": "one, two"}', mtime=0)),
        ("t.json", '[{"image": "a.jpg", "caption": "one, two"}]'),
        ("t.json", '{"version": 1, "pictures": [{"image": "a.jpg", "caption": "one, two"}]}'),
        ("custom_dataset.json", '{"images": [{"imgurl": "a.jpg", "description": "one, two"}]}'),
        ("Flickr8k.token.txt", "a.jpg#0\tone, two\n"),
        ("dataset.json", '{"images": [{"filename": "a.jpg", "sentids": [0], "sentences": [{"raw": "one, two"}]}]}'),
        (
            "captions_val2017.json",
            '{"info": {}, "images": [{"id": 7, "file_name": "a.jpg"}], "licenses": [], '
            '"annotations": [{"image_id": 7, "id": 1, "caption": "one, two"}]}',
        ),
    ],
)
def test_every_layout_says_the_same(folder, name, text):
    (one,) = items(table(folder, name, text)).values()
    assert one.uri == (folder / "a.jpg").as_uri()
    assert (one.caption, one.caption_source) == ("one, two", "source")


def test_a_parquet_file_is_read_without_its_vectors(folder):
    rows = pa.table(
        {
            "path": ["a.jpg", "b.jpg"],
            "text": ["one", None],
            "tags": [["x", "y"], []],
            "clip": [[0.5, 0.5], [0.5, 0.5]],
            "stars": [3, 4],
        }
    )
    pq.write_table(rows, folder / "t.parquet")
    found = items(TableSource(folder / "t.parquet", Fetcher()))
    assert (found["a.jpg"].caption, found["a.jpg"].tags, found["a.jpg"].metadata) == ("one", ("x", "y"), {"stars": 3})
    assert (found["b.jpg"].caption, found["b.jpg"].caption_source) == ("", "")


def test_a_parquet_file_may_count_nanoseconds(folder):
    kinds = [pa.timestamp("ns"), pa.timestamp("ns", "UTC"), pa.time64("ns"), pa.duration("ns")]
    rows = {str(kind): pa.array([1_234_567_891], kind) for kind in kinds}
    pq.write_table(pa.table({"path": ["a.jpg"], **rows}), folder / "t.parquet")
    (one,) = items(TableSource(folder / "t.parquet", Fetcher())).values()
    assert list(one.metadata.values()) == [
        "1970-01-01T00:00:01.234567",
        "1970-01-01T00:00:01.234567+00:00",
        "00:00:01.234567",
        "0:00:01.234567",
    ]


@pytest.mark.parametrize("coded", [False, True])
def test_a_long_text_that_a_parquet_file_holds_once_for_many_rows_takes_little_memory(folder, coded):
    texts = pa.array(["x" * 300_000] * 1_000)
    rows = {"path": ["a.jpg"] * 1_000, "text": texts.dictionary_encode() if coded else texts}
    pq.write_table(pa.table(rows), folder / "t.parquet")
    usual = pa.default_memory_pool()
    arrow = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(arrow)
    tracemalloc.start()
    try:
        found = reasons(TableSource(folder / "t.parquet", Fetcher()))
        assert arrow.max_memory() + tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)
    assert found["row=1000"] == "a field has 300,000 characters; at most 10,000 are kept"
    assert len(found) == 1_001


def test_a_row_of_a_parquet_file_that_is_longer_than_a_line_may_be_is_refused(folder):
    rows = {"path": ["a.jpg", "b.jpg", "c d.jpg"], "tags": [["x"], ["y" * 1_000] * 1_001, ["z"]]}
    pq.write_table(pa.table(rows), folder / "t.parquet")
    source = TableSource(folder / "t.parquet", Fetcher())
    assert reasons(source) == {"row=2": "the row has more than 1,000,000 bytes"}
    assert [one.tags for one in source.items() if isinstance(one, Item)] == [("x",), ("z",)]


@pytest.mark.parametrize("as_large", [False, True])
def test_of_a_long_list_in_a_parquet_file_the_beginning_is_kept(folder, as_large):
    kind = pa.large_list(pa.string()) if as_large else pa.list_(pa.string())
    texts = pa.array([["one"], [f"a rather long text, number {n}" for n in range(50_000)], ["three"]], kind)
    rows = {"path": ["a.jpg", "b.jpg", "c d.jpg"], "captions": texts, "boxes": texts}
    pq.write_table(pa.table(rows), folder / "t.parquet")
    found = items(TableSource(folder / "t.parquet", Fetcher()))
    assert [one.caption for one in found.values()] == ["one", "a rather long text, number 0", "three"]
    kept = found["b.jpg"].metadata
    assert kept["captions"][-1] == kept["boxes"][-1] == "a rather long text, number 199"


def test_a_parquet_file_with_two_columns_of_one_name_is_refused(folder):
    pq.write_table(pa.Table.from_arrays([pa.array(["a.jpg"])] * 2, ["image", "image"]), folder / "t.parquet")
    with pytest.raises(BadInput, match="several columns"):
        list(TableSource(folder / "t.parquet", Fetcher()).items())


def test_an_empty_parquet_file_names_no_picture(folder):
    pq.write_table(pa.table({"path": pa.array([], pa.string())}), folder / "t.parquet")
    assert list(reasons(TableSource(folder / "t.parquet", Fetcher())).values()) == ["the table names no picture"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.token.txt", "a.jpg#0\tone\na.jpg#1\ttwo\na.jpg#2\tone\nb.jpg#0\tother\n"),
        ("t.csv", "image,caption\na.jpg,one\na.jpg,two\na.jpg,one\nb.jpg,other\n"),
        ("t.jsonl", '{"image": "a.jpg", "caption": ["one", "two"]}\n{"image": "b.jpg", "caption": "other"}\n'),
    ],
)
def test_of_several_captions_the_first_is_the_caption_and_the_others_are_kept(folder, name, text):
    found = items(table(folder, name, text))
    assert found["a.jpg"].caption == "one"
    assert found["a.jpg"].metadata == {"captions": ["two"]}
    assert found["b.jpg"].caption == "other"


def test_of_several_rows_of_a_picture_all_tags_count_and_what_one_leaves_empty_the_next_may_say(folder):
    text = "image,tags,label,title,stars,lens\na.jpg,dog,,Rex,,50\na.jpg,snow;dog,husky,Max,5,35\nb.jpg,cat,,,,\n"
    found = items(table(folder, "t.csv", text))
    one = found["a.jpg"]
    assert (one.tags, one.label, one.title) == (("dog", "snow"), "husky", "Rex")
    assert one.metadata == {"lens": "50", "stars": "5"}
    assert (found["b.jpg"].tags, found["b.jpg"].label) == (("cat",), "")


def test_of_several_rows_of_a_picture_no_more_is_kept_than_of_one(folder):
    rows = [
        {"image": "a.jpg", "tags": [f"{row} {tag}" for tag in range(600)], **{f"{row} {n}": 1 for n in range(150)}}
        for row in range(3)
    ]
    (one,) = items(table(folder, "t.jsonl", "\n".join(map(json.dumps, rows)))).values()
    assert len(one.tags) == 1_000
    assert len(one.metadata) == 200
    assert [one.tags[0], one.tags[-1], *list(one.metadata)[-1:]] == ["0 0", "1 399", "1 49"]


def test_a_change_in_any_row_of_a_picture_is_one(folder):
    def stamp(tag: str, etag: str) -> tuple[str, str]:
        text = f"url,tags,etag\nhttps://x.org/1.jpg,dog,1\nhttps://x.org/1.jpg,{tag},{etag}\n"
        (one,) = table(folder, "t.csv", text).items()
        return one.version, one.described

    (version, described), (alone,) = stamp("", "1"), table(folder, "t.csv", "url,etag\nhttps://x.org/1.jpg,1\n").items()
    assert version == alone.version == stamp("", "")[0]
    assert stamp("snow", "1")[0] == version != stamp("snow", "2")[0] != stamp("snow", "3")[0]
    assert described != stamp("snow", "1")[1]


def test_columns_are_mapped_by_name(folder):
    text = "href,image,alt,en,de\na.jpg,nonsense,x,dog,Hund\n"
    columns = {"image": ["href"], "caption": ["en", "de"], "tags": ["alt"]}
    (one,) = items(table(folder, "t.csv", text, columns=columns)).values()
    assert (one.caption, one.tags) == ("dog", ("x",))
    assert one.metadata == {"image": "nonsense", "captions": ["Hund"]}


def test_a_column_or_field_that_is_not_there_is_refused_with_those_that_are(folder):
    with pytest.raises(BadInput, match="no column 'nope'") as told:
        list(table(folder, "t.csv", "image,x\n", columns={"caption": ["nope"]}).items())
    assert "image, x" in told.value.fix
    with pytest.raises(BadInput, match="no field 'captoin'") as told:
        table(folder, "t.csv", "", columns={"captoin": ["x"]})
    assert "caption" in told.value.fix
    with pytest.raises(BadInput, match="where the pictures are"):
        list(table(folder, "t.csv", "a,b\n1,2\n").items())


# Pictures


def test_paths_count_from_the_folder_of_images(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    source = table(tmp_path / "elsewhere", "t.csv", "image\na.jpg\n", images=folder)
    assert list(items(source)) == ["a.jpg"]
    with pytest.raises(NotFound, match="no folder"):
        list(table(folder, "t.csv", "image\na.jpg\n", images=folder / "unmounted").items())


@pytest.mark.parametrize("name", ["../secret.jpg", "x/../../secret.jpg", "{parent}/secret.jpg", "link/secret.jpg"])
def test_a_file_outside_of_the_folder_is_refused_unless_the_table_is_trusted(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (inner / "link").symlink_to(tmp_path)
    text = json.dumps({"image": name.format(parent=tmp_path)})
    assert "outside" in reasons(table(inner, "t.jsonl", text))["line=1"]
    assert len(items(table(inner, "t.jsonl", text, trusted=True))) == 1


class Forgotten(dict):
    """Holds nothing for longer than a moment, as what another thread clears when it begins to list the table."""

    def __setitem__(self, key, value):
        pass


def test_two_threads_may_list_a_table_at_once(folder):
    source = table(folder, "t.csv", "image\na.jpg\n")
    alone = list(source.items())
    source._real_folders, source._columns._found = Forgotten(), Forgotten()
    assert list(source.items()) == alone


def test_a_link_to_a_file_outside_is_refused_too(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (inner / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    assert "outside" in reasons(table(inner, "t.csv", "image\na.jpg\n"))["line=2"]


def test_what_is_no_file_is_refused(folder):
    os.mkfifo(folder / "pipe")
    (folder / "sub").mkdir()
    found = reasons(table(folder, "t.jsonl", '{"image": "pipe"}\n{"image": "sub"}\n{"image": "a\\u0000b"}\n'))
    assert found["line=1"] == found["line=2"] == "what it names is no file"
    assert "zero byte" in found["line=3"]


def test_a_file_that_is_missing_is_unreachable_and_named(folder):
    (failure,) = table(folder, "t.csv", "image\ngone.jpg\n").items()
    assert isinstance(failure, Failure)
    assert failure.uri == (folder / "gone.jpg").as_uri()
    assert failure.outcome is Outcome.UNREACHABLE


def test_a_link_is_one_whatever_the_case_of_its_scheme(folder):
    (one,) = items(table(folder, "t.csv", "image,link\na.jpg,HTTPS://x.org/1\n")).values()
    assert (one.link, one.metadata) == ("HTTPS://x.org/1", {})
    (one,) = items(table(folder, "t.csv", "image,link\na.jpg,see x.org\n")).values()
    assert (one.link, one.metadata) == ("", {"link": "see x.org"})


def test_pictures_on_the_web_are_offered_by_one_spelling_and_not_asked_for(folder):
    text = "url,etag\nHTTPS://Example.ORG/a b.jpg#x,1\nhttp://user@x.org/1.jpg,\nftp://x.org/1.jpg,\n"
    found = list(table(folder, "t.csv", text).items())
    assert found[0].uri == "https://example.org/a%20b.jpg"
    assert [isinstance(one, Failure) for one in found] == [False, True, True]
    assert "user name" in found[1].reason
    assert "neither a file" in found[2].reason


def test_a_version_column_says_when_a_picture_on_the_web_has_changed(folder):
    versions = []
    for etag in ("1", "1", "2"):
        (one,) = table(folder, "t.csv", f"url,etag\nhttps://x.org/1.jpg,{etag}\n").items()
        versions.append(one.version)
    assert versions[0] == versions[1] != versions[2]


def test_an_address_that_must_not_be_asked_is_unreachable(folder):
    source = table(folder, "t.csv", "url\nhttp://127.0.0.1:9/x.jpg\n")
    (one,) = items(source).values()
    with pytest.raises(Unreachable):
        source.open(one)


# Rows that cannot be


def test_a_broken_line_is_a_failure_with_its_number_and_the_others_go_on(folder):
    broken = ['{"image": ', "[1]", '{"caption": "no picture"}', '{"image": "b.jpg", "x": NaN}']
    text = "\n".join(['{"image": "a.jpg"}', *broken, '{"image": "b.jpg"}'])
    source = table(folder, "t.jsonl", text)
    assert reasons(source).keys() == {"line=2", "line=3", "line=4", "line=5"}
    found = [one for one in source.items() if isinstance(one, Item)]
    assert [local_path(one.uri).name for one in found] == ["a.jpg", "b.jpg"]


def test_a_quote_that_is_never_closed_hides_no_rows_behind_it(folder):
    found = reasons(table(folder, "t.csv", 'image,caption\na.jpg,"one\nb.jpg,two\nc d.jpg,three\n'))
    assert "end of data" in found["line=2"]


def test_a_row_with_too_many_fields_or_too_long_ones_is_refused(folder):
    text = f"image,caption\na.jpg,one,two\nb.jpg,{'x' * 10_001}\na.jpg,{'y' * 140_000}\n\nc d.jpg\n"
    found = reasons(table(folder, "t.csv", text))
    assert "3 fields" in found["line=2"]
    assert "10,001 characters" in found["line=3"]
    assert "field larger" in found["line=4"]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("name", "text"), [("t.jsonl", '{{"image": "a.jpg", "{0}": 1}}'), ("t.csv", "image,{0}\na.jpg,1")]
)
def test_a_column_whose_name_is_too_long_is_refused(name, text, folder):
    refused = reasons(table(folder, name, text.format("x" * 201)))
    assert "a column's name has 201 characters; at most 200 are kept" in refused.values()
    (one,) = items(table(folder, name, text.format("x" * 200))).values()
    assert list(one.metadata) == ["x" * 200]


@pytest.mark.slow
def test_a_row_with_more_tags_than_a_picture_can_have_is_refused(folder):
    rows = [{"image": "a.jpg", "tags": [f"tag {i}" for i in range(70_000)]}, {"image": "b.jpg", "tags": ["x"] * 70_000}]
    source = table(folder, "t.jsonl", "\n".join(map(json.dumps, rows)))
    assert reasons(source) == {"line=1": "it has 70,000 tags; at most 1,000 are kept"}


@pytest.mark.slow
def test_of_a_picture_that_is_named_without_end_200_captions_are_kept(folder):
    text = "image,caption\n" + "".join(f"a.jpg,caption {i}\n" for i in range(20_000))
    (one,) = items(table(folder, "t.csv", text)).values()
    assert one.metadata["captions"] == [f"caption {i}" for i in range(1, 200)]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize(("length", "is_refused"), [(49, False), (50, True), (51, True), (99, True), (500, True)])
def test_a_line_without_end_is_passed_over(folder, end, length, is_refused, monkeypatch):
    monkeypatch.setattr("lookalike.sources.table.reading.MAX_LINE", 50)
    long = '{"image": "a.jpg"}'.ljust(length)
    source = table(folder, "t.jsonl", end.join(['{"image": "c d.jpg"}', long, '{"image": "b.jpg"}', "{"]))
    found = reasons(source)
    assert found.pop("line=4").startswith("the line is no JSON")
    assert found == ({"line=2": "the line has more than 50 characters"} if is_refused else {})
    assert len([one for one in source.items() if isinstance(one, Item)]) == 3 - is_refused


def test_a_picture_named_again_further_down_is_refused(folder):
    found = reasons(table(folder, "t.csv", "image,caption\na.jpg,1\nb.jpg,2\na.jpg,3\n"))
    assert "further up" in found["line=4"]


def test_a_table_in_another_encoding_is_read_when_it_is_named(folder):
    text = "image,caption\na.jpg,Hündin\n".encode("latin-1")
    assert "name the encoding" in reasons(table(folder, "t.csv", text))["line=2"]
    assert items(table(folder, "t.csv", text, encoding="latin-1"))["a.jpg"].caption == "Hündin"
    for unknown in ("klingon", "rot13", "hex", "", "utf\0"):
        with pytest.raises(BadInput, match="no encoding"):
            table(folder, "t.csv", text, encoding=unknown)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", "{"),
        ("t.json", "[" * 100_000),
        ("t.json", '{"images": 7}'),
        ("t.json", '"text"'),
        ("t.csv", ""),
        ("t.csv", "image,image\n"),
        ("t.docx", "x"),
        ("t.parquet", "PAR1 no, not really PAR1"),
        ("t.csv.gz", "not zipped"),
        ("t.csv.gz", gzip.compress(b"image\na.jpg\n", mtime=0)[:-9]),
        ("t.csv", b"\xff\xfei\0m\0a"),
    ],
)
def test_what_is_no_table_is_refused(folder, name, text):
    with pytest.raises(BadInput):
        list(table(folder, name, text).items())


@pytest.mark.parametrize("limit", ["_MAX_CHARACTERS", "_MAX_PARTS"])
def test_a_dataset_too_large_to_be_read_at_once_is_refused_before_it_is_parsed(folder, limit, monkeypatch):
    source = table(folder, "t.json.gz", gzip.compress(json.dumps({"images": [{}] * 1_000_000}).encode(), mtime=0))
    monkeypatch.setattr(f"lookalike.sources.table.datasets.{limit}", 1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="too large to be read at once"):
            list(source.items())
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_rows_whose_many_columns_are_never_the_same_are_not_kept_in_memory(folder):
    rows = ({"image": "a.jpg", **dict.fromkeys(f"{row} {column}" for column in range(10_000))} for row in range(20))
    source = table(folder, "t.jsonl", "\n".join(map(json.dumps, rows)))
    tracemalloc.start()
    try:
        assert len(items(source)) == 1
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_first_line_of_very_many_columns_takes_no_time(folder):
    source = table(folder, "t.csv", ",".join(["image", *map(str, range(60_000))]) + "\na.jpg\n")
    begun = time.monotonic()
    assert len(items(source)) == 1
    assert time.monotonic() - begun < 5


# What came from it


def test_only_what_came_from_this_table_vanishes_with_it(folder):
    source = table(folder, "t.csv", "image\na.jpg\n")
    (one,) = items(source).values()
    other = items(table(folder, "other.csv", "image\na.jpg\n"))["a.jpg"]
    assert not source.passes_over("file:///x.jpg", one.stamp)
    assert source.passes_over("file:///x.jpg", other.stamp)
    assert source.passes_over("file:///x.jpg", "1-1")


@pytest.mark.parametrize("text", ['{"image": "a.jpg"}\n{', ""])
def test_while_rows_cannot_be_read_nothing_vanishes(folder, text):
    source = table(folder, "t.jsonl", text)
    stamp = items(table(folder, "t.jsonl", '{"image": "a.jpg"}'))["a.jpg"].stamp
    (folder / "t.jsonl").write_text(text)
    list(source.items())
    assert source.passes_over("file:///x.jpg", stamp)


def test_what_is_said_changes_the_stamp_but_not_the_version(folder):
    first = items(table(folder, "t.csv", "image,caption\na.jpg,one\n"))["a.jpg"]
    second = items(table(folder, "t.csv", "image,caption\na.jpg,two\n"))["a.jpg"]
    assert first.version == second.version
    assert first.stamp != second.stamp

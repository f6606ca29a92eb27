"""Which rows does a file hold? CSV, TSV, JSON Lines, Parquet, and the layouts of known datasets, a row at a time."""

import codecs
import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO, cast

from lookalike.errors import BadInput, NotFound
from lookalike.sources.table.datasets import dataset_rows
from lookalike.sources.table.rows import BadRow, Row, Rows, Table, refuse_twice

MAX_LINE = 1_000_000
"""Characters. No caption is as long; what is may be no table at all."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # it begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = re.compile(r"utf[-_ ]?(16|32)", re.IGNORECASE)
_TOKEN = re.compile(r"(.+)#\d+\t(.*)")
"""A line of Flickr8k.token.txt: `1000268201_693b08cb0e.jpg#0<tab>A child in a pink dress .`"""
_DELIMITERS = ("\t", ";", ",")


@contextmanager
def open_table(path: Path, encoding: str) -> Iterator[Table]:
    """Open a table; what it is, its name's ending and its beginning tell.

    Raises:
        NotFound: it is not there.
        BadInput: it is no table that is understood, or, while rows are read, it is broken.
    """
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder, not a table.", "Name the file.")
    try:
        with ExitStack() as held:
            yield _table(path, held, encoding)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {str(path)!r}.", "Check the spelling, or mount the drive.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{str(path)!r} cannot be read: {error}.") from error
    except UnicodeError as error:
        raise BadInput(f"{str(path)!r} is not written in {encoding}: {error}.", "Name its encoding.") from error


def _table(path: Path, held: ExitStack, encoding: str) -> Table:
    kinds = [suffix.lower() for suffix in path.suffixes]
    is_zipped = kinds[-1:] == [".gz"]
    kind = next(iter(kinds[-2:-1] if is_zipped else kinds[-1:]), "")
    file: BinaryIO = held.enter_context(path.open("rb"))
    if kind == ".parquet":
        from lookalike.sources.table.parquet import parquet_table  # pyarrow takes long to load

        return parquet_table(path)
    if is_zipped:
        file = held.enter_context(cast(BinaryIO, gzip.GzipFile(fileobj=file)))
    lines = _Lines(held.enter_context(_text(file, encoding)))
    if kind == ".json":
        return Table((), dataset_rows(lines.file, str(path)))
    if kind in {".jsonl", ".ndjson"}:
        return Table((), _json_rows(lines))
    if kind in {".csv", ".tsv", ".txt"}:
        return _text_table(lines, kind, str(path))
    raise BadInput(
        f"{str(path)!r} is no table that is understood.",
        "Give a file that ends in .csv, .tsv, .jsonl, .parquet, .json or .txt, which may be followed by .gz.",
    )


def _text(file: BinaryIO, encoding: str) -> TextIO:
    """Decode what begins with a mark of its encoding as that says; bytes that cannot be are kept as half characters."""
    beginning = file.read(4)
    file.seek(0)
    marked = next((name for bom, name in _BOMS if beginning.startswith(bom)), encoding)
    return TextIOWrapper(file, marked, errors="strict" if _WIDE.match(marked) else "surrogateescape", newline="")


class _Lines:
    """Gives lines, leaving out those that are too long, and counts."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.number = 0
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        before = ""
        while line := self.file.readline(MAX_LINE):
            if line == "\n" and before.endswith("\r"):  # the limit fell between the two
                continue
            self.number += 1
            if len(line) < MAX_LINE or line[-1] in "\r\n":
                yield line
            else:
                self.too_long.append(self.number)
                while line and line[-1] not in "\r\n":
                    line = self.file.readline(MAX_LINE)
            before = line

    def refused(self) -> Iterator[BadRow]:
        """Give what was left out since the last time."""
        for number in self.too_long:
            yield BadRow(f"line={number}", f"the line has more than {MAX_LINE:,} characters")
        self.too_long.clear()


def _json_rows(lines: _Lines) -> Rows:
    for line in lines:
        yield from lines.refused()
        place = f"line={lines.number}"
        if line.strip():
            try:
                found = json.loads(line, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                yield BadRow(place, f"the line is no JSON: {error}")
                continue
            yield Row(place, found) if isinstance(found, dict) else BadRow(place, "the line is no JSON object")
    yield from lines.refused()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _text_table(lines: _Lines, kind: str, where: str) -> Table:
    """Tell a token file from a CSV by its first line."""
    feed = iter(lines)
    first = next(feed, "")
    if _TOKEN.fullmatch(first.rstrip("\r\n")):
        return Table(("image", "caption"), _token_rows(first, feed, lines))
    delimiter = "\t" if kind == ".tsv" else max(_DELIMITERS, key=first.count)
    rows = csv.reader(_from(first, feed), delimiter=delimiter, strict=True)
    try:
        header = tuple(name.strip() for name in next(rows, []))
    except csv.Error as error:
        raise BadInput(f"The first line of {where} cannot be read: {error}.") from error
    if not header:
        raise BadInput(f"{where} has no first line that names the columns.", "Write one, like image,caption.")
    refuse_twice(header, where)
    return Table(header, _csv_rows(rows, header, lines))


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _csv_rows(rows: Iterator[list[str]], header: tuple[str, ...], lines: _Lines) -> Rows:
    while True:
        begins = f"line={lines.number + 1}"
        try:
            values = next(rows, None)
        except csv.Error as error:
            yield BadRow(begins, f"the row cannot be read: {error}")
            continue
        yield from lines.refused()
        if values is None:
            return
        if len(values) > len(header):
            yield BadRow(begins, f"the row has {len(values)} fields, but the table {len(header)} columns")
        elif values:
            yield Row(begins, dict(zip(header, values, strict=False)))


def _token_rows(first: str, rest: Iterator[str], lines: _Lines) -> Rows:
    for line in _from(first, rest):
        yield from lines.refused()
        found = _TOKEN.fullmatch(line.rstrip("\r\n"))
        place = f"line={lines.number}"
        if found:
            yield Row(place, {"image": found[1], "caption": found[2]})
        elif line.strip():
            yield BadRow(place, "the line is not like picture.jpg#0, a tab and a caption")
    yield from lines.refused()

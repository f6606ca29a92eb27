"""Which pictures does this table name, now?"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from stat import S_ISREG

from lookalike.errors import BadInput, NotFound
from lookalike.fetch import Fetcher
from lookalike.fetch.target import parse_target
from lookalike.sources.files import version_of
from lookalike.sources.table.columns import Columns, Said, digest
from lookalike.sources.table.reading import open_table
from lookalike.sources.table.rows import BadRow, Row
from lookalike.types import Failure, Item, Outcome
from lookalike.uris import WEB, image_id, is_web, local_path

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


class TableSource:
    """Offers the pictures that a table names, as files or URLs, with what it says about them.

    A picture's rows stand side by side. The first of their captions becomes the caption, the others go into the
    metadata as `captions`; columns that are mapped to nothing go there, too. Tags are those of all rows, and all else
    is as the first row says that says anything of it.
    """

    def __init__(
        self,
        table: Path,
        fetcher: Fetcher,
        *,
        images: Path | None = None,
        columns: Mapping[str, Sequence[str]] | None = None,
        encoding: str = "utf-8",
        trusted: bool = False,
    ) -> None:
        """Plan to list the pictures of a table, whose paths count from the folder `images`, else from its own.

        `columns` says which columns hold what, by field; see `FIELDS`. Files outside of the folder are refused,
        unless the table is `trusted`.

        Raises:
            BadInput: no such field, or no such encoding.
        """
        self._table = Path(os.path.abspath(table))  # noqa: PTH100 - resolve() would follow links
        self._root = Path(os.path.abspath(images)) if images is not None else self._table.parent  # noqa: PTH100
        self._real_root = Path(os.path.realpath(self._root))
        self._fetcher = fetcher
        self._columns = Columns(columns or {})
        self._encoding = encoding
        self._trusted = trusted
        self._uri = self._table.as_uri()
        self._mark = f"table:{image_id(self._uri)}:"
        self._is_whole = True
        self._real_folders: dict[str, str] = {}
        try:
            TextIOWrapper(BytesIO(), encoding)
        except (LookupError, ValueError) as error:
            raise BadInput(f"There is no encoding {encoding!r}.", "Use one like utf-8, latin-1 or cp1252.") from error

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Anywhere: what came from this table is told by its stamp."""
        return ("file://", *WEB)

    def items(self) -> Iterator[Item | Failure]:
        """List the pictures in the order of the table.

        A row that cannot be understood is a Failure that names it; while there are any, nothing is forgotten, because
        nobody knows which picture it means.

        Raises:
            NotFound: the table is not there, or the folder of the pictures.
            BadInput: it is no table, is broken, or lacks a column.
        """
        if not self._root.is_dir():
            raise NotFound(f"There is no folder {str(self._root)!r}.", "Check the spelling, or mount the drive.")
        self._real_folders.clear()
        named: set[int] = set()
        with open_table(self._table, self._encoding) as table:
            if table.header:
                self._columns.check(table.header, str(self._table))
            for place, one in self._grouped(table.rows):
                if isinstance(one, str):
                    self._is_whole = False
                    yield self._failure(f"{self._uri}/{place}/", one)
                elif hash(one.uri) in named:
                    reason = "its picture stands further up already; only rows side by side are put together"
                    yield self._failure(f"{self._uri}/{place}/", reason)
                else:
                    named.add(hash(one.uri))
                    yield one
        if not named:
            self._is_whole = False
            yield self._failure(f"{self._uri}/", "the table names no picture")

    def passes_over(self, uri: str, stamp: str) -> bool:
        """Say whether a picture came from elsewhere, or the table cannot be trusted to be whole."""
        if uri.startswith(f"{self._uri}/"):
            return False
        return not self._is_whole or f" {self._mark}" not in stamp

    def open(self, item: Item) -> Path | bytes:
        """Give the path, or fetch the bytes.

        Raises:
            Unreachable, TooLarge: as `Fetcher.get` says.
        """
        return local_path(item.uri) or self._fetcher.get(item.uri)

    def _grouped(self, rows: Iterator[Row | BadRow]) -> Iterator[tuple[str, Item | Failure | str]]:
        """Put rows of one picture together; gives where they begin, and an item or what is wrong."""
        begun: tuple[str, Said] | None = None
        for row in rows:
            said = self._read(row)
            if begun and isinstance(said, Said) and said.image == begun[1].image:
                begun = begun[0], begun[1].joined(said)
                continue
            if begun:
                yield begun[0], self._item(begun[1])
            begun = (row.place, said) if isinstance(said, Said) else None
            if isinstance(said, str):
                yield row.place, said
        if begun:
            yield begun[0], self._item(begun[1])

    def _read(self, row: Row | BadRow) -> Said | str:
        if isinstance(row, BadRow):
            return row.reason
        try:
            return self._columns.read(row.values)
        except ValueError as error:
            return str(error)

    def _item(self, said: Said) -> Item | Failure | str:
        words = said.words
        if len(said.captions) > 1:
            words = words | {"metadata": {**words["metadata"], "captions": list(said.captions[1:])}}
        caption = said.captions[0] if said.captions else ""
        written = json.dumps([caption, words], sort_keys=True, ensure_ascii=False)
        try:
            written.encode()
            if is_web(said.image):
                uri, version = parse_target(said.image).url, digest(said.version)
            else:
                uri, version = self._file(said.image)
        except UnicodeError:
            return f"it holds characters that are not {self._encoding}; name the encoding of the table"
        except BadInput as error:
            return error.what
        except ValueError as error:
            return str(error)
        if not version:
            return self._failure(uri, "there is no such file", digest(written))
        described = f"{self._mark}{digest(written)}"
        source = "source" if caption else ""
        return Item(uri=uri, version=version, described=described, caption=caption, caption_source=source, **words)

    def _file(self, name: str) -> tuple[str, str]:
        """Give the uri and the version of a file; no version where it is not there.

        Raises:
            ValueError: it lies where it must not.
        """
        path = local_path(name)
        if path is None:
            if _SCHEME.match(name) and "://" in name:
                raise ValueError("its picture is neither a file nor at http:// or https://")
            path = self._root / name
        whole = os.path.normpath(path)
        if "\0" in whole:
            raise ValueError("the name of its file holds a zero byte")
        if not self._trusted and not self._lies_within(whole):
            raise ValueError(f"its file lies outside of {str(self._root)!r}")
        uri = Path(whole).as_uri()
        try:
            found = os.stat(whole)  # noqa: PTH116 - a Path would take longer to make
        except OSError:
            return uri, ""
        if not S_ISREG(found.st_mode):
            raise ValueError("what it names is no file")
        return uri, version_of(found)

    def _lies_within(self, path: str) -> bool:
        """Whether neither dots nor links lead out of the folder."""
        folder, name = os.path.split(path)
        real = os.path.join(self._real_folder(folder), name)  # noqa: PTH118 - quicker than a Path
        if os.path.islink(path):  # noqa: PTH114
            real = os.path.realpath(path)
        return Path(real).is_relative_to(self._real_root)

    def _real_folder(self, folder: str) -> str:
        """Follow links; the rows of a table mostly lie in few folders."""
        real = self._real_folders.get(folder)  # another thread that lists the table, too, may forget them at any time
        if real is None:
            real = self._real_folders[folder] = os.path.realpath(folder)
        return real

    def _failure(self, uri: str, reason: str, words: str = "") -> Failure:
        """Say what cannot be offered. Its stamp says that no bytes were found, by whom, and a digest of the words."""
        stamp, at = f"- {self._mark}{words}", datetime.now(UTC)
        return Failure(uri=uri, version=stamp, outcome=Outcome.UNREACHABLE, reason=reason, at=at)

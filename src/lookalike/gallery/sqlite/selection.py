"""Which keys pass a filter? Its tree as masks over the columns; where those say too little, over the rows."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unicodedata import normalize

import numpy as np

from lookalike.gallery.filters import And, Between, Filter, Kind, Matches, Not, Or, kind_of, matcher, metadata_text
from lookalike.gallery.filters.patterns import fold, plain
from lookalike.gallery.sqlite.columns import Block
from lookalike.gallery.sqlite.pages import NO_TIME, TERM_FIELDS, fragment
from lookalike.gallery.sqlite.rows import to_blob
from lookalike.gallery.sqlite.text import words_query
from lookalike.gallery.sqlite.view import View

_INT64 = np.iinfo(np.int64)
_SECOND = 1_000_000
_META = "meta."
_BELOW_FOLDER = "/*"
_PIECES = re.compile(r"(?:\\.|[^*?\\])+", re.DOTALL)

_TEXTS = {"id": "id", "uri": "uri", "path": "path", "sha256": "lower(hex(sha256))"}
"""What SQL calls the fields that no column holds."""


def select(view: View, where: Filter | None) -> np.ndarray:
    """Give one bool a key: whether it is in use and its record passes."""
    if where is None:
        return view.columns.alive()
    selection = _Selection(view)
    return view.columns.join([selection.passing(block, where) & block.alive() for block in view.columns.blocks])


def passing(view: View, where: Filter | None) -> np.ndarray | None:
    """Give what `select` gives; None where all records pass, which is quicker to search than a mask."""
    return None if where is None or where == And(()) else select(view, where)


class _Selection:
    """Works out masks block by block, and leaves each leaf's answer with its block."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._wanted: dict[tuple[str, str], np.ndarray] = {}
        self._folded: dict[str, dict[str, list[int]]] = {}
        self._tags: tuple[Block, np.ndarray, np.ndarray] | None = None

    def passing(self, block: Block, where: Filter) -> np.ndarray:
        """Give which rows of a block pass; rows not in use may say anything."""
        match where:
            case And(parts):
                result = np.ones(block.rows, np.bool_)
                for part in parts:
                    result &= self.passing(block, part)
                return result
            case Or(parts):
                result = np.zeros(block.rows, np.bool_)
                for part in parts:
                    result |= self.passing(block, part)
                return result
            case Not(part):
                return ~self.passing(block, part)
            case Between():
                return block.mask(where, lambda block: _within(block, where))
            case Matches(field, pattern):
                return block.mask(where, self._matching(field, pattern))

    def _matching(self, field: str, pattern: str) -> Callable[[Block], np.ndarray]:
        if field in TERM_FIELDS:
            return lambda block: self._codes(field, pattern)[block.column(field)]
        if field == "tag":
            return lambda block: self._tagged(block, pattern)
        if field == "path" and pattern.endswith(_BELOW_FOLDER):
            # Whatever the name after the last slash is, the last star takes it.
            return lambda block: self._codes("folder", pattern, Kind.PATH)[block.column("folder")]
        if field == "text":
            return lambda block: self._by_words(block, pattern)
        return lambda block: self._by_text(block, field, pattern)

    def _codes(self, field: str, pattern: str, kind: Kind = Kind.WORD) -> np.ndarray:
        """Give one bool a code: whether the term matches."""
        found = self._wanted.get((field, pattern))
        if found is None:
            terms = self._view.terms(field)
            exact = plain(fold(pattern)) if kind is Kind.WORD else None
            if exact is None:
                found = np.fromiter(map(matcher(kind, pattern), terms), np.bool_)
            else:
                found = np.zeros(len(terms), np.bool_)
                found[self._spelt(field, terms).get(exact, [])] = True
            self._wanted[field, pattern] = found
        return found

    def _spelt(self, field: str, terms: Sequence[str]) -> dict[str, list[int]]:
        """Give the codes of terms by what is compared of them: once, as a filter may list thousands of values."""
        if field not in self._folded:
            folded = self._folded[field] = defaultdict(list)
            for code, term in enumerate(terms):
                if term:
                    folded[fold(term)].append(code)
        return self._folded[field]

    def _tagged(self, block: Block, pattern: str) -> np.ndarray:
        if self._tags is None or self._tags[0] is not block:
            self._tags = (block, *block.tags())
        _, codes, rows = self._tags
        result = np.zeros(block.rows, np.bool_)
        result[rows[self._codes("tag", pattern)[codes]]] = True
        return result

    def _by_words(self, block: Block, pattern: str) -> np.ndarray:
        result = np.zeros(block.rows, np.bool_)
        query = words_query(pattern)
        if query:
            statement = "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ?"
            bounds = block.start, block.start + block.rows
            rows: Any = self._view.connection.execute(statement, (query, *bounds)).fetchall()
            result[np.array(rows, np.int64).reshape(-1) - block.start] = True
        return result

    def _by_text(self, block: Block, field: str, pattern: str) -> np.ndarray:
        """Let SQL find what may match, and the reference's own matcher decide."""
        passes = matcher(kind_of(field), pattern)
        result = np.zeros(block.rows, np.bool_)
        for key, text in self._possible(block, field, pattern):
            if passes(text):
                result[key - block.start] = True
        return result

    def _possible(self, block: Block, field: str, pattern: str) -> Iterator[tuple[int, str]]:
        if field.startswith(_META):
            name = field.removeprefix(_META)
            metadata = self._read(block, "metadata", "instr(metadata, ?)", json.dumps(name))
            return ((key, metadata_text(json.loads(text).get(name))) for key, text in metadata)
        text, exact = _TEXTS[field], plain(pattern)
        if exact is None or field == "path":
            # Accents may be written in two ways, so only plain ASCII is left to SQL.
            test = f"(instr({text}, ?) OR octet_length({text}) <> length({text}))"
            return self._read(block, text, test, _longest_piece(normalize("NFC", pattern)))
        if field == "uri":
            return self._read(block, text, "uri = ?", exact)
        keys = block.keys_with(field, np.array([_fragment(field, exact)], np.uint32))
        return self._read(block, text, "key IN (SELECT value FROM json_each(?))", str(keys.tolist()))

    def _read(self, block: Block, text: str, test: str, value: str) -> Iterator[tuple[int, str]]:
        query = f"SELECT key, {text} FROM image WHERE key >= ? AND key < ? AND {test}"
        return self._view.connection.execute(query, (block.start, block.start + block.rows, value))


def _fragment(field: str, text: str) -> int:
    """Give what a page holds of an id or a hash; a text that is no hash has none, and whatever is found is no match."""
    if field == "id":
        return fragment(text.encode("utf-8", "surrogatepass"))
    try:
        return fragment(to_blob(text))
    except ValueError:
        return 0


def _within(block: Block, where: Between) -> np.ndarray:
    values = block.column(where.field)
    step = _SECOND if kind_of(where.field) is Kind.DATE else 1
    result = values != NO_TIME if step == _SECOND else np.ones(block.rows, np.bool_)
    if where.low is not None:
        result &= values >= min(max(where.low * step, _INT64.min), _INT64.max)
    if where.high is not None:
        result &= values <= min(max(where.high * step + step - 1, _INT64.min), _INT64.max)
    return result


def _longest_piece(pattern: str) -> str:
    """Give the longest text that everything matching the pattern holds."""
    pieces = [re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL) for piece in _PIECES.findall(pattern)]
    return max(pieces, key=len, default="")

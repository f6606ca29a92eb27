"""Which records suit some words best? Candidates by the words that they hold, told by Milvus; then their texts.

The measure is that of all galleries, so that scores can be compared; only which records are scored is decided here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from lookalike.gallery import Others
from lookalike.gallery.milvus.codes import all_of, any_of, code_of, holds_all, holds_any, is_id
from lookalike.gallery.milvus.columns import MORE_WORDS, SHORTEST_BEGINNING, beginning_code, is_noted, written_terms
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.rows import HEAD, to_record
from lookalike.gallery.milvus.schema import BM25, records_of
from lookalike.gallery.milvus.selecting import Selection
from lookalike.gallery.milvus.server import LARGEST_WINDOW, Row, Server
from lookalike.gallery.milvus.walking import fetch
from lookalike.gallery.suiting import Measure, Sought, Term, sought, telling_most, with_rarity
from lookalike.gallery.texts import texts_of
from lookalike.types import Neighbors

_MOST_TERMS = 4_096
"""Of a query, as in other galleries; what comes after is not looked at."""
_COUNTED = 64
"""Of those that occur at all; each costs a question to the server. Of the others, about as many are taken to hold one
as hold one of these."""
_SCORED = 2_000
"""Records that are all read and scored where no more hold any of the words."""
_CANDIDATES, _ENOUGH = 400, 50
"""Records of one group of words that are read, and after how many further groups are not needed."""
_TOGETHER = 4
"""Rare words that are looked for together, and then in smaller groups."""
_MOST_BEGUN = 1_000
"""Words that begin like an unfinished one, and are looked for with it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A term that occurs, as Milvus is asked for it, and how many records hold it."""

    expression: str
    holders: int
    codes: tuple[int, ...]


def match_words(
    server: Server,
    notes: Notes,
    terms: Sequence[Term],
    k: int,
    selection: Selection,
    also: Others | None = None,
) -> Neighbors:
    """Give the k records that suit some terms best, best first; those that `also` names are scored, too."""
    search = _Search(server, notes)
    wanted, known = search.understand(sought(terms[:_MOST_TERMS]))
    if not wanted:
        return Neighbors((), np.zeros(0, np.float32))
    measure = Measure(wanted)
    candidates = search.candidates(sorted(known, key=lambda one: one.holders), max(k, _CANDIDATES), selection)
    passing = _scored(candidates, measure)
    named = sorted({id_ for id_ in also() if is_id(id_)}) if also else []
    others = _scored(search.rows(any_of("id", named)), measure) if named else {}
    best = sorted((-score, id_) for id_, score in passing.items())[:k]
    kept = sorted({*best, *((-score, id_) for id_, score in others.items())})
    return Neighbors(tuple(id_ for _, id_ in kept), np.array([-score for score, _ in kept], np.float32))


def _codes(one: Sought) -> list[int]:
    return [code_of("word", token) for token in one.tokens]


def _scored(rows: Iterable[Row], measure: Measure) -> dict[str, float]:
    scores = {row["id"]: measure.score(texts_of(to_record(row, {}, features=False))) for row in rows}
    return {id_: score for id_, score in scores.items() if score}


@dataclass(frozen=True, slots=True)
class _Search:
    """Asks Milvus about one query's words."""

    server: Server
    notes: Notes

    @property
    def _collection(self) -> str:
        return records_of(self.server.address.name)

    def rows(self, where: str) -> list[Row]:
        """Read the records that pass."""
        return fetch(self.server, self._collection, where, HEAD)

    def understand(self, terms: Sequence[Sought]) -> tuple[list[Sought], list[_Known]]:
        """Say how much each term tells, and how to ask for those that occur."""
        records = self.server.count(self._collection, "")
        tokens = {token for one in terms for token in one.tokens}
        occurring = self.notes.vocabulary.known_words([code_of("word", token) for token in tokens if is_noted(token)])
        occurring |= self._unnoted(sorted(token for token in tokens if not is_noted(token)))
        wanted: list[Sought] = []
        known: list[_Known] = []
        for one in terms:
            if len(known) < _COUNTED:
                found = self._find(one, occurring)
                known += found
                holders = float(sum(term.holders for term in found))
            else:
                holders = median(term.holders for term in known) if occurring.issuperset(_codes(one)) else 0.0
            wanted.append(with_rarity(one, holders, records))
        return wanted, known

    def _unnoted(self, tokens: Sequence[str]) -> set[int]:
        """Give the codes of those words that occur though they are not noted, by halving until none does."""
        begun = self.notes.vocabulary.known_beginnings({beginning_code(token) for token in tokens})
        groups = [[code_of("word", token) for token in tokens if beginning_code(token) in begun]]
        found: set[int] = set()
        while groups and len(found) < _COUNTED:
            codes = groups.pop()
            if not codes or not self._holders(holds_any("words", codes)):
                continue
            if len(codes) == 1:
                found.update(codes)
            else:
                groups += [codes[len(codes) // 2 :], codes[: len(codes) // 2]]
        return found

    def _find(self, one: Sought, occurring: Collection[int]) -> list[_Known]:
        codes = _codes(one)
        found: list[_Known] = []
        if all(code in occurring for code in codes):
            rarest = min(self._holders(holds_any("words", [code])) for code in dict.fromkeys(codes))
            if rarest:
                found = [_Known(holds_all("words", codes), rarest, tuple(codes))]
            elif self.notes.vocabulary.words_are_left_out():
                more = holds_any("words", [MORE_WORDS])
                found = [_Known(more, self._holders(more), tuple(codes))]
        if one.unfinished and len(one.tokens[-1]) >= SHORTEST_BEGINNING:
            begun = [
                *self.notes.vocabulary.words_that_begin(one.tokens[-1])[:_MOST_BEGUN],
                beginning_code(one.tokens[-1]),
            ]
            expression = all_of([holds_all("words", codes[:-1]), holds_any("words", begun)])
            holders = self._holders(expression)
            if holders > sum(term.holders for term in found):
                return [_Known(expression, holders, (*codes[:-1], *begun))]
        return found

    def _holders(self, expression: str) -> int:
        return self.server.count(self._collection, expression)

    def candidates(self, known: Sequence[_Known], most: int, selection: Selection) -> list[Row]:
        """Read records that hold many of the terms, which come rarest first; those of the most likely."""
        if not known:
            return []
        more = holds_any("words", [MORE_WORDS])
        likely = self._suiting if self.server.has_field(self._collection, "terms") else self._likely
        found: dict[str, Row] = {}
        for part in selection.parts:
            if sum(one.holders for one in known) <= max(_SCORED, most):
                either = " || ".join(f"({one.expression})" for one in known)
                found |= {row["id"]: row for row in self.rows(all_of([part, f"{either} || {more}"]))}
            else:
                found |= {row["id"]: row for row in likely(known, most, part)}
        return list(found.values())

    def _suiting(self, known: Sequence[_Known], most: int, part: str) -> list[Row]:
        """Give the records that suit the terms best by the server's own BM25."""
        text = written_terms(dict.fromkeys(code for one in known for code in one.codes))
        return self.server.suiting(self._collection, BM25, text, min(most, LARGEST_WINDOW), part, HEAD)

    def _likely(self, known: Sequence[_Known], most: int, part: str) -> Iterable[Row]:
        """Give records that hold several of the rarest terms at once."""
        rare = known[:_TOGETHER]
        found: dict[str, Row] = {}
        for group in (known[: 2 * _TOGETHER], rare, *telling_most(rare)):
            if len(found) >= (most if len(group) >= len(rare) else _ENOUGH):
                break
            where = all_of([part, *(one.expression for one in group)])
            rows = self.server.query(self._collection, where, HEAD, most)
            found |= {row["id"]: row for row in rows}
        return found.values()

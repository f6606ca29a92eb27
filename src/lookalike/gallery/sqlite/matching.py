"""Which records suit some words best? Candidates from FTS5, a few queries of few words each; then their texts.

No query costs more than some milliseconds however many records there are and however common the words: what FTS5 is
asked for holds few, rare words and ends after some hundred records, and nothing but those is scored. In small galleries
all that hold the words are put in order first; in others, those come first that hold one in a title, a tag or a name.
"""

# ruff: noqa: S608 - what is put together is our own; values are bound
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np

from lookalike.gallery.sqlite.text import stored_texts
from lookalike.gallery.sqlite.view import View
from lookalike.gallery.suiting import Measure, Sought, Term, sought, telling_most, with_rarity

_MAX_TERMS = 4_096
"""Of a query; what comes after is not looked at."""
_COUNTED = 1_000
"""Records that are counted to learn how common a word is; beyond, it is reckoned from where they lie."""
_RANKED = 2_000
"""So many records are put in order by FTS5 itself, in 2 µs each; of several groups of words only so many in each:"""
_RANKED_IN_GROUP = 300
_SMALL = 20_000
"""Records of a gallery in which any number of them is ranked: in 0.6 µs each, as all their words lie in memory."""
_LOOKED_THROUGH = 50_000
"""Records, the newest, among which those are looked for that hold a common word where it tells most; and about as many
of those that pass a filter, where they are few."""
_CANDIDATES = 100
"""Records that are scored, in some 12 µs each; more where more are asked for."""
_TOGETHER = 4
"""Rare words that are looked for together, and then in smaller groups. Common words need not be looked for: they tell
little, and FTS5 takes 20 ms for twelve words together."""
_ENOUGH = 50
"""Candidates after which records that hold fewer of the words, or less telling ones, need not be looked for."""
_SHORTEST_BEGINNING = 3
"""Letters; fewer begin so many words that putting their lists together takes seconds."""
_PROMINENT = "{title tags name}"
"""Where a word says more of a picture than in a long text."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A term that occurs, as FTS5 asks for it, and how many records about hold it."""

    query: str
    holders: float


def match_words(
    view: View, terms: Sequence[Term], k: int, passing: np.ndarray | None, also: Callable[[], Collection[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Give the keys and the scores of the k records that suit some terms best, best first.

    The keys that `also` gives, asked last, are scored, too, and come along where they hold anything; they need not
    pass.
    """
    connection = view.connection
    if passing is not None:
        flags: Any = passing.tobytes()
        connection.create_scalar_function("passes", flags.__getitem__, 1, deterministic=True)
    records = int(connection.execute("SELECT keys FROM gallery").get)
    search = _Search(view, records, "" if passing is None else "AND passes(rowid)")
    wanted, known = [], []
    for one in sought(terms[:_MAX_TERMS]):
        queries = search.understand(one)
        known += queries
        wanted.append(with_rarity(one, sum(query.holders for query in queries), records))
    candidates = search.candidates(sorted(known, key=lambda one: one.holders), max(k, _CANDIDATES))
    measure = Measure(wanted)
    scored = _scored(connection, candidates, measure)
    others = also()
    best = sorted(scored + _scored(connection, set(others).difference(candidates), measure))
    kept = best[:k] + [one for one in best[k:] if one[1] in others]
    return np.array([key for _, key in kept], np.int64), np.array([-score for score, _ in kept], np.float32)


@dataclass(frozen=True, slots=True)
class _Search:
    """Asks FTS5 about one query's words."""

    view: View
    records: int
    also: str
    """What else must hold for a row."""

    def understand(self, one: Sought) -> list[_Known]:
        """Give how to ask for a term, and for what begins like it where that will do; nothing where none holds it.

        Quoted words mean nothing but themselves.
        """
        found = []
        quoted = f'"{one.spelling}"'
        holders = self._holders(quoted) if len(one.tokens) == 1 else self._holders_of_phrase(one)
        if holders:
            found.append(_Known(quoted, holders))
        if one.unfinished and len(one.tokens[-1]) >= _SHORTEST_BEGINNING and holders < _ENOUGH:
            begun = self._holders(f"{quoted} *")
            if begun > holders:
                found = [_Known(f"({quoted} *)", begun)]
        return found

    def candidates(self, known: Sequence[_Known], most: int) -> list[int]:
        """Give the keys of records that hold many of the terms, which come rarest first; those of the most likely.

        Where these are not so many, others follow that hold any of them.
        """
        if sum(one.holders for one in known) <= max(_RANKED, most):
            return self._ask(" OR ".join(one.query for one in known), most, "ORDER BY rank") if known else []
        rare = known[:_TOGETHER]
        together = self._together(rare, most)
        if len(together) >= most and len(known) > _TOGETHER:
            more = self._together(known[: 2 * _TOGETHER], most, prominent_first=False)  # those are in `together`
            together = [*more, *together]
        found = dict.fromkeys(together)
        for group in telling_most(rare):
            if len(found) >= min(most, _ENOUGH):
                break
            found.update(dict.fromkeys(self._together(group, most)))
        looked_through = 0.0  # where all may pass, the first that hold a word will do
        for one in known:
            if len(found) >= most or looked_through > _LOOKED_THROUGH:
                break
            found.update(dict.fromkeys(self._ask(one.query, most)))
            looked_through += one.holders if self.also else most
        return list(found)[:most]

    def _together(self, group: Sequence[_Known], most: int, *, prominent_first: bool = True) -> list[int]:
        """Give the keys of records that hold all of some terms; where these are rare, of those that suit best.

        Common words cost up to 50 ms among a million records, if those that hold one prominently are to come first.
        """
        together = " AND ".join(one.query for one in group)
        if self.records <= _SMALL or sum(one.holders for one in group) <= _RANKED_IN_GROUP:
            return self._ask(together, most, "ORDER BY rank")
        found = self._ask(together, most)
        if len(found) < most or not prominent_first:
            return found
        prominent = " OR ".join(one.query for one in group)
        first = self.records * (1 - _LOOKED_THROUGH / min(one.holders for one in group))
        newest = f"AND rowid >= {int(first)}" if first > 0 else ""
        return [*self._ask(f"({_PROMINENT} : ({prominent})) AND {together}", most, newest), *found]

    def _ask(self, query: str, most: int, how: str = "") -> list[int]:
        statement = f"SELECT rowid FROM words WHERE words MATCH ? {self.also} {how} LIMIT ?"
        return [key for (key,) in self.view.connection.execute(statement, (query, most))]

    def _holders(self, query: str) -> float:
        """Count the records that hold something, or reckon how many they are; common words are asked for often."""
        return self.view.holders(query, lambda: self._counted(query))

    def _counted(self, query: str) -> float:
        statement = "SELECT count(*), max(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ? LIMIT ?)"
        count, last = self.view.connection.execute(statement, (query, _COUNTED)).get
        return float(count) if count < _COUNTED else float(max(_COUNTED, count * self.records / (last + 1)))

    def _holders_of_phrase(self, one: Sought) -> float:
        """Give how many hold the rarest of its words: looking for a phrase of common words takes long."""
        return min(self._holders(f'"{word}"') for word in one.spelling.split(" "))


def _scored(connection: apsw.Connection, keys: Collection[int], measure: Measure) -> list[tuple[float, int]]:
    """Give the scores, negated, and the keys of those that hold anything."""
    scored = [(-measure.score(texts), key) for key, texts in stored_texts(connection, keys)] if keys else []
    return [one for one in scored if one[0]]

"""Which texts occur in a gallery? Labels, tags, folders and words, noted for patterns to be looked up among them."""

import time
from collections.abc import Collection, Iterable
from threading import Lock

from lookalike.gallery.milvus.codes import all_of, begins_with, code_of
from lookalike.gallery.milvus.columns import Terms, beginning_code
from lookalike.gallery.milvus.rows import LONGEST_TEXT, note_row
from lookalike.gallery.milvus.schema import notes_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.walking import fetch

_MOST_KNOWN = 200_000
"""Terms that a writer remembers having noted, so that it need not note them again; 20 MB."""
_FRESH_S = 0.5
"""How long what was read is believed to be all; what this client notes itself is known at once."""


class Vocabulary:
    """The notes of the texts that occur, by kind, and the codes that stand for them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._collection = notes_of(server.address.name)
        self._lock = Lock()
        self._times_noted = 0
        self.forget()

    def forget(self) -> None:
        """Believe in nothing that was noted or read, as the gallery may hold none of it any more."""
        with self._lock:
            self._noted: set[int] = set()
            self._terms: dict[str, tuple[float, dict[str, int]]] = {}
            self._none_left_out_at = float("-inf")

    def note(self, held: Iterable[Terms]) -> None:
        """Keep which texts occur, by kind, so that patterns can be looked up among them."""
        terms: dict[str, set[str]] = {}
        for one in held:
            for kind, texts in one.noted.items():
                terms.setdefault(kind, set()).update(texts)
        with self._lock:
            noted = self._noted
            new = {
                code: note_row(f"{kind}:{code}", kind, number=code, name=_cut(text))
                for kind, texts in terms.items()
                for text in texts
                if (code := code_of(kind, text)) not in noted
            }
            if len(noted) > _MOST_KNOWN:
                noted.clear()
        rows = list(new.values())
        for start in range(0, len(rows), 4_000):
            self._server.upsert(self._collection, rows[start : start + 4_000])
        with self._lock:
            noted.update(new)
            self._times_noted += 1
            for kind in {str(row["kind"]) for row in rows} & self._terms.keys():
                self._terms[kind] = (float("-inf"), self._terms[kind][1])

    def terms(self, kind: str) -> dict[str, int]:
        """Give all texts of a kind that may occur, and their codes; they only ever become more."""
        read, known = self._terms.get(kind, (float("-inf"), {}))
        if time.monotonic() - read <= _FRESH_S:
            return known
        where, times_noted = f'kind == "{kind}"', self._times_noted
        if self._server.count(self._collection, where) != len(known):
            rows = fetch(self._server, self._collection, where, ("number", "name"))
            known = {row["name"]: int(row["number"]) for row in rows}
        with self._lock:
            is_all = bool(known) and times_noted == self._times_noted  # else more was noted since it was asked for
            self._terms[kind] = (time.monotonic() if is_all else float("-inf"), known)
        return known

    def words_that_begin(self, beginning: str) -> list[int]:
        """Give the codes of the words that begin so."""
        where = all_of(['kind == "word"', begins_with("name", beginning)])
        return [int(row["number"]) for row in fetch(self._server, self._collection, where, ("number",))]

    def occurs_unnoted(self, word: str) -> bool:
        """Whether some word that is not noted itself begins as this one does."""
        return bool(self.known_beginnings([beginning_code(word)]))

    def words_are_left_out(self) -> bool:
        """Whether some record holds more words than there are codes kept of it."""
        code = code_of("more", "words")
        if code not in self._noted and time.monotonic() - self._none_left_out_at > _FRESH_S:
            if self._known("more", [code]):
                self._noted.add(code)
            else:
                self._none_left_out_at = time.monotonic()
        return code in self._noted

    def known_words(self, codes: Collection[int]) -> set[int]:
        """Give those of some words' codes that may occur."""
        return self._known("word", codes)

    def known_beginnings(self, codes: Collection[int]) -> set[int]:
        """Give those of some beginnings' codes that a word which is not noted itself may have."""
        return self._known("begins", codes)

    def _known(self, kind: str, codes: Collection[int]) -> set[int]:
        rows = self._server.rows(self._collection, [f"{kind}:{code}" for code in codes], ("id", "number"))
        return {int(row["number"]) for row in rows.values()}


def _cut(text: str) -> str:
    """Give as much of a text as can be kept; only words are ever longer, which are looked up here by how they begin."""
    return text.encode()[:LONGEST_TEXT].decode(errors="ignore")

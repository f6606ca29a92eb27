"""What does Milvus have to be asked for a filter? An expression; and where that passes too much, what to look at again.

Texts are compared by their codes: patterns are first looked up among the labels, tags, folders and words that occur.
What no code stands for (a pattern of a file name, a phrase) is asked more broadly than meant, and then `matches` has
the last word on each record; that takes time, but never an answer.
"""

from dataclasses import dataclass, replace

from lookalike.gallery.filters import And, Between, Filter, Kind, Matches, Not, Or, kind_of, matcher
from lookalike.gallery.filters.patterns import plain, words_of
from lookalike.gallery.milvus.codes import (
    EVERYTHING,
    NO_TIME,
    NOTHING,
    any_of,
    begins_with,
    code_of,
    holds_all,
    holds_any,
    is_id,
)
from lookalike.gallery.milvus.columns import MORE_WORDS, SHORTEST_BEGINNING, TERMS, beginning_code, entry_code
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.tokens import tokens_of
from lookalike.uris import image_id

_SECOND = 1_000_000
_LARGEST = 2**62
_MOST_CODES = 4_000
"""In one expression; a pattern that more texts match is not put into codes."""
_BELOW_FOLDER = "/*"


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter in Milvus's words."""

    expression: str
    exact: bool
    """Whether just the records that the filter means pass; if not, others may, too, but none is missing."""
    of_texts: bool = False
    """Whether it compares what only the collection of records has."""


_ALL = Asked(EVERYTHING, False)
_NONE = Asked(NOTHING, True)


def translate(where: Filter | None, notes: Notes) -> Asked:
    """Translate a filter; None lets everything pass."""
    match where:
        case None:
            return Asked(EVERYTHING, True)
        case And(parts):
            return _joined([translate(part, notes) for part in parts], "&&", EVERYTHING)
        case Or(parts):
            return _either(parts, notes)
        case Not(part):
            return _negated(part, notes)
        case Between():
            return Asked(_between(where), True)
        case Matches(field, pattern):
            return _matching(field, pattern, notes)


def _negated(part: Filter, notes: Notes) -> Asked:
    """Translate what must not hold; of two negations nothing is left, as a search passes no more than some fifty."""
    if isinstance(part, Not):
        return translate(part.part, notes)
    inner = translate(part, notes)
    return replace(inner, expression=f"not ({inner.expression})") if inner.exact else _ALL


def _either(parts: tuple[Filter, ...], notes: Notes) -> Asked:
    """Translate alternatives; many ids, which the web app asks for at once, as one list."""
    ids = {one.pattern for one in parts if isinstance(one, Matches) and one.field == "id" and is_id(one.pattern)}
    rest = [one for one in parts if not (isinstance(one, Matches) and one.field == "id" and is_id(one.pattern))]
    listed = [Asked(any_of("id", sorted(ids)), True)] if ids else []
    return _joined([*listed, *(translate(part, notes) for part in rest)], "||", NOTHING)


def _joined(parts: list[Asked], sign: str, neutral: str) -> Asked:
    """Join parts; halves of halves, as a search passes no more than some fifty that are one within another."""
    different = list(dict.fromkeys(part.expression for part in parts if part.expression != neutral))
    exact, of_texts = all(part.exact for part in parts), any(part.of_texts for part in parts)
    return Asked(_halved(different, sign) if different else neutral, exact, of_texts)


def _halved(expressions: list[str], sign: str) -> str:
    if len(expressions) == 1:
        return expressions[0]
    middle = len(expressions) // 2
    return f"({_halved(expressions[:middle], sign)}) {sign} ({_halved(expressions[middle:], sign)})"


def _between(where: Between) -> str:
    step = _SECOND if kind_of(where.field) is Kind.DATE else 1
    bounds = [f"{where.field} > {NO_TIME}"] if step == _SECOND else []
    if where.low is not None:
        bounds.append(f"{where.field} >= {_within(where.low * step)}")
    if where.high is not None:
        bounds.append(f"{where.field} <= {_within(where.high * step + step - 1)}")
    return " && ".join(bounds) or EVERYTHING


def _within(number: int) -> int:
    return min(max(number, 1 - _LARGEST), _LARGEST)


def _matching(field: str, pattern: str, notes: Notes) -> Asked:
    if field in (*TERMS, "tag"):
        return _among_terms(field, pattern, notes)
    if field in _BY_NOTES:
        return _BY_NOTES[field](pattern, notes)
    if field in _BY_PATTERN:
        return _BY_PATTERN[field](pattern)
    return _metadata(field.removeprefix("meta."), pattern)


def _among_terms(field: str, pattern: str, notes: Notes) -> Asked:
    passes = matcher(kind_of(field), pattern)
    terms = notes.vocabulary.terms(field)
    codes = [code for text, code in terms.items() if passes(text)]
    if len(codes) == len(terms) - ("" in terms) and len(codes) > _MOST_CODES:
        empty = code_of(field, "")
        return Asked("array_length(tags) > 0" if field == "tag" else f"{field} != {empty}", True)
    if len(codes) > _MOST_CODES:
        return _ALL
    return Asked(holds_any("tags", codes) if field == "tag" else any_of(field, codes), True)


def _path(pattern: str, notes: Notes) -> Asked:
    if pattern.endswith(_BELOW_FOLDER):
        # Whatever the name after the last slash is, the last star takes it.
        passes = matcher(Kind.PATH, pattern)
        codes = [code for text, code in notes.vocabulary.terms("folder").items() if passes(text)]
        if len(codes) <= _MOST_CODES:
            return Asked(any_of("folder", codes), True)
    return _ALL


def _text(pattern: str, notes: Notes) -> Asked:
    words, unfinished = words_of(pattern)
    tokens = tokens_of(" ".join(words))
    if not tokens:
        return _NONE
    certain = [code_of("word", token) for token in (tokens[:-1] if unfinished else tokens)]
    more = notes.vocabulary.words_are_left_out()
    parts = [holds_all("words", certain)] if certain else []
    exact_end = not unfinished
    if unfinished and len(tokens[-1]) >= SHORTEST_BEGINNING:
        begun = notes.vocabulary.words_that_begin(tokens[-1])
        unnoted = notes.vocabulary.occurs_unnoted(tokens[-1])
        if len(begun) <= _MOST_CODES:
            parts.append(holds_any("words", [*begun, beginning_code(tokens[-1])] if unnoted else begun))
            exact_end = not unnoted
    expression = " && ".join(parts) or EVERYTHING
    exact = len(tokens) == 1 and exact_end and bool(parts) and not more
    return Asked(f"({expression}) || {holds_any('words', [MORE_WORDS])}" if more else expression, exact)


def _id(pattern: str) -> Asked:
    exact = plain(pattern)
    if exact is not None:
        return Asked(any_of("id", [exact]), True) if is_id(exact) else _NONE
    beginning = _beginning(pattern)
    return Asked(begins_with("id", beginning), pattern == f"{beginning}*")


def _uri(pattern: str) -> Asked:
    exact = plain(pattern)
    if exact is not None:
        return Asked(any_of("id", [image_id(exact)]), False) if _is_unicode(exact) else _NONE
    beginning = _beginning(pattern)
    return Asked(begins_with("uri", beginning), pattern == f"{beginning}*", of_texts=True)


def _sha256(pattern: str) -> Asked:
    exact = plain(pattern)
    if exact is not None:
        return Asked(any_of("sha256", [code_of("sha256", exact)]), False)
    has_one = f"sha256 != {code_of('sha256', '')}"
    return Asked(has_one, pattern in ("*", "?*", "*?"), of_texts=True)


def _metadata(name: str, pattern: str) -> Asked:
    exact = plain(pattern)
    if exact is not None:
        return Asked(holds_any("meta", [entry_code(name, exact)]), True) if exact else _NONE
    return Asked(holds_any("meta", [code_of("name", name)]), pattern == "*")


def _beginning(pattern: str) -> str:
    """Give what all texts that match begin with, as far as plain signs go."""
    for place, sign in enumerate(pattern):
        if sign in "*?\\" or not "\x20" <= sign < "\x7f":
            return pattern[:place]
    return pattern


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


_BY_NOTES = {"text": _text, "path": _path}
_BY_PATTERN = {"id": _id, "uri": _uri, "sha256": _sha256}

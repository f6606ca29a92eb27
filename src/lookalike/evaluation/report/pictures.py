"""Which queries does the reader see, with their hits? The worst and the best, and those on which two systems differ."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from html import escape

from lookalike.evaluation.judged import Judged, JudgedHit
from lookalike.evaluation.measures import reciprocal_rank
from lookalike.evaluation.report.sections import Section, Versus, score_of
from lookalike.evaluation.report.wording import OF_ONE, percent, readable

_WORST, _BEST, _TURNED = 8, 4, 5
_HITS = 8
_NAME, _TEXT = 80, 200
"""Characters of a file's name, the last ones, and of words."""

Thumbnail = Callable[[str], bytes | None]
"""Gives the small JPEG of a record by its id; None where there is no such record, or its original has gone."""


class Pictures:
    """Draws queries and hits with the thumbnails that it is given."""

    def __init__(self, thumbnail: Thumbnail, group_of: Callable[[str], str] = lambda _: "") -> None:
        """Draw records by `thumbnail`; `group_of` says which class a record is of, to be read below it."""
        self._thumbnail = thumbnail
        self._group_of = group_of

    def queries(self, section: Section) -> str:
        """Show the worst queries of a section, then the best; falsely accepted distractors come first of all."""
        accepted = [query for query in section.judged if not query.relevant and query.accepts]
        answered = [query for query in section.judged if query.relevant]
        ranked = sorted(answered, key=lambda query: _goodness(section, query))
        worst = [query for query in ranked if score_of(section, query) < 1][:_WORST]
        best = ranked[len(worst) :][::-1][:_BEST]
        parts = [
            ("Called the same, though nothing is right", self._list(section, accepted[:_WORST])),
            ("The worst queries", self._list(section, worst)),
            ("The best queries", self._list(section, best)),
        ]
        return "".join(f"<h3>{title}</h3>{drawn}" for title, drawn in parts if drawn)

    def turned(self, versus: Versus) -> str:
        """Show the queries on which B is furthest above A, and furthest below."""
        pairs = [
            (score_of(versus.b, b) - score_of(versus.a, a), a, b)
            for a, b in zip(versus.a.judged, versus.b.judged, strict=True)
            if a.relevant
        ]
        pairs.sort(key=lambda pair: (pair[0], pair[1].key))
        better = [pair for pair in reversed(pairs) if pair[0] > 0][:_TURNED]
        worse = [pair for pair in pairs if pair[0] < 0][:_TURNED]
        parts = []
        for title, chosen in (("Where B is better", better), ("Where A is better", worse)):
            rows = [self._query(versus.a, a, "A") + self._query(versus.b, b, "B") for _, a, b in chosen]
            parts += [f"<h3>{title}</h3>", *rows] if rows else []
        return "".join(parts)

    def _list(self, section: Section, queries: Iterable[Judged]) -> str:
        return "".join(self._query(section, query) for query in queries)

    def _query(self, section: Section, query: Judged, side: str = "") -> str:
        measure = escape(OF_ONE.get(section.leading, section.leading))
        score = f"{measure} {percent(score_of(section, query))}" if query.relevant else "nothing is right"
        group = escape(readable(query.group))
        picture = self._asked(query)
        name = escape(_short(readable(query.name), is_path=bool(picture)))
        said = picture + f'<span class="soft">{name}</span>' if picture else f"<q>{name}</q>"
        head = f"{said}<b>{f'{side} · ' if side else ''}{score}</b>{f'<span>{group}</span>' if group else ''}"
        hits = "".join(self._hit(hit) for hit in query.hits[:_HITS])
        return f'<div class="query"><div class="asked">{head}</div><ol class="hits">{hits}</ol></div>'

    def _asked(self, query: Judged) -> str:
        if query.jpeg:
            return _frame(query.jpeg)
        jpeg = self._thumbnail(query.id) if query.id else None
        if jpeg is None:
            return _frame(None) if query.id else ""
        return _frame(jpeg)

    def _hit(self, hit: JudgedHit) -> str:
        sign = '<span class="sign">✓</span> ' if hit.is_relevant else ""
        said = f"{sign}{percent(hit.confidence)} %{f' · {hit.tier}' if hit.tier else ''}"
        kind = ' class="right"' if hit.is_relevant else ""
        jpeg = self._thumbnail(hit.id)
        group = escape(readable(self._group_of(hit.id)))
        if jpeg is None:
            return f'<li{kind}><div class="text">{escape(_short(readable(hit.id)))}</div>{said}</li>'
        return f"<li{kind}>{_frame(jpeg)}{said}{f'<br>{group}' if group else ''}</li>"


def _goodness(section: Section, query: Judged) -> tuple[float, float, str]:
    """Order queries by the leading measure, then by how far down the first right hit stands."""
    return score_of(section, query), reciprocal_rank(query.found), query.key


def _frame(jpeg: bytes | None) -> str:
    if jpeg is None:
        return '<div class="frame"><span class="gone">not there any more</span></div>'
    data = b64encode(jpeg).decode()
    return f'<div class="frame"><img src="data:image/jpeg;base64,{data}" alt=""></div>'


def _short(name: str, *, is_path: bool = False) -> str:
    """Give the file's name of a path; cut what is too long, a path in front."""
    if is_path:
        name = name.rpartition("/")[2]
        return name if len(name) <= _NAME else f"…{name[-_NAME:]}"
    return name if len(name) <= _TEXT else f"{name[:_TEXT]}…"

"""What does an evaluation look like in a browser? One file that asks for nothing else, light or dark."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

import numpy as np

from lookalike.evaluation.figures import ACCEPTED, ERRORS, Group
from lookalike.evaluation.intervals import Difference, Interval
from lookalike.evaluation.judged import SHOWN, Judged, pooled
from lookalike.evaluation.measures import reliability
from lookalike.evaluation.report.charts import (
    confusion_map,
    latency_chart,
    precision_chart,
    reliability_chart,
    success_chart,
)
from lookalike.evaluation.report.curves import mean_precision, pooled_precision, spread, success_by_depth
from lookalike.evaluation.report.pictures import Pictures
from lookalike.evaluation.report.sections import Report, Section, Versus
from lookalike.evaluation.report.wording import (
    MEANS,
    asked_of,
    difference_range,
    difference_words,
    excused,
    percent,
    range_words,
    readable,
    verdict,
)

_OPEN_GROUPS = 12
"""Groups that are shown at once; the others fold away."""
_MIXED_UP = 10
_BINS = 10
_DEEPEST = 20

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Lookalike</title>
<style>
{style}</style>
</head>
<body>
<main>
<header><h1>{title}</h1>
<dl class="facts">{facts}</dl></header>
{body}
<footer>Figures in percent where nothing else is said; ranges hold in 95 of 100 drawings of as many queries.
Pictures with a green rim and a ✓ are right.</footer>
</main>
</body>
</html>
"""


def render(report: Report, pictures: Pictures) -> bytes:
    """Make the page, UTF-8."""
    body = [_tiles(report.sections)] if report.sections else []
    body += [_versus(one, pictures) for one in report.versus]
    body += [_section(one, number, pictures) for number, one in enumerate(report.sections)]
    page = _PAGE.format(
        title="Which one searches better?" if report.versus else "How good is search?",
        style=(files("lookalike.evaluation.report") / "page.css").read_text("utf-8"),
        facts="".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(readable(value))}</dd></div>"
            for name, value in report.about.items()
        ),
        body="\n".join(body),
    )
    return page.encode(errors="replace")


def _tiles(sections: Sequence[Section]) -> str:
    tiles = []
    for number, section in enumerate(sections):
        leading = section.figures.overall[section.leading]
        says = f"{escape(section.leading)} · {escape(section.title.lower())}"
        tiles.append(
            f'<a class="tile" href="#run{number}"><b>{percent(leading.value)}</b><span>{says}'
            f"<br>{range_words(leading)}</span></a>"
        )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _section(section: Section, number: int, pictures: Pictures) -> str:
    parts = [
        f'<section id="run{number}"><h2>{escape(section.title)}</h2>',
        f'<p class="says">{escape(readable(section.says))} {asked_of(section)}</p>',
        *_told(section),
        pictures.queries(section),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _told(section: Section) -> list[str]:
    """Tell a section in figures."""
    charts = f'<div class="charts">{"".join(_charts(section))}</div>'
    return [_measures(section), charts, _groups(section), _mixed_up(section)]


def _measures(section: Section) -> str:
    rows = [
        f'<tr><td class="name" title="{escape(MEANS.get(name, ""))}">{escape(name)}</td>'
        f'<td class="n"><strong>{percent(one.value)}</strong></td><td class="n"><span class="range">'
        f'{range_words(one)}</span></td><td class="wide">{_gauge(one, is_error=name in ERRORS)}</td></tr>'
        for name, one in section.figures.overall.items()
    ]
    figures = section.figures
    if figures.distractors:
        said = f"{figures.false_accepts:,} of {figures.distractors:,}"
        rows.append(
            f'<tr><td class="name">{ACCEPTED}</td>'
            f'<td class="n"><strong>{said}</strong></td><td></td><td class="wide"></td></tr>'
        )
    note = f'<p class="note">{excused(figures)}</p>' if figures.excusing else ""
    head = '<tr><th>measure</th><th class="n">%</th><th class="n">95 % interval</th><th></th></tr>'
    return f'<div class="scroll"><table>{head}{"".join(rows)}</table></div>{note}'


def _gauge(one: Interval, *, is_error: bool = False) -> str:
    """Draw a share as a bar with its interval."""
    if not np.isfinite(one.value) or is_error:
        return ""
    value, low, high = (200 * min(max(share, 0.0), 1.0) for share in (one.value, one.low, one.high))
    return (
        '<svg class="gauge" viewBox="0 0 200 14" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="200" height="8" y="3" rx="4"/>'
        f'<rect class="value" width="{value:.1f}" height="8" y="3" rx="4"/>'
        f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/></svg>'
    )


def _charts(section: Section) -> Iterator[str]:
    whole = not any(hit.tier for query in section.judged for hit in query.hits)
    if whole:
        yield _ranking([(section.title, section.judged)])
    points = [] if whole else pooled_precision(section.judged)
    if points:
        said = "Precision and recall, all hits of all queries in one ranking."
        yield _figure(precision_chart([(section.title, points)], said), said)
    hits = pooled(section.judged, most=SHOWN, only_copies=not whole)
    if len(hits.confidences) and any("calibration error" in name for name in section.figures.overall):
        said = "How often a hit is right that is said to be so sure; on the dashes it is as said."
        yield _figure(reliability_chart(reliability(hits.confidences, hits.right, _BINS), said), said)
    bars = spread([query.seconds for query in section.judged])
    if bars:
        p50 = 1_000 * section.figures.seconds["p50"]
        said = f"How long a search took; half of them {p50:,.0f} ms or less."
        yield _figure(latency_chart(bars, dict(section.figures.seconds), said), said)


def _figure(svg: str, says: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(says)}</figcaption></figure>"


def _groups(section: Section) -> str:
    groups = section.figures.groups
    if not groups:
        return ""
    names = list(groups[0].figures)
    heads = "".join(f'<th class="n">{escape(name)}</th>' for name in names)
    head = f'<tr><th>{escape(section.group_word)}</th><th class="n">queries</th>{heads}<th></th></tr>'
    rows = [_group_row(group) for group in groups]
    shown = f'<div class="scroll"><table>{head}{"".join(rows[:_OPEN_GROUPS])}</table></div>'
    if len(rows) > _OPEN_GROUPS:
        rest = "".join(rows[_OPEN_GROUPS:])
        shown += (
            f"<details><summary>{len(rows) - _OPEN_GROUPS:,} more</summary>"
            f'<div class="scroll"><table>{head}{rest}</table></div></details>'
        )
    return f"<h3>By {escape(section.group_word)}, the worst first</h3>{shown}"


def _group_row(group: Group) -> str:
    cells = "".join(f'<td class="n">{percent(one.value)}</td>' for one in group.figures.values())
    first = next(iter(group.figures.values()))
    return (
        f'<tr><td class="name">{escape(readable(group.name))}</td><td class="n">{group.queries:,}</td>{cells}'
        f'<td class="wide">{_gauge(first)}</td></tr>'
    )


def _mixed_up(section: Section) -> str:
    """Show which classes are taken for which: a map, and the commonest pairs."""
    groups = section.figures.groups
    pairs = sorted(
        (
            (count, group.name, other)
            for group in groups
            for other, count in group.mistaken_for.items()
            if other != group.name
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )[:_MIXED_UP]
    if not pairs:
        return ""
    rows = "".join(
        f'<tr><td class="name">{escape(readable(name))}</td><td class="name">{escape(readable(other))}</td>'
        f'<td class="n">{count:,}</td></tr>'
        for count, name, other in pairs
    )
    table = f'<table><tr><th>asked with</th><th>found first</th><th class="n">times</th></tr>{rows}</table>'
    drawn = confusion_map(groups) if len(groups) <= 200 else ""
    return f'<h3>What is mixed up</h3><div class="columns"><div class="scroll">{drawn}</div><div>{table}</div></div>'


def _versus(versus: Versus, pictures: Pictures) -> str:
    rows = "".join(_versus_row(versus, name, one) for name, one in versus.differences.items())
    head = (
        '<tr><th>measure</th><th class="n"><span class="key a"></span>A</th>'
        '<th class="n"><span class="key b"></span>B</th><th class="n">B − A</th><th></th></tr>'
    )
    chart = _ranking([("A", versus.a.judged), ("B", versus.b.judged)])
    sides = "".join(
        f"<details><summary>{name} in full</summary>{''.join(_told(side))}</details>"
        for name, side in (("A", versus.a), ("B", versus.b))
    )
    return (
        f"<section><h2>{escape(versus.title)}</h2>"
        f'<p class="says">{escape(readable(versus.says))}</p>'
        f'<div class="columns"><div class="scroll"><table>{head}{rows}</table></div>{chart}</div>'
        f"{sides}{pictures.turned(versus)}</section>"
    )


def _ranking(sides: Sequence[tuple[str, Sequence[Judged]]]) -> str:
    """Draw how good rankings are: where each query has one answer, how far down it stands."""
    if all(query.relevant <= 1 for _, queries in sides for query in queries):
        said = "How often something right is among the first k hits."
        depths = [(name, success_by_depth(queries, _DEEPEST)) for name, queries in sides]
        return _figure(success_chart(depths, _DEEPEST, said), said)
    said = "Precision at each recall, mean over queries."
    return _figure(precision_chart([(name, mean_precision(queries)) for name, queries in sides], said), said)


def _versus_row(versus: Versus, name: str, one: Difference) -> str:
    a, b = (side.figures.value(name) for side in (versus.a, versus.b))
    said = verdict(name, one)
    way = {"B is better": "up", "A is better": "down"}.get(said, "")
    return (
        f'<tr><td class="name" title="{escape(MEANS.get(name, ""))}">{escape(name)}</td>'
        f'<td class="n">{percent(a)}</td><td class="n">{percent(b)}</td>'
        f'<td class="n"><strong class="{way}">{difference_words(one)}</strong> '
        f'<span class="range">{difference_range(one)}</span></td><td>{said}</td></tr>'
    )

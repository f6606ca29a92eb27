"""How are curves and counts drawn? As inline SVG; what it looks like, light and dark, the page's style sheet says."""

from collections.abc import Callable, Sequence
from html import escape

from lookalike.evaluation.figures import Group
from lookalike.evaluation.measures import Bin
from lookalike.evaluation.report.curves import Point
from lookalike.evaluation.report.wording import readable

_WIDTH, _HEIGHT = 360, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 40
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_CLASSES = 24
"""Classes on a confusion map; more cannot be read."""


def precision_chart(curves: Sequence[tuple[str, Sequence[Point]]], says: str) -> str:
    """Draw precision against recall, a line for each named curve."""
    return _framed(_lines(curves), says, ("recall", "precision"))


def success_chart(curves: Sequence[tuple[str, Sequence[Point]]], deepest: int, says: str) -> str:
    """Draw how often something right is among the first k, a line for each named curve, for k up to `deepest`."""
    depths = [(k / deepest, str(k)) for k in (1, *range(5, deepest + 1, 5))]
    shares = [(share, f"{share:.0%}") for share in _FIFTHS]
    return _frame(_lines(curves), says, ("first k hits", "success@k"), (depths, shares))


def reliability_chart(bins: Sequence[Bin], says: str) -> str:
    """Draw the share that was right against what was said; on the diagonal one may take a confidence at its word."""
    most = max((one.count for one in bins), default=1)
    dots = "".join(
        f'<circle class="dot" cx="{_x(one.confidence):.1f}" cy="{_y(one.right):.1f}"'
        f' r="{3 + 7 * (one.count / most) ** 0.5:.1f}"><title>said {one.confidence:.0%}, right {one.right:.0%}, '
        f"{one.count:,} hits</title></circle>"
        for one in bins
    )
    line = _path([Point(one.confidence, one.right) for one in bins])
    diagonal = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    return _framed(
        f'{diagonal}<polyline class="line line0 thin" points="{line}"/>{dots}', says, ("confidence", "right")
    )


def latency_chart(bars: Sequence[tuple[Point, float]], marks: dict[str, float], says: str) -> str:
    """Draw how many answers took how many milliseconds, with lines at the percentiles (in seconds)."""
    end = bars[-1][0].x + bars[-1][1]
    most = max(bar.y for bar, _ in bars) or 1.0
    drawn = "".join(
        f'<rect class="bar" x="{_x(bar.x / end):.1f}" y="{_y(bar.y / most):.1f}" '
        f'width="{max(_x(width / end) - _x(0) - 1, 1):.1f}" height="{_y(0) - _y(bar.y / most):.1f}">'
        f"<title>{bar.x:.0f} to {bar.x + width:.0f} ms: {bar.y:.0f}</title></rect>"
        for bar, width in bars
    )
    lines = "".join(_mark(name, 1_000 * seconds / end) for name, seconds in marks.items() if 1_000 * seconds <= end)
    ticks = [(share, f"{share * end:.0f}") for share in _FIFTHS]
    counts = [(share, f"{share * most:.0f}") for share in (0.0, 0.5, 1.0)]
    return _frame(drawn + lines, says, ("milliseconds", "queries"), (ticks, counts))


def confusion_map(groups: Sequence[Group]) -> str:
    """Draw which class the first hit came from, of the classes that are mixed up most; a row a class asked with."""
    mixed = _most_mixed(groups)
    if len(mixed) < 2:
        return ""
    cell = 22 if len(mixed) > 12 else 30 if len(mixed) > 6 else 44
    margin = 10 + min(150, 7 * max(len(_short(group.name)) for group in mixed))
    side = cell * len(mixed)
    names = [group.name for group in mixed]
    parts = [
        _cell(group, name, margin + cell * column, margin + cell * row, cell)
        for row, group in enumerate(mixed)
        for column, name in enumerate(names)
    ]
    for place, name in enumerate(names):
        middle = margin + cell * (place + 0.5) + 4
        text = escape(_short(name))
        parts.append(f'<text class="name" x="{margin - 6}" y="{middle:.0f}" text-anchor="end">{text}</text>')
        parts.append(f'<text class="name" transform="translate({middle:.0f} {margin - 6}) rotate(-90)">{text}</text>')
    size = margin + side + 8
    label = "Confusion map: rows are the class asked with, columns the class of the first hit"
    return (
        f'<svg class="map" viewBox="0 0 {size} {size}" style="max-width:{size}px" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def _lines(curves: Sequence[tuple[str, Sequence[Point]]]) -> str:
    return "".join(
        f'<polyline class="line line{number}" points="{_path(points)}"><title>{escape(name)}</title></polyline>'
        for number, (name, points) in enumerate(curves)
        if points
    )


def _cell(group: Group, name: str, x: float, y: float, cell: int) -> str:
    count = group.mistaken_for.get(name, 0)
    share = count / max(1, sum(group.mistaken_for.values()))
    kind = "same" if name == group.name else "other"
    opacity = f"{0.05 + 0.95 * share**0.6:.2f}" if count else "0"
    title = escape(readable(f"{group.name} → {name}: {count:,} ({share:.0%})"))
    ground = f'<rect class="ground" x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" rx="3"/>'
    return (
        f'{ground}<rect class="{kind}" x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" rx="3" '
        f'fill-opacity="{opacity}"><title>{title}</title></rect>'
    )


def _most_mixed(groups: Sequence[Group]) -> list[Group]:
    """Choose the classes with most first hits from elsewhere, either way; put them in the order of their names."""
    wrong = {group.name: 0 for group in groups}
    for group in groups:
        for name, count in group.mistaken_for.items():
            if name != group.name and name in wrong:
                wrong[name] += count
                wrong[group.name] += count
    mixed = [group for group in groups if wrong[group.name]]
    chosen = sorted(mixed, key=lambda group: (-wrong[group.name], group.name))[:_CLASSES]
    return sorted(chosen, key=lambda group: group.name)


def _framed(inner: str, says: str, axes: tuple[str, str]) -> str:
    ticks = [(share, f"{share:.0%}") for share in _FIFTHS]
    return _frame(inner, says, axes, (ticks, ticks))


def _frame(
    inner: str,
    says: str,
    axes: tuple[str, str],
    ticks: tuple[Sequence[tuple[float, str]], Sequence[tuple[float, str]]],
) -> str:
    across = "".join(
        f'<text class="tick" x="{_x(share):.0f}" y="{_y(0) + 16}" text-anchor="middle">{text}</text>'
        for share, text in ticks[0]
    )
    up = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>'
        f'<text class="tick" x="{_x(0) - 6}" y="{_y(share) + 4:.0f}" text-anchor="end">{text}</text>'
        for share, text in ticks[1]
    )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    names = (
        f'<text class="axis" x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">{axes[0]}</text>'
        f'<text class="axis" transform="translate(11 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{axes[1]}</text>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(says)}">{up}{across}{names}{inner}</svg>'
    )


def _mark(name: str, share: float) -> str:
    x = f"{_x(share):.1f}"
    return (
        f'<line class="mark" x1="{x}" x2="{x}" y1="{_y(1)}" y2="{_y(0)}"/>'
        f'<text class="tick" x="{x}" y="{_TOP + 8}" dx="3">{escape(name)}</text>'
    )


def _path(points: Sequence[Point]) -> str:
    return " ".join(f"{_x(point.x):.1f},{_y(point.y):.1f}" for point in points)


def _axis(start: float, end: float) -> Callable[[float], float]:
    return lambda share: start + share * (end - start)


_x = _axis(_LEFT, _WIDTH - _RIGHT)
_y = _axis(_HEIGHT - _BOTTOM, _TOP)


def _short(name: str) -> str:
    name = readable(name)
    return name if len(name) <= 20 else f"{name[:19]}…"

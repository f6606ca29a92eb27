"""What does an evaluation look like in the terminal?"""

from typing import TYPE_CHECKING

from rich.table import Table

from lookalike.cli.terminal import console, print_table, readable

if TYPE_CHECKING:
    from lookalike.evaluation.report.sections import Report, Section, Versus

_WORST = 5
_MIXED_UP = 5


def print_report(report: "Report") -> None:
    """Print each run's figures, its worst groups and what is mixed up; or how two subjects differ."""
    screen = console()
    for section in report.sections:
        _print_section(section)
        screen.print()
    for versus in report.versus:
        _print_versus(versus)
        screen.print()


def _print_section(section: "Section") -> None:
    from lookalike.evaluation.report.wording import asked_of, excused, percent, range_words

    screen, figures = console(), section.figures
    screen.print(section.title, style="bold")
    screen.print(readable(section.says))
    if not section.is_whole:
        screen.print(asked_of(section), style="yellow")
    table = _table("measure", "%", "95 % interval")
    for name, one in figures.overall.items():
        table.add_row(name, percent(one.value), range_words(one))
    print_table(table)
    if figures.distractors:
        screen.print(f"Called the same though nothing is right: {figures.false_accepts} of {figures.distractors}.")
    if figures.excusing:
        screen.print(excused(figures))
    if figures.seconds:
        said = ", ".join(f"{name} {1_000 * seconds:,.0f} ms" for name, seconds in figures.seconds.items())
        screen.print(f"A search took {said}.")
    _print_groups(section)


def _print_groups(section: "Section") -> None:
    from lookalike.evaluation.report.wording import percent

    groups = [group for group in section.figures.groups if next(iter(group.figures.values())).value < 1]
    if groups:
        table = _table(f"worst {section.group_word}", "queries", *groups[0].figures)
        for group in groups[:_WORST]:
            shares = [percent(one.value) for one in group.figures.values()]
            table.add_row(readable(group.name), f"{group.queries:,}", *shares)
        print_table(table)
    pairs = sorted(
        (
            (-count, group.name, other)
            for group in groups
            for other, count in group.mistaken_for.items()
            if other != group.name
        )
    )[:_MIXED_UP]
    if pairs:
        said = ", ".join(f"{readable(name)} → {readable(other)} {-count:,}×" for count, name, other in pairs)
        console().print(f"Mixed up most: {said}.")


def _print_versus(versus: "Versus") -> None:
    from lookalike.evaluation.report.wording import difference_range, difference_words, percent, verdict

    screen = console()
    screen.print(versus.title, style="bold")
    screen.print(readable(versus.says))
    table = _table("measure", "A", "B", "B − A", "95 % interval", "")
    for name, one in versus.differences.items():
        sides = [percent(side.figures.value(name)) for side in (versus.a, versus.b)]
        table.add_row(name, *sides, difference_words(one), difference_range(one), verdict(name, one))
    print_table(table)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table

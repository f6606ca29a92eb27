"""How do figures get into a page? Markdown tables between two markers, replaced at every run."""

from pathlib import Path


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_figures(page: Path, figures: str, name: str = "figures") -> None:
    """Put figures between the markers `<!-- name -->` and `<!-- end of name -->` of a page."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise SystemExit(f"{page} has no {begin} … {end}.")
    page.write_text(f"{before}{begin}\n\n{figures}\n\n{end}{after}")

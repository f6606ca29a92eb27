"""How do figures get into a page? Markdown tables between two markers, replaced at every run."""

from pathlib import Path

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_figures(page: Path, figures: str) -> None:
    """Put figures between the markers of a page."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise SystemExit(f"{page} has no {BEGIN} … {END}.")
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}")

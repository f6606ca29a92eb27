"""Which encoders are well known, and which of them are here?"""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from lookalike.cli.failing import say
from lookalike.cli.terminal import print_json, print_table, readable, size

if TYPE_CHECKING:
    from lookalike.encoders.known import KnownEncoder


def list_encoders(*, as_json: bool) -> None:
    """Print a table of the well-known encoders, and of those that were exported here."""
    from lookalike.encoders.exported import exported_encoders
    from lookalike.encoders.known import known_encoders, measured_on

    if as_json:
        for one in known_encoders():
            print_json({**asdict(one), "fetched_bytes": one.fetched_bytes, "bundled": one.name == "mini"})
        for exported in exported_encoders():
            print_json({**asdict(exported), "path": str(exported.path)})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("name", overflow="fold")  # whole, as the other verbs take it
    for heading in ("dim", "MB", "ms", "words", "terms", "here"):
        table.add_column(heading)
    for one in known_encoders():
        table.add_row(
            one.name, str(one.dim), f"{one.mb:,}", f"{one.ms:,.0f}", one.words or "–", _terms(one), _here(one)
        )
    for exported in exported_encoders():
        mb = f"{exported.bytes / 1e6:,.0f}"
        table.add_row(readable(exported.name), str(exported.dim), mb, "", exported.words or "–", "", "exported")
    print_table(table)
    say(f"MB of weights; ms a picture on {measured_on()}.")
    say(
        "`lookalike encoders show NAME` says more, also about terms that end in …; `pull NAME` fetches. Any other of "
        "these families will do as well."
    )


def _terms(one: "KnownEncoder") -> str:
    """Give the name of the licence; a mark tells that there is more to say about it."""
    name = re.split("[;:]", one.licence, maxsplit=1)[0]
    return name if name == one.licence else f"{name} …"


def _here(one: "KnownEncoder") -> str:
    if one.name == "mini":
        return "bundled"
    return size(one.fetched_bytes) if one.fetched_bytes else ""

"""Does everything work here?"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from lookalike.cli.failing import OUTSIDE
from lookalike.cli.options import EncoderOption, GalleryOption, JsonOption, open_library
from lookalike.cli.terminal import console, print_json, readable

if TYPE_CHECKING:
    from lookalike.cli.checkup import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


def doctor(
    context: typer.Context, gallery: GalleryOption = None, encoder: EncoderOption = None, as_json: JsonOption = False
) -> None:
    """Check the machine, the formats, the gallery, the encoder, the captioner.

    Asks nothing of the network, but for the registry that an encoder came from, and changes nothing. Exit with 3 if
    something is wrong.
    """
    from lookalike.cli.checkup import run_checks
    from lookalike.models.hub import staying_offline

    wrong = False
    with open_library(context, gallery=gallery, encoder=encoder) as library, staying_offline():
        for finding in run_checks(library):
            wrong |= finding.state == "error"
            if as_json:
                print_json(asdict(finding))
            else:
                _print(finding)
    if wrong:
        raise typer.Exit(OUTSIDE)


def _print(finding: "Finding") -> None:
    from rich.text import Text

    line = Text(f"{finding.state:8}", style=_COLOURS[finding.state])
    line.append(f"{finding.subject:10} {readable(finding.what)}", style="default")
    if finding.fix:
        line.append(f"\n{'':19}{readable(finding.fix)}", style="default")
    console().print(line)

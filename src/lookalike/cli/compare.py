"""How does one compare two pictures from the terminal?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import GalleryOption, JsonOption, argument, flag, open_library, option
from lookalike.cli.reading import parse_crop, read_stdin
from lookalike.cli.terminal import print_json
from lookalike.cli.wording import pair_json, pair_words
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.search import Pair


def compare(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    first: Annotated[str, argument("A", "A file, a URL, the id of an indexed picture, or - for stdin.")],
    second: Annotated[str, argument("B", "Another.")],
    crop: Annotated[str, option("--crop", "X,Y,W,H", "Compare this part of A only, in fractions of it.")] = "",
    show: Annotated[bool, flag("--show", "Draw both in the terminal, with the region outlined.")] = False,
    sheet: Annotated[
        Path | None, option("--sheet", "FILE", "Draw both side by side, and one over the other, .html or .png.", Path)
    ] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how two pictures relate: the same, edited and how, sharing a region, or nothing in common.

    Exit with 1 if they have nothing in common.
    """
    if sheet is not None:
        from lookalike.cli.sheet import check_sheet_path

        check_sheet_path(sheet)
    if first == second == "-":
        raise BadInput("Only one of the pictures can come from stdin.", "Name a file for the other.")
    region = parse_crop(crop)
    with open_library(context, gallery=gallery) as library:
        pictures = [_picture(text, library.settings.max_bytes) for text in (first, second)]
        pair = library.compare(*pictures, region=region)
    if as_json:
        print_json(pair_json(pair))
    else:
        _print(pair, show=show)
    if sheet is not None:
        from lookalike.cli.sheet.pair import render
        from lookalike.disk import write_whole

        write_whole(sheet, render(pair, sheet.suffix))
        say(f"The sheet is in {sheet}.")
    if pair.tier is None:
        raise typer.Exit(NOTHING)


def _picture(text: str, max_bytes: int) -> str | bytes:
    return read_stdin("compare - other.jpg", max_bytes) if text == "-" else text


def _print(pair: "Pair", *, show: bool) -> None:
    if show:
        from lookalike.cli.proof import PROOF_COLUMNS, PROOF_ROWS, jpeg, pair_drawn
        from lookalike.cli.terminal import console, shows_colours

        screen = console()
        if not shows_colours(screen):
            say("There are no colours here to draw pictures with; --sheet both.html makes a page of them.")
        else:
            from lookalike.cli import halfblocks

            screen.print(halfblocks.draw(jpeg(pair_drawn(pair)), PROOF_COLUMNS, PROOF_ROWS))
    print("\n".join(pair_words(pair)), flush=True)

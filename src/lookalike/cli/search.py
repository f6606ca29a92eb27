"""How does one search a gallery from the terminal?"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import (
    CaptionerOption,
    EncoderOption,
    GalleryOption,
    JsonOption,
    WhereOption,
    argument,
    flag,
    open_library,
    option,
)
from lookalike.cli.reading import parse_crop, read_stdin
from lookalike.cli.terminal import print_json
from lookalike.cli.wording import answer_words, hit_json
from lookalike.errors import BadInput
from lookalike.uris import is_web

if TYPE_CHECKING:
    from lookalike.search import Answer, Query

Mode = Literal["auto", "picture", "caption", "all"]

_WORD_LEFT_OUT = re.compile(r"-[^\W\d]{2,}")


class SearchCommand(TyperCommand):
    """Tells whoever leaves a word out, and the quotes around all words, that these are needed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line.

        Raises:
            BadInput: it would be right but for a word that looks like options.
        """
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if word := next(filter(_WORD_LEFT_OUT.fullmatch, given), ""):
                fix = f"To leave that word out, put all words into quotes: lookalike search 'sunset {word}'"
                raise BadInput(f"There is no option {word}.", fix) from error
            raise


def search(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    what: Annotated[
        list[str],
        argument("WORDS|IMAGE|URL|ID|-", "Words; or a file, a URL, the id of an indexed picture, or - for stdin."),
    ],
    k: Annotated[int, typer.Option("-k", metavar="N", help="How many hits.")] = 10,
    and_: Annotated[str, option("--and", "WORDS", "Search for words beside the picture, too.")] = "",
    mode: Annotated[
        Mode,
        option(
            "--mode",
            "MODE",
            "What to search with: picture, its looks; caption, only the words that describe it, or those of --and; "
            "all, both; else auto, its looks, or what it and the words of --and mean together.",
        ),
    ] = "auto",
    where: WhereOption = "",
    crop: Annotated[str, option("--crop", "X,Y,W,H", "Search with this part only, in fractions of the picture.")] = "",
    min_score: Annotated[float, option("--min-score", "S", "Leave out hits that score less.")] = -1.0,
    effort: Annotated[
        str | None, option("--effort", "E", "How long to look for edited copies: fast, normal or thorough.")
    ] = None,
    after: Annotated[str, option("--after", "CURSOR", "Go on where the last page ended, which named this.")] = "",
    show: Annotated[bool, flag("--show", "Draw thumbnails in the terminal.")] = False,
    sheet: Annotated[Path | None, option("--sheet", "FILE", "Write a contact sheet, .html or .png.", Path)] = None,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    captioner: CaptionerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find this very picture and those most like it, or what words mean.

    Among words, "quotes" hold a phrase together, -word leaves out, word:2 counts double, and terms such as
    label:dog or taken:2019..2021 are a filter. Exit with 1 if there is no hit at all.
    """
    from lookalike.cli import answers

    if sheet is not None:
        answers.check_sheet_path(sheet)
    named = _one_name(what)
    options = {"text": and_, "mode": mode, "where": where, "region": parse_crop(crop), "min_score": min_score}
    with open_library(context, gallery=gallery, encoder=encoder, captioner=captioner, effort=effort) as library:
        picture = read_stdin("search -", library.settings.max_bytes) if named == "-" else named
        query = library.query(picture, **options)
        answer = library.searcher.search(query, k, after)
        _say_understood(answer, query)
        if not answer.likely:
            say(answer_words(answer, query))
        if as_json:
            for hit in answer.hits:
                print_json(hit_json(hit))
        elif show:
            answers.print_pictures(query, answer, library)
        else:
            answers.print_hits(answer)
        if sheet is not None:
            answers.write_answer(sheet, query, answer, library)
            say(f"The contact sheet is in {sheet}.")
    _point_onwards(answer)


def _one_name(words: list[str]) -> str:
    """Read several words as one query, or as a name with blanks in it.

    Raises:
        BadInput: a picture is among them.
    """
    from lookalike.search.query import is_there

    together = " ".join(words)
    if len(words) > 1 and not is_there(together):
        for word in (one for one in words if one == "-" or is_web(one) or is_there(one)):
            fix = "Words beside a picture go with --and: lookalike search holiday.jpg --and 'in the snow'"
            raise BadInput(f"A search takes one picture or some words, and {word} is one of several.", fix)
    return together


def _say_understood(answer: "Answer", query: "Query") -> None:
    """Say how words were read, where that is not plain to see, and what was left out of account."""
    from lookalike.cli.wording import understood_words

    words = answer.understood
    if words is not None and (answer.description or not words.is_plain):
        say(understood_words(words, described=answer.description not in {"", query.text.strip()}))
    for remark in answer.remarks:
        say(remark)


def _point_onwards(answer: "Answer") -> None:
    if not answer.hits:
        raise typer.Exit(NOTHING)
    if answer.after:
        say(f"More with --after {answer.after}")

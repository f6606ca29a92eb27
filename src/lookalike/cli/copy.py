"""How does a gallery move to another engine, or to another place?"""

import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.beside import copy_blocked
from lookalike.cli.failing import INTERRUPTED, say
from lookalike.cli.options import JsonOption, argument, flag, open_library
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.cli.wording import ingested_json
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.config import Settings
    from lookalike.library import Lookalike


def copy(
    context: typer.Context,
    source: Annotated[
        str, argument("SRC", "The gallery to copy: a path, or a URL like milvus://host:19530/photos.", str)
    ],
    target: Annotated[str, argument("DST", "Where to: a gallery that is there, or a new one.", str)],
    verify_only: Annotated[bool, flag("--verify-only", "Copy nothing; compare what is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy a gallery to another engine, vectors included, and verify it.

    Nothing is encoded again. Broken off, the same command goes on; later, it brings DST up to date with what SRC says
    of its pictures. What is deleted in SRC stays in DST, and so does what a person wrote only there. The pictures stay
    where they are, uploads too; the block list is copied where there is none yet. Of two servers, the token of the
    settings is only told to the one that the setting gallery names; for the other one, write it into the URL:
    milvus://user:password@host/photos.
    """
    from lookalike.exchange import verify_copy

    with (
        open_library(context, gallery=source) as one,
        open_library(context, create=not verify_only, gallery=target) as other,
    ):
        _check_whose_token(one.settings, source, target)
        if one.gallery_name == other.gallery_name:
            raise BadInput("A gallery cannot be copied to itself.", "Name another one as DST.")
        if not verify_only:
            _copy(one, other, as_json=as_json)
        say("Comparing …")
        found = verify_copy(one.gallery, other.gallery)
        summary = (
            f"{other.gallery_name} holds all {plural(found.records, 'picture')} of {one.gallery_name}; "
            f"of {found.asked} sampled searches the answers agree to {100 * found.agreement:.1f} %."
        )
        if found.reworded:
            summary += f" Described otherwise there: {plural(found.reworded, 'picture')}."
    say(readable(summary)) if as_json else print(readable(summary))


def _check_whose_token(settings: "Settings", source: str, target: str) -> None:
    """Refuse to tell two servers what one of them asks for.

    Raises:
        BadInput: nothing says which of them the token of the settings is for.
    """
    from lookalike.gallery import are_apart, is_on_server

    is_said = is_on_server(settings.gallery) or "@" in f"{source}{target}"
    if are_apart(source, target) and not is_said and settings.secret_of_gallery():
        raise BadInput(
            "The settings hold a token for one server, and nothing says which of the two that is.",
            "Write what the other one asks for into its URL, milvus://user:password@host/photos; or name the one that "
            "the token is for in the setting gallery.",
        )


def _copy(one: "Lookalike", other: "Lookalike", *, as_json: bool) -> None:
    from lookalike.exchange import copy_gallery

    tally = Tally()
    try:
        with closing(following(copy_gallery(one.gallery, other.gallery), tally)) as followed:
            for copied in followed:
                if as_json:
                    print_json(ingested_json(copied))
                elif copied.outcome.failed:
                    say(f"{copied.uri}: {copied.reason}")
    except KeyboardInterrupt as error:
        say("Stopped; what was copied is kept; run the same command to go on.")
        raise typer.Exit(INTERRUPTED) from error
    if one.blocked.exists() and not Path(other.blocked).exists():
        copy_blocked(one.blocked, other.blocked)
    say(tally.summary())
    now = other.gallery.serving.now
    if now and now != one.gallery.serving.now:
        named, place = other.gallery.spaces[now[0]].encoder, shlex.quote(other.gallery_argument)
        say(f"It goes on answering with {named}: `lookalike reencode --gallery {place}` encodes what was copied.")

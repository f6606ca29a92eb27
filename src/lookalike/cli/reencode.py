"""How does one change the encoder of a gallery from the terminal?"""

import os
from contextlib import closing, suppress
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.counting import counted
from lookalike.cli.failing import INTERRUPTED, say
from lookalike.cli.options import GalleryOption, JsonOption, flag, open_library, option
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.cli.wording import ingested_json, named
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.encoders import Encoder
    from lookalike.gallery import Gallery
    from lookalike.library import Lookalike

_NICENESS = 10
"""How far whoever searches goes before: half of the way to the lowest priority there is."""
_SHOWN = 5
"""Failures that are named; there may be very many, for one reason."""


def reencode(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    encoder: Annotated[
        str | None, option("--encoder", "NAME", "The encoder to change to; else the one that was begun with.", str)
    ] = None,
    throttle: Annotated[
        float | None, option("--throttle", "N", "Encode no more than N pictures a second; else as many as go.")
    ] = None,
    switch: Annotated[
        bool, typer.Option("--switch/--no-switch", help="Have it answer queries as soon as every picture is encoded.")
    ] = True,
    anyway: Annotated[bool, flag("--anyway", "Switch though some pictures could not be encoded.")] = False,
    rollback: Annotated[bool, flag("--rollback", "Have the encoder answer again that did before the switch.")] = False,
    drop: Annotated[
        str | None, option("--drop", "NAME", "Forget the vectors of an encoder, or of a space, and free room.", str)
    ] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what turns the gallery's pictures into vectors, while the old encoder goes on answering.

    Stop it at any time; the same command goes on. With nothing said, go on with what was begun, or encode what the
    encoder in use has missed. Exit with 3 if pictures could not be encoded, and so nothing was switched.
    """
    if bool(encoder) + rollback + bool(drop) > 1:
        raise BadInput("--encoder, --rollback and --drop are different things.", "Give one of them.")
    if rollback + bool(drop) and (anyway or not switch):
        raise BadInput("--anyway and --no-switch belong to changing the encoder.", "Leave them away.")
    from lookalike.ingest.pacing import require_pace
    from lookalike.ingest.switching import answers

    require_pace(throttle)
    with open_library(context, gallery=gallery) as library:
        if drop:
            _drop(library.gallery, drop, as_json=as_json)
            return
        failed: set[str] = set()
        named = _back(library) if rollback else encoder or ""
        filled = _fill(library, named, throttle, failed, as_json=as_json)
        if switch and set(library.gallery.serving.filling) & filled.spaces.keys():
            library.switch(anyway=anyway)
            _fill(library, "", throttle, failed, as_json=as_json)  # what others indexed until this very moment
        _report(library.gallery, as_json=as_json)
        if library.settings.encoder and not answers(library.gallery, library.encoder):
            say(f"The setting `encoder` still names {readable(library.settings.encoder)}: take it away, or change it.")


def _back(library: "Lookalike") -> str:
    """Have the encoder before answer, and name it: another one that is being filled is let be."""
    return library.gallery.spaces[library.roll_back().now[0]].encoder


def _give_way() -> None:
    """Let searches go first, where the system knows such a thing."""
    with suppress(AttributeError, OSError):
        os.nice(max(0, _NICENESS - os.nice(0)))


def _fill(library: "Lookalike", encoder: str, throttle: float | None, failed: set[str], *, as_json: bool) -> "Encoder":
    """Encode what lacks vectors, but for what has `failed` before, and give what encodes it."""
    wanted = library.begin_reencoding(encoder)
    before = len(failed)
    total = library.gallery.count_lacking(wanted.spaces) - before
    if total > 0:
        _give_way()
    outcomes = library.reencode(wanted, throttle=throttle, failed=failed)
    try:
        with closing(counted(outcomes, total, f"Encoding with {readable(wanted.name)}")) as running:
            for one in running:
                if as_json:
                    print_json(ingested_json(one))
                elif one.outcome.failed and len(failed) - before <= _SHOWN:
                    say(f"{readable(named(one.uri))}: {readable(one.reason)}")
    except KeyboardInterrupt as error:
        say("Stopped; what was encoded is kept, and `lookalike reencode` goes on.")
        raise typer.Exit(INTERRUPTED) from error
    more = len(failed) - before - _SHOWN
    if more > 0 and not as_json:
        say(f"… and {more:,} more could not be encoded.")
    return wanted


def _report(gallery: "Gallery", *, as_json: bool) -> None:
    spaces, serving = gallery.spaces, gallery.serving
    now, before, filling = (
        spaces[names[0]].encoder if names else "" for names in (serving.now, serving.before, serving.filling)
    )
    lacking = gallery.count_lacking(serving.filling or serving.now)
    if as_json:
        print_json({"now": now, "before": before, "filling": filling, "lacking": lacking})
        return
    print(f"{readable(now) or 'No encoder'} answers queries.")
    if filling:
        but = f" but for {plural(lacking, 'picture')}" if lacking else ""
        print(f"{readable(filling)} is filled{but}.")
        say("Compare them: `lookalike evaluate --compare A B`. Switch: `lookalike reencode`.")
    elif lacking:
        print(f"{plural(lacking, 'picture')} could not be encoded.")
    if before:
        named = quote(readable(before))
        say(f"Go back: `lookalike reencode --rollback`. Free its room: `lookalike reencode --drop {named}`.")


def _drop(gallery: "Gallery", name: str, *, as_json: bool) -> None:
    from lookalike.ingest.switching import drop

    before = gallery.size_bytes()
    gone = drop(gallery, name)
    freed = max(0, before - gallery.size_bytes())
    if as_json:
        print_json({"dropped": gone, "freed": freed})
    else:
        print(f"Dropped {', '.join(map(readable, gone))}: {freed / 1e6:,.1f} MB are free.")

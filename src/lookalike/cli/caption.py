"""What does a picture show, in words?"""

from collections import Counter
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.counting import counted
from lookalike.cli.failing import INTERRUPTED, NOTHING, report, say
from lookalike.cli.naming import known_uris
from lookalike.cli.options import (
    BeamsOption,
    CaptionerOption,
    EncoderOption,
    GalleryOption,
    JsonOption,
    MaxTokensOption,
    WhereOption,
    argument,
    flag,
    open_library,
)
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.cli.wording import confidence_words, ingested_json, named
from lookalike.errors import BadInput, LookalikeError
from lookalike.uris import image_id

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.seeing import Look


def caption(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    pictures: Annotated[list[str], argument("IMAGE|URL|ID", "Files, URLs, or ids of indexed pictures.")] = [],  # noqa: B006
    save: Annotated[
        bool, flag("--save", "Keep the caption of pictures in the gallery that no person or source has described.")
    ] = False,
    everything: Annotated[
        bool, flag("--all", "Caption the whole gallery again, but for what this very captioner has written already.")
    ] = False,
    anew: Annotated[bool, flag("--anew", "With --all: also what it has written already.")] = False,
    where: WhereOption = "",
    captioner: CaptionerOption = None,
    beams: BeamsOption = None,
    max_tokens: MaxTokensOption = None,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what pictures show: a caption, how sure it is, and what is recognised; or caption the gallery again.

    What a person or a source wrote stays in any case. Of several, exit with 1 if none could be captioned.
    """
    if everything == bool(pictures) or (not everything and (anew or where)):
        raise BadInput("Which pictures are meant?", "Name them; or give --all, perhaps with --where and --anew.")
    how: dict[str, Any] = {"captioner": captioner, "caption_beams": beams, "caption_tokens": max_tokens}
    with open_library(context, gallery=gallery, encoder=encoder, **how) as library:
        if everything:
            _caption_all(library, where, anew=anew, as_json=as_json)
        else:
            _caption_some(library, pictures, save=save, as_json=as_json)


def _caption_all(library: "Lookalike", where: str, *, anew: bool, as_json: bool) -> None:
    from lookalike.gallery.filters import parse_filter

    total, counts = library.gallery.count(parse_filter(where)), Counter[str]()
    about = f"Captioning with {readable(library.captioner.name)}"
    try:
        with closing(counted(library.recaption(where, anew=anew), total, about)) as running:
            for one in running:
                counts["failed" if one.outcome.failed else one.outcome] += 1
                if as_json:
                    print_json(ingested_json(one))
                elif one.outcome.failed:
                    report(LookalikeError(one.reason), about=readable(named(one.uri)))
    except KeyboardInterrupt as error:
        say("Stopped; the captions written so far are kept, and the same command goes on.")
        raise typer.Exit(INTERRUPTED) from error
    done, kept, failed = (counts[kind] for kind in ("updated", "unchanged", "failed"))
    summary = f"{done:,} captioned, {kept:,} left as they were, {failed:,} failed"
    if as_json:
        say(summary)
    else:
        print(summary)
    if failed and not done and not kept:
        raise typer.Exit(NOTHING)


def _caption_some(library: "Lookalike", pictures: list[str], *, save: bool, as_json: bool) -> None:
    done = 0
    for text in pictures:
        try:
            seen = library.caption(text)
        except LookalikeError as error:
            if len(pictures) == 1:
                raise
            report(error, about=text)
            continue
        done += 1
        saved = _save(text, seen, library) if save else []
        if as_json:
            print_json(_json(text, seen, saved))
        else:
            _print(text, seen, heading=len(pictures) > 1)
            if save:
                say(_kept(seen, saved))
    if not done:
        raise typer.Exit(NOTHING)


def _save(text: str, seen: "Look", library: "Lookalike") -> list[str]:
    """Keep the caption where it may be kept; gives the ids of the pictures that have it now."""
    from lookalike.describing import captioned

    if seen.caption is None:
        return []
    ids = [image_id(uri) for uri in known_uris(text, library.gallery)]
    change = partial(captioned, caption=seen.caption, captioner=library.captioner.name)
    now = library.gallery.describe(ids, change)
    return [one.id for one in now if one.caption_source == library.captioner.name]


def _kept(seen: "Look", saved: list[str]) -> str:
    """Say what was kept; that there is no caption is remembered, too, so that nobody is asked again in vain."""
    if seen.caption is None or not seen.caption.text:
        return "There is no caption to keep."
    return f"Kept for {plural(len(saved), 'picture')}."


def _print(text: str, seen: "Look", *, heading: bool) -> None:
    indent = ""
    if heading:
        print(readable(text))
        indent = "    "
    if seen.caption and seen.caption.text:
        print(f"{indent}{readable(seen.caption.text)} ({confidence_words(seen.caption.confidence)})")
    else:
        print(f"{indent}(no caption: it would only be a guess)")
    for name, confidence in seen.recognised.items():
        print(f"{indent}{readable(name)} ({confidence_words(confidence)})")


def _json(text: str, seen: "Look", saved: list[str]) -> dict[str, Any]:
    return {
        "picture": text,
        "caption": seen.caption.text if seen.caption else "",
        "confidence": seen.caption.confidence if seen.caption else 0.0,
        "recognised": seen.recognised,
        "saved": saved,
    }

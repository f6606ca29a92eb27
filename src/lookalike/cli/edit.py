"""How does one write about pictures of the gallery from the terminal?"""

from typing import Annotated, Any

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.naming import known_uris
from lookalike.cli.options import GalleryOption, JsonOption, argument, open_library, option
from lookalike.cli.terminal import plural, print_json
from lookalike.cli.wording import record_json
from lookalike.errors import BadInput
from lookalike.uris import image_id


def edit(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    pictures: Annotated[list[str], argument("ID|PATH", "Ids, files, folders with all below, or URIs.")],
    caption: Annotated[str | None, option("--caption", "TEXT", "What they show.")] = None,
    title: Annotated[str | None, option("--title", "TEXT", "What they are called.")] = None,
    tags: Annotated[str | None, option("--tags", "A,B,…", "All their tags.")] = None,
    add_tag: Annotated[list[str] | None, option("--add-tag", "TAG", "One tag more. May be repeated.")] = None,
    remove_tag: Annotated[
        list[str] | None, option("--remove-tag", "TAG", "Without this tag, given or recognised. May be repeated.")
    ] = None,
    label: Annotated[str | None, option("--label", "TEXT", "What kind they are of.")] = None,
    owner: Annotated[str | None, option("--owner", "TEXT", "Whose they are.")] = None,
    link: Annotated[str | None, option("--link", "URL", "The web page that they belong to.")] = None,
    entries: Annotated[
        list[str] | None, option("--meta", "NAME=TEXT", "Anything else; NAME= takes it out. May be repeated.")
    ] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write about pictures. What a person wrote stays, whatever sources and captioners say later.

    An empty text gives a field back to them: after --caption "" a captioner may write again. The files are not
    touched. Exit with 1 if none of the pictures is in the gallery.
    """
    from lookalike.describing import Edit

    given: dict[str, Any] = {
        "caption": caption,
        "title": title,
        "tags": None if tags is None else _split(tags),
        "add_tags": tuple(add_tag or ()),
        "remove_tags": tuple(remove_tag or ()),
        "label": label,
        "owner": owner,
        "link": link,
        "metadata": dict(map(_entry, entries)) if entries else None,
    }
    if all(value in (None, ()) for name, value in given.items() if name != "tags") and tags is None:
        raise BadInput("There is nothing to change.", "Say what, with --caption, --add-tag and the like.")
    change = Edit(**given)
    with open_library(context, gallery=gallery) as library:
        uris = {uri for text in pictures for uri in known_uris(text, library.gallery)}
        changed = library.edit([image_id(uri) for uri in sorted(uris)], change)
    if as_json:
        for record in changed:
            print_json(record_json(record))
    elif changed:
        print(f"Changed {plural(len(changed), 'picture')}.")
    if not changed:
        say("None of these is in the gallery.")
        raise typer.Exit(NOTHING)


def _split(tags: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in tags.split(",") if tag.strip())


def _entry(text: str) -> tuple[str, str | None]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise BadInput(f"--meta {text!r} is not NAME=TEXT.", "Write it like --meta camera=X100.")
    return name.strip(), value or None

"""How does one keep unwanted pictures from coming back?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.failing import NOTHING, exit_code, report, say
from lookalike.cli.options import GalleryOption, JsonOption, argument, flag, open_library, option
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.disk import expand_home
from lookalike.errors import BadInput, LookalikeError

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.types import ImageRecord


def block(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    pictures: Annotated[list[str] | None, argument("IMAGE|URL|ID", "Pictures that are not wanted.")] = None,
    title: Annotated[str, option("--title", "TEXT", "What to call them; else they go by the name of the file.")] = "",
    forget: Annotated[bool, flag("--forget", "Take their copies out of the gallery, too; files stay.")] = False,
    listing: Annotated[bool, flag("--list", "List the blocked pictures.")] = False,
    remove: Annotated[list[str] | None, option("--remove", "ID", "Let one in again. May be repeated.")] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remember unwanted pictures, which then stay out of the gallery in whatever form they come: cropped, mirrored…

    What is kept out is listed by `lookalike failures`. With the setting `blocked = "flag"` such pictures come in with
    the tag `blocked`. Exit with 1 if no picture is blocked.
    """
    if bool(pictures) + listing + bool(remove) != 1:
        raise BadInput("Say one thing at a time: pictures to block, --list, or --remove.")
    with open_library(context, gallery=gallery, create=bool(pictures)) as library:
        if library.gate is None and not pictures:
            say("No picture is blocked.")
            raise typer.Exit(NOTHING)
        if listing:
            _list(list(library.blocklist), as_json=as_json)
        elif remove:
            _remove(remove, library, as_json=as_json)
        else:
            _block_all(pictures or (), title, library, forget=forget, as_json=as_json)


def _block_all(pictures: Sequence[str], title: str, library: "Lookalike", *, forget: bool, as_json: bool) -> None:
    """Block one after the other; one that cannot be does not hold up the others."""
    code = 0
    for text in pictures:
        try:
            _block(text, title, library, forget=forget, as_json=as_json)
        except LookalikeError as error:
            if len(pictures) == 1:
                raise
            report(error, about=text)
            code = exit_code(error)
    if code:
        raise typer.Exit(code)


def _block(text: str, title: str, library: "Lookalike", *, forget: bool, as_json: bool) -> None:
    from lookalike.library.blocking import copies_of, take_out, title_of
    from lookalike.search import Query

    query = Query.parse_picture(str(expand_home(text)) if text.startswith("~") else text)
    picture = library.original(query)
    copies = list(dict.fromkeys([*([query.id] if query.id else ()), *copies_of(picture, library.searcher)]))
    record = library.blocklist.add(picture, title or title_of(query, library.gallery))
    if forget:
        copies = take_out(copies, picture, library.searcher, library.gallery.delete)
    if as_json:
        print_json({**_json(record), "copies": copies, "forgotten": forget})
        return
    print(f"Blocked {record.id} ({readable(record.title)}).")
    if copies and forget:
        print(f"Forgot {plural(len(copies), 'copy', 'copies')} of it. The files are untouched.")
    elif copies:
        print(f"The gallery holds at least {plural(len(copies), 'copy', 'copies')} of it: {' '.join(copies)}")
        say("Say it again with --forget to take them out.")


def _list(blocked: Sequence["ImageRecord"], *, as_json: bool) -> None:
    for record in blocked:
        if as_json:
            print_json(_json(record))
        else:
            print(f"{record.id}  {record.added_at:%Y-%m-%d}  {readable(record.title)}")
    if not blocked:
        say("No picture is blocked.")
        raise typer.Exit(NOTHING)


def _remove(ids: Sequence[str], library: "Lookalike", *, as_json: bool) -> None:
    for id_ in ids:
        record = library.blocklist.remove(id_)
        if as_json:
            print_json(_json(record))
        else:
            print(f"{record.id} ({readable(record.title)}) may come in again.")
    say("`lookalike failures --retry` lets in what was kept out.")


def _json(record: "ImageRecord") -> dict[str, Any]:
    return {
        "id": record.id,
        "title": record.title,
        "sha256": record.sha256,
        "width": record.width,
        "height": record.height,
        "blocked_at": record.added_at.isoformat(),
    }

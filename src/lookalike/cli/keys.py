"""Who may come in over the network?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import GalleryOption, JsonOption, argument, open_library, option
from lookalike.cli.terminal import console, plural, print_json, readable
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.keys import Key, KeyFile

_Scope = Literal["read", "write", "admin"]


def keys(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    action: Annotated[Literal["add", "list", "revoke"], argument("add|list|revoke", "What to do.")],
    names: Annotated[list[str] | None, argument("NAME", "Whose key it is: phone, backup-script.")] = None,
    scope: Annotated[
        _Scope | None,
        option(
            "--scope",
            "read|write|admin",
            "What it opens: read to search and look (if not set), write to upload, edit and delete, admin for all.",
        ),
    ] = None,
    expires: Annotated[
        str | None, option("--expires", "WHEN", "Until when it is good: 12h, 90d, 1y, 2027-01-31.", str)
    ] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make keys for people and programs that come over the network, list them, and take them back.

    As soon as there is one, nobody comes in without. A key is shown once; only its hash is kept. A server that runs
    sees every change at once. Exit with 1 if there is none to list.
    """
    from lookalike.keys import KeyFile

    named = names or []
    if (action != "add" and (scope or expires)) or (action == "list" and named):
        raise BadInput(f"`lookalike keys {action}` does not take that.", "See `lookalike keys --help`.")
    with open_library(context, gallery=gallery, create=True) as library:
        file = KeyFile(library.keys)
    if action == "add":
        _add(named, file, scope, expires, as_json=as_json)
    elif action == "revoke":
        _revoke(named, file, as_json=as_json)
    else:
        _list(file.all(), as_json=as_json)


def _add(
    names: Sequence[str],
    file: "KeyFile",
    scope: Literal["read", "write", "admin"] | None,
    expires: str | None,
    *,
    as_json: bool,
) -> None:
    from lookalike.keys import parse_expiry

    if len(names) != 1:
        raise BadInput("Say whose key it is, by one name.", "Like this: lookalike keys add phone --scope write")
    key, text = file.add(names[0], scope or "read", parse_expiry(expires) if expires else None)
    if as_json:
        print_json({**_json(key), "key": text})
        return
    print(text)
    until = f" until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else ""
    say(f"This key opens {key.scope}{until} to {readable(key.name)}. Keep it now: it is shown this once.")


def _revoke(names: Sequence[str], file: "KeyFile", *, as_json: bool) -> None:
    if not names:
        raise BadInput("Say which key to take back.", "`lookalike keys list` lists them.")
    for name in names:
        key = file.revoke(name)
        if as_json:
            print_json(_json(key))
        else:
            print(f"Revoked {readable(key.name)} ({key.id}).")
    if not any(not key.is_expired() for key in file.all()):
        say(f"No key is left, so nobody comes in. To need none on this machine again, delete {file.path}")


def _list(keys: Sequence["Key"], *, as_json: bool) -> None:
    if as_json:
        for key in keys:
            print_json(_json(key))
    elif keys:
        from rich.table import Table

        table = Table("name", "id", "scope", "made", "good until", box=None, pad_edge=False)
        for key in keys:
            table.add_row(readable(key.name), key.id, key.scope, f"{key.created_at:%Y-%m-%d}", _until(key))
        console().print(table)
    if not keys:
        say("There is no key.")
        raise typer.Exit(NOTHING)
    expired = sum(key.is_expired() for key in keys)
    if expired and not as_json:
        say(f"The time of {plural(expired, 'key')} is over: `lookalike keys revoke NAME` clears them away.")


def _until(key: "Key") -> str:
    if key.expires_at is None:
        return "it is revoked"
    return f"{key.expires_at:%Y-%m-%d %H:%M}" + (" (over)" if key.expires_at <= datetime.now(UTC) else "")


def _json(key: "Key") -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
    }

"""What is in a gallery?"""

from typing import TYPE_CHECKING, Any

import typer

from lookalike.cli.failing import say
from lookalike.cli.options import GalleryOption, JsonOption, open_library
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.errors import LookalikeError

if TYPE_CHECKING:
    from lookalike.gallery import Gallery


_ROLES = {"now": "", "before": ", of the encoder before", "filling": ", being filled", "unused": ", not in use"}
_SPACE = ("name", "dim", "encoder", "digest", "learned")


def info(context: typer.Context, gallery: GalleryOption = None, as_json: JsonOption = False) -> None:
    """Say what is in the gallery, and where it lies."""
    with open_library(context, gallery=gallery) as library:
        facts = _facts(library.gallery)
        newer = _newer(library.gallery)
    if as_json:
        print_json(facts | {"newer": newer})
        return
    print(f"gallery   {readable(facts['gallery'])}")
    print(f"images    {facts['images']:,}")
    print(f"failures  {facts['failures']:,}")
    print(f"on disk   {facts['bytes'] / 1e6:,.1f} MB")
    print(f"encoder   {readable(facts['encoder']) or 'none yet'}")
    for space in facts["spaces"]:
        learned = f", calibrated {readable(space['learned'])}" if space["learned"] else ""
        role = _ROLES[space["role"]] + (f", {space['lacking']:,} to be encoded" if space["lacking"] else "")
        print(f"space     {readable(space['name'])}, {plural(space['dim'], 'dimension')}{role}{learned}")
    for sentence in newer:
        say(sentence)


def _newer(gallery: "Gallery") -> list[str]:
    """Say what is newer in a registry; where that cannot be asked, why."""
    from lookalike.cli.newer import newer_models

    try:
        return list(newer_models(gallery))
    except LookalikeError as error:
        say(f"Nobody knows whether there is a newer version: {error.what}")
        return []


def _facts(gallery: "Gallery") -> dict[str, Any]:
    from lookalike.gallery.serving import in_turn, role_of

    serving = gallery.serving
    spaces = in_turn(gallery.spaces, serving)
    return {
        "gallery": gallery.url,
        "images": gallery.count(),
        "failures": len(gallery.failures()),
        "bytes": gallery.size_bytes(),
        "encoder": spaces[0].encoder if spaces else "",
        "spaces": [
            {name: getattr(one, name) for name in _SPACE}
            | {"role": role_of(one.name, serving), "lacking": gallery.count_lacking([one.name])}
            for one in spaces
        ],
    }

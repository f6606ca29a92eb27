"""What is in a gallery?"""

from typing import TYPE_CHECKING, Any

import typer

from lookalike.cli.options import GalleryOption, JsonOption, open_library
from lookalike.cli.terminal import plural, print_json, readable

if TYPE_CHECKING:
    from lookalike.gallery import Gallery


_SPACE = ("name", "dim", "encoder", "digest", "learned")


def info(context: typer.Context, gallery: GalleryOption = None, as_json: JsonOption = False) -> None:
    """Say what is in the gallery, and where it lies."""
    with open_library(context, gallery=gallery) as library:
        facts = _facts(library.gallery)
    if as_json:
        print_json(facts)
        return
    print(f"gallery   {readable(facts['gallery'])}")
    print(f"images    {facts['images']:,}")
    print(f"failures  {facts['failures']:,}")
    print(f"on disk   {facts['bytes'] / 1e6:,.1f} MB")
    print(f"encoder   {readable(facts['encoder']) or 'none yet'}")
    for space in facts["spaces"]:
        learned = f", calibrated {readable(space['learned'])}" if space["learned"] else ""
        print(f"space     {readable(space['name'])}, {plural(space['dim'], 'dimension')}{learned}")


def _facts(gallery: "Gallery") -> dict[str, Any]:
    spaces = list(gallery.spaces.values())
    return {
        "gallery": gallery.url,
        "images": gallery.count(),
        "failures": len(gallery.failures()),
        "bytes": gallery.size_bytes(),
        "encoder": spaces[0].encoder if spaces else "",
        "spaces": [{name: getattr(one, name) for name in _SPACE} for one in spaces],
    }

"""How does one make an ONNX graph of an encoder?"""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.cli.failing import say
from lookalike.cli.terminal import print_json, readable, size
from lookalike.errors import BadInput, LookalikeError, MissingExtra, NotFound

if TYPE_CHECKING:
    from lookalike.decode import Fit
    from lookalike.library import Lookalike
    from lookalike.sources import Source
    from lookalike.types import Pixels

_PICTURES = 64
"""How many the vectors are compared on, and 8-bit numbers are measured by."""
_ENOUGH = 8


def export_graph(
    library: "Lookalike", name: str, to: Path | None, pictures: Path | None, *, int8: bool, as_json: bool
) -> None:
    """Export an encoder, verified on pictures of a folder, or else of the gallery."""
    from lookalike.encoders import load_encoder
    from lookalike.encoders.exported import export_folder
    from lookalike.encoders.known import known
    from lookalike.encoders.torch.towers import word

    encoder = load_encoder(name, library.settings.engine)
    if getattr(encoder, "engine", "") != "torch":
        fix = "Use it as it is: only what runs on PyTorch is made smaller." if int8 else "Use it: it needs no PyTorch."
        raise BadInput(f"{encoder.name} is a graph already.", fix)
    if find_spec("onnx") is None:
        raise MissingExtra("Graphs are written with the package onnx.", 'Run `pip install "lookalike[torch]"`.')
    from lookalike.encoders.torch.export import export_encoder

    sample = list(islice(_pictures(library, pictures, encoder.fit), _PICTURES))
    if len(sample) < _ENOUGH:
        what = f"An export is verified on at least {_ENOUGH} pictures, and there are {len(sample)}."
        raise BadInput(what, "Name a folder of yours: --pictures ~/Pictures.")
    say(f"Exporting {readable(encoder.name)}, compared on {len(sample)} pictures …")
    found = known(name)
    folder = to or export_folder() / word(name.partition(":")[2])
    made = export_encoder(encoder, folder, sample, int8=int8, licence=found.licence if found else "")
    if as_json:
        facts = {"name": f"onnx:{made.path}", "path": str(made.path), "bytes": made.bytes}
        print_json({**facts, "cosine": made.cosine, "text_cosine": made.text_cosine})
        return
    print(f"onnx:{readable(str(made.path))}")
    words = "" if made.text_cosine is None else f", of texts {made.text_cosine:.4f}"
    say(f"{size(made.bytes)}; cosine to the original, of pictures {made.cosine:.4f}{words} at the least.")


def _pictures(library: "Lookalike", folder: Path | None, fit: "Fit") -> Iterator["Pixels"]:
    """Decode pictures one by one, leaving out what cannot be read."""
    from lookalike.types import Item

    source = _source(library, folder)
    for item in source.items():
        if not isinstance(item, Item):
            continue
        try:
            yield library.decoder.decode(source.open(item), fit).pixels
        except LookalikeError:
            continue


def _source(library: "Lookalike", folder: Path | None) -> "Source":
    from lookalike.evaluation.housing import RecordsSource

    if folder is not None:
        return library.folder_source([folder])
    try:
        records = library.gallery.scan(limit=4 * _PICTURES).records
    except NotFound:
        records = ()
    return RecordsSource(records, library.fetcher)

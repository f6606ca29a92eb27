"""Which encoders are there, and how does one get them?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from lookalike.cli.encoders.exporting import export_graph
from lookalike.cli.encoders.listing import list_encoders
from lookalike.cli.encoders.pulling import pull_encoders
from lookalike.cli.encoders.showing import show_encoder
from lookalike.cli.options import GalleryOption, JsonOption, argument, flag, open_library, option
from lookalike.errors import BadInput

_Action = Literal["list", "pull", "show", "export"]


def encoders(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    action: Annotated[_Action, argument("list|pull|show|export", "What to do; list if not said.")] = "list",
    names: Annotated[
        list[str] | None, argument("NAME", "An encoder, such as hf:google/siglip2-base-patch16-256.")
    ] = None,
    onnx: Annotated[bool, flag("--onnx", "Export as ONNX graphs (the default).")] = False,
    int8: Annotated[bool, flag("--int8", "Export weights in 8 bits: a quarter of the size.")] = False,
    to: Annotated[
        Path | None,
        option("--to", "FOLDER", "Where to export to; else the user-data folder, where list finds it.", Path),
    ] = None,
    pictures: Annotated[
        Path | None,
        option("--pictures", "FOLDER", "What to verify an export on; else pictures of the gallery.", Path),
    ] = None,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List well-known encoders, fetch them, say what is known about one, or export one as an ONNX graph.

    `pull` fetches from the Hugging Face hub what is not here yet, going on where it stopped; one that you have not
    pulled is fetched when it is first used. HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE and HF_TOKEN count. `export` writes a
    graph that runs without PyTorch, with its card, and verifies its vectors against the original's; what is a graph
    already stays as it is, also with --int8.
    """
    named = names or []
    if action != "export" and (onnx or int8 or to or pictures or gallery):
        raise BadInput(f"`lookalike encoders {action}` does not take that.", "See `lookalike encoders --help`.")
    if action == "list":
        _refuse_names(named)
        list_encoders(as_json=as_json)
    elif action == "pull":
        pull_encoders(_named(named, action), context.obj.config, as_json=as_json)
    elif action == "show":
        show_encoder(_only(named, action), context.obj.config, as_json=as_json)
    else:
        name = _only(named, action)
        with open_library(context, gallery=gallery) as library:
            export_graph(library, name, to, pictures, int8=int8, as_json=as_json)


def _refuse_names(names: Sequence[str]) -> None:
    if names:
        raise BadInput(
            "`lookalike encoders list` takes no names.", f"Did you mean `lookalike encoders show {names[0]}`?"
        )


def _named(names: Sequence[str], action: str) -> Sequence[str]:
    if not names:
        raise BadInput(f"Say which encoder to {action}.", "`lookalike encoders` lists some that are well known.")
    return names


def _only(names: Sequence[str], action: str) -> str:
    if len(_named(names, action)) > 1:
        raise BadInput(f"`lookalike encoders {action}` takes one name at a time.", "Run it once for each.")
    return names[0]

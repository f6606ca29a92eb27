"""Which options do several verbs share, what do these refuse at once, and what do they open?"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from lookalike.cli.fetching import shown_fetches
from lookalike.disk import expand_home
from lookalike.errors import BadInput, NotFound

if TYPE_CHECKING:
    from lookalike.library import Lookalike

Named = TypeVar("Named", str, Path)


def argument(metavar: str, text: str, kind: type[Named] | None = None) -> Any:
    """Describe what stands after a verb; where it is of a `kind` that names something, it may not be empty."""
    parser = kind and _not_empty(metavar, kind)
    return typer.Argument(metavar=metavar, help=text, show_default=False, parser=parser)


def option(name: str, metavar: str, text: str, kind: type[Named] | None = None) -> Any:
    """Describe an option with a value, likewise; what happens without it is said in `text` where it is not plain."""
    parser = kind and _not_empty(name, kind)
    return typer.Option(name, metavar=metavar, help=text, show_default=False, parser=parser)


def _not_empty(where: str, kind: type[Named]) -> Callable[[str], Named]:
    """Make what reads a path or a name; `where` says which one is refused when it is empty.

    A path is read as `expand_home` says, because shells leave `--to=~/x` as it is.
    """

    def read(text: str) -> Named:
        if not text:  # Path("") is the folder one happens to be in, and an empty name would be as if none was given
            fix = "Say what is meant, or leave it out; `.` is the folder you are in."
            raise BadInput(f"An empty text for {where} names nothing.", fix)
        return kind(expand_home(text) if issubclass(kind, Path) else text)

    return read


def flag(name: str, text: str) -> Any:
    """Describe an option without a value."""
    return typer.Option(name, help=text)


GalleryOption = Annotated[
    str | None,
    option(
        "--gallery", "URL", "The gallery, like photos.gallery or milvus://host:19530/photos; else the settings'.", str
    ),
]
EncoderOption = Annotated[
    str | None,
    option(
        "--encoder", "NAME", "The encoder, such as mini or onnx:model.onnx; else the settings' or the gallery's.", str
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    option(
        "--exclude",
        "GLOB",
        "Pass over names like *.png or, with a slash, paths below the folder like trash/*, in any case of letters: in "
        "this run only, in place of the setting exclude. What of them is in the gallery is forgotten, with all "
        "that was written about it. May be repeated.",
    ),
]
WhereOption = Annotated[str, option("--where", "FILTER", "Only pictures like these: 'taken:2019..2021 width>=1000'.")]
FeaturesOption = Annotated[
    str | None,
    option("--features", "KEPT", "What is kept to find edited copies: none, fast or full; else as the settings say."),
]
CaptionsOption = Annotated[
    bool | None,
    typer.Option(
        "--captions/--no-captions",
        help="Describe pictures that have no caption, also those indexed before; else as the settings say.",
        show_default=False,
    ),
]
CaptionerOption = Annotated[
    str | None,
    option(
        "--captioner",
        "NAME",
        "What writes captions: mini, hf:Salesforce/blip-image-captioning-base, mlflow:models:/name@alias, none; else "
        "the one of the settings.",
        str,
    ),
]
BeamsOption = Annotated[
    int | None, option("--beams", "N", "Sentences that the captioner weighs at a time; more take longer.")
]
MaxTokensOption = Annotated[int | None, option("--max-tokens", "N", "Words, or pieces of words, of a caption at most.")]
JsonOption = Annotated[bool, flag("--json", "Print one JSON object a line.")]


@dataclass(frozen=True, slots=True)
class Globals:
    """What was said before the verb."""

    config: Path | None
    debug: bool


def check_there(paths: Iterable[Path]) -> None:
    """Refuse a spelling mistake before a gallery is made for it.

    Raises:
        NotFound: there is no such file or folder.
    """
    missing = next((path for path in paths if not os.path.lexists(path)), None)
    if missing is not None:
        raise NotFound(f"There is no file or folder {str(missing)!r}.", "Check the spelling, or mount the drive.")


def check_excluded(globs: Iterable[str] | None, paths: Sequence[Path]) -> None:
    """Refuse what can exclude nothing before its pictures come in.

    Raises:
        BadInput: a glob is like no name and no path, or lies below none of the paths that are indexed.
    """
    if globs and paths:
        from lookalike.sources.excluding import check_places

        check_places(globs, paths)


@contextmanager
def open_library(context: typer.Context, *, create: bool = False, **flags: object) -> Iterator["Lookalike"]:
    """Open gallery, encoder and decoders as flags and settings say; each on first use, all closed at the end.

    Flags are named like the settings they override; None and an empty list were not given. A gallery goes before that
    of the settings, which stays there: it says whose the token is.
    """
    from lookalike.config import load_settings
    from lookalike.library import Lookalike

    given = {name: value for name, value in flags.items() if value not in (None, "", [])}
    gallery = str(given.pop("gallery", ""))
    settings = load_settings(context.obj.config, **given)
    with shown_fetches(), Lookalike(gallery, settings=settings, create=create) as library:
        yield library

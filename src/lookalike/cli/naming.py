"""Which pictures of the gallery does a person mean?"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lookalike.disk import expand_home
from lookalike.errors import BadInput, NotFound

if TYPE_CHECKING:
    from lookalike.gallery import Gallery

Named = TypeVar("Named", str, Path)


def not_empty(where: str, kind: type[Named]) -> Callable[[str], Named]:
    """Make what reads a path or a name; `where` says which one is refused when it is empty.

    A path is read as `expand_home` says, because shells leave `--to=~/x` as it is.
    """

    def read(text: str) -> Named:
        if not text:  # Path("") is the folder one happens to be in, and an empty name would be as if none was given
            fix = "Say what is meant, or leave it out; `.` is the folder you are in."
            raise BadInput(f"An empty text for {where} names nothing.", fix)
        return kind(expand_home(text) if issubclass(kind, Path) else text)

    return read


def known_uris(text: str, gallery: "Gallery") -> Iterator[str]:
    """Find what the gallery knows under an id, a uri, or a path that need not be there any more.

    Raises:
        BadInput: the text is empty.
    """
    if not text:  # a script's empty variable must not mean the folder one happens to be in
        raise BadInput("An empty text names no picture.", "Give a path or an id; `.` is the folder you are in.")
    if re.fullmatch(r"[a-z2-7]{16}", text):
        yield from (record.uri for record in gallery.get([text]))
    uris = [Path(os.path.abspath(expand_home(text))).as_uri()]  # noqa: PTH100 - resolve() would follow links
    if re.match(r"[a-z][a-z0-9+.-]*:", text) and text.isprintable():  # a name of a file may begin so, too
        uris.insert(0, text)
    for uri in uris:
        below = uri.rstrip("/") + "/"
        for known, _ in gallery.versions(uri.rstrip("/")):
            if known == uri or known.startswith(below):
                yield known


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


def kept_name(encoder: str) -> str:
    """Give an encoder's name as a gallery keeps it: with the whole path of its file, where there is one."""
    family, sign, path = encoder.partition(":")
    if not sign or not path or not expand_home(path).is_file():
        return encoder
    return f"{family}:{expand_home(path).absolute()}"

"""Which names in a folder does nobody want? What hides or is left behind there, and what a person excludes."""

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from pathlib import Path
from posixpath import normpath
from unicodedata import normalize

from lookalike.disk import expand_home
from lookalike.errors import BadInput

_LEFT_BEHIND = (".*", "@eaDir", "Thumbs.db", "desktop.ini")
_GALLERIES = ("*.gallery", "*.gallery-*", "*.gallery.*")
"""In this very case, unlike a folder of pictures that somebody calls `Smith.Gallery`."""


class Exclusion:
    """Tells what to pass over, without regard to case: cameras write `IMG.PNG`, people `*.png`.

    What is matched is given in NFC: where a Mac writes `é` as two characters, people type one.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        """Read globs against a name (`*.png`), a path below a folder (`trash/*`) or a whole path (`~/photos/trash`).

        A slash at the end says nothing.

        Raises:
            BadInput: nothing can be called so.
        """
        spelt = [_spelt_out(glob) for glob in globs]
        names = any_of([glob for glob in spelt if "/" not in glob])
        self.names = re.compile(f"{SKIPPED.pattern}|{names.pattern}")
        self._paths = [glob for glob in spelt if "/" in glob]

    def below(self, root: Path) -> re.Pattern[str]:
        """Give what excluded paths below a folder look like, as seen from there."""
        return any_of([found for glob in self._paths if (found := _seen_from(root, glob))])


def check_places(globs: Iterable[str], roots: Sequence[Path]) -> None:
    """Refuse whole paths that lie in none of some folders.

    Raises:
        BadInput: one does, so that what it means would come in.
    """
    folders = [Path(os.path.abspath(root)) for root in roots]  # noqa: PTH100 - resolve() would follow links
    for glob in globs:
        if "/" in (spelt := _spelt_out(glob)) and not any(_seen_from(folder, spelt) for folder in folders):
            what = f"The glob {glob!r} excludes nothing: it lies below none of the folders given."
            raise BadInput(what, "Write it as their paths are written, or as seen from them: trash/*.")


def any_of(globs: Iterable[str]) -> re.Pattern[str]:
    """Make one pattern of several globs; one that never matches of none."""
    return re.compile("|".join(f"(?i:{translate(glob)})" for glob in globs) or r"(?!)")


SKIPPED = re.compile("|".join([any_of(_LEFT_BEHIND).pattern, *map(translate, _GALLERIES)]))
"""Names passed over in every folder: hidden ones, what file managers leave behind, and galleries themselves."""


def _spelt_out(glob: str) -> str:
    """Give a glob in the one way that is matched: a name, a path that begins with `./`, or a whole path."""
    text = glob.replace(os.sep, "/")
    is_name = "/" not in text.rstrip("/")
    path = normalize("NFC", normpath(text if is_name else expand_home(text).as_posix()))
    if path.strip("/") in {"", ".", ".."} or path.startswith("../"):
        what = f"The glob {glob!r} excludes nothing: no name and no path below a folder is like that."
        raise BadInput(what, "Write a name like *.png, or a path below the folder like trash/*.")
    is_whole = path.startswith("/") or Path(path).is_absolute()  # on Windows the former is not absolute
    return path if is_name or is_whole else f"./{path}"


def _seen_from(root: Path, glob: str) -> str:
    """Give the rest of a path's glob below a folder; nothing where it does not lie there."""
    if glob.startswith("./"):
        return glob[2:]
    steps, above = glob.split("/"), normalize("NFC", root.as_posix()).rstrip("/").split("/")
    lies_below = all(any_of([step]).match(name) for step, name in zip(steps, above, strict=False))
    return "/".join(steps[len(above) :]) if lies_below else ""

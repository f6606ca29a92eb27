"""Where on this machine lies what belongs to a gallery? Beside its file; or, of a server's, in the user-data folder."""

import re
from pathlib import Path

from platformdirs import user_data_path

from lookalike.gallery import is_on_server, shown_url
from lookalike.gallery.sqlite.opening import gallery_path

_SERVERS = "servers"
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_PRIVATE = 0o700


def place_of(gallery: str | Path) -> Path:
    """Give a gallery's file, there or not; of one on a server, what files beside it would be named after.

    Raises:
        BadInput: as `open_gallery` says.
    """
    if not is_on_server(gallery):
        return gallery_path(gallery)
    name = _UNFIT.sub("-", shown_url(gallery).partition("://")[2]).strip("-")
    return user_data_path("lookalike", appauthor=False) / _SERVERS / f"{name}.gallery"


def make_room(gallery: str | Path) -> None:
    """Make the folder of what belongs to a gallery on a server; others make theirs when the file is made."""
    if is_on_server(gallery):
        place_of(gallery).parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)


def name_of(gallery: str | Path) -> str:
    """Give what people are told of where a gallery is: a path, or a URL without its secrets."""
    return shown_url(gallery) if is_on_server(gallery) else str(gallery_path(gallery))

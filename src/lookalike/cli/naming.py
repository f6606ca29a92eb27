"""Which pictures of the gallery does a person mean?"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.disk import expand_home
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.gallery import Gallery


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

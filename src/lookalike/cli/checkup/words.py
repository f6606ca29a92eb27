"""Does the captioner write, and are registered models the newest?"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lookalike.cli.checkup.finding import Finding
from lookalike.cli.newer import newer_models
from lookalike.errors import LookalikeError, NotFound
from lookalike.testing.pictures import draw_picture

if TYPE_CHECKING:
    from lookalike.library import Lookalike


def check_captioner(library: "Lookalike") -> Iterator[Finding]:
    """Have the captioner of the settings describe a picture; a missing one is no error, as nobody may want it."""
    name = library.settings.captioner
    if not _is_here(name):
        fix = "It is fetched when it is first needed: `lookalike caption picture.jpg`."
        yield Finding(state="warning", subject="captioner", what=f"{name} is not on this machine yet", fix=fix)
        return
    try:
        captioner = library.captioning()
        if captioner is None:
            yield Finding(state="ok", subject="captioner", what="none")
            return
        picture = draw_picture(0, (224, 224))
        captioner.caption([picture])
    except LookalikeError as error:
        yield Finding(state="warning", subject="captioner", what=error.what, fix=error.fix)
        return
    began = time.thread_time()
    captioner.caption([picture])
    cost = (time.thread_time() - began) * 1000
    yield Finding(state="ok", subject="captioner", what=f"{captioner.name}, {cost:.0f} ms a picture on one core")


def check_versions(library: "Lookalike") -> Iterator[Finding]:
    """Ask the registry, where the gallery's encoder came from one, whether its alias has moved on."""
    try:
        gallery = library.gallery
    except NotFound:
        return  # none yet
    for sentence in newer_models(gallery):
        yield Finding(state="warning", subject="registry", what=sentence)


def _is_here(name: str) -> bool:
    """Tell whether a captioner can be loaded without asking a hub for it; what cannot be one is left to its loader."""
    family, _, rest = name.partition(":")
    if family != "hf":
        return True
    from lookalike.captioners.repositories import is_fetched

    try:
        return is_fetched(rest)
    except LookalikeError:
        return True

"""Is a registered model that the gallery uses not the newest any more?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.gallery import Gallery

_REGISTERED = "mlflow:"


def newer_models(gallery: "Gallery") -> Iterator[str]:
    """Say in a sentence each which of the gallery's encoders have a newer version, and what to do; ask only for those.

    Raises:
        BadInput, NotFound, LoginNeeded, NotAllowed, Unreachable, MissingExtra: as `newer_version` says.
    """
    names = dict.fromkeys(space.encoder for space in gallery.spaces.values())
    taken = [name for name in names if name.startswith(_REGISTERED)]
    if not taken:
        return
    from lookalike.models.registry import Address, newer_version

    held = {(one.name, one.version) for one in (Address.parse(name.removeprefix(_REGISTERED)) for name in taken)}
    for name in taken:
        now = newer_version(name)
        if now is not None and (now.name, now.version) not in held:
            before = Address.parse(name.removeprefix(_REGISTERED)).version
            newest = f"{_REGISTERED}models:/{now.name}@{now.alias}"
            yield (
                f"The alias {now.alias} of {now.name} names version {now.version} now; the gallery has vectors of "
                f"version {before}. Change to it: `lookalike reencode --encoder {newest}`."
            )

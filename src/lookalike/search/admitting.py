"""Who may be an answer at all? What is known already, and what the filter keeps out, takes no candidate's place."""

from collections.abc import Collection, Sequence

from lookalike.gallery import Gallery
from lookalike.gallery.filters import And, Filter, matches

_AT_ONCE = 64
_LOOKED_AT = 1_000
"""Pictures of one list that are looked at, at most: a filter may keep nearly all out."""


class Admission:
    """Admits pictures of one gallery to one search, by the keys that an index knows them by."""

    def __init__(self, gallery: Gallery, where: Filter, known: Collection[str]) -> None:
        """Admit what passes `where` and has none of the ids in `known`."""
        self._gallery = gallery
        self._where = where
        self._known = known
        self._ids: dict[int, str] = {}
        """Of the pictures looked at; empty for one that is not admitted."""

    def first(self, keys: Sequence[int], count: int) -> list[int]:
        """Give the first `count` keys whose pictures are admitted, in their order; no more are looked at than needed.

        Without a filter, that is mostly one question to the gallery.
        """
        admitted: list[int] = []
        step, most = max(_AT_ONCE, count + len(self._known)), min(len(keys), _LOOKED_AT + len(self._known))
        for start in range(0, most, step):
            if len(admitted) >= count:
                break
            some = keys[start : start + step]
            self._look_at([key for key in some if key not in self._ids])
            admitted += [key for key in some if self._ids[key]]
        return admitted[:count]

    def id_of(self, key: int) -> str:
        """Give the id of a picture that was admitted."""
        return self._ids[key]

    def _look_at(self, keys: Sequence[int]) -> None:
        if not keys:
            return
        ids = {key: id_ for key, id_ in self._gallery.ids(keys).items() if id_ not in self._known}
        if self._where != And(()):
            passing = {one.id for one in self._gallery.get(list(ids.values())) if matches(one, self._where)}
            ids = {key: id_ for key, id_ in ids.items() if id_ in passing}
        self._ids |= {key: ids.get(key, "") for key in keys}

"""What did a look at the likeliest copies show? The same on each page of a search, whatever time there was for it."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from lookalike.copies.verifier import Comparison, QueryPicture
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, format_filter
from lookalike.recent import Recent
from lookalike.search.copies import CopyFinder, Wanted, placed
from lookalike.search.query import Query
from lookalike.search.resolving import Resolved
from lookalike.types import Neighbors

_ALIKE = 10
"""How many candidates the copy vector gives."""
_REMEMBERED = 50
"""Searches, the last ones, whose comparisons are kept in memory for their later pages; they mostly take kilobytes."""


class Comparisons:
    """Compares query pictures with their likeliest copies in one gallery. May be shared by threads.

    How many are compared depends on the time that it takes. So the later pages of a search are cut from what was found
    for its first one, as long as the gallery does not change: else a picture might be on two pages, or on none.
    """

    def __init__(self, gallery: Gallery, copies: CopyFinder | None, space: str) -> None:
        """Find copies with `copies`; nothing is compared without. Their vectors lie in `space`, if it has a name."""
        self._gallery = gallery
        self._copies = copies
        self._space = space
        self._remembered: Recent[Mapping[str, Comparison]] = Recent(_REMEMBERED)

    def find(
        self, resolved: Resolved, where: Filter, query: Query, identical: Collection[str], *, goes_on: bool
    ) -> dict[str, Comparison]:
        """Find what is the same picture or shares a region; what is identical needs no proof.

        Where a search `goes_on`, that is what its first page found.
        """
        if self._copies is None or resolved.picture is None:
            return {}
        wanted = Wanted(
            picture=resolved.picture,
            known={*identical, resolved.itself},
            is_known=bool(identical),
            effort=query.effort,
            votes=resolved.votes,
        )
        key = self._key(wanted, resolved.picture, where)
        found = self._remembered.get(key) if goes_on else None
        if found is None:
            if not identical and self._space in self._gallery.spaces and self._space in resolved.vectors:
                wanted = replace(wanted, alike=self._alike(resolved, where))
            found = self._copies.find(wanted, where)
            self._remembered.put(key, found)
        elif resolved.votes is not None:
            resolved.votes.cancel()  # nobody waits for them any more
        return {id_: placed(one, query.region) for id_, one in found.items()}

    def _key(self, wanted: Wanted, picture: QueryPicture, where: Filter) -> str:
        """Tell apart what is looked for, and in what."""
        state = self._gallery.state
        asked = (picture.grey.shape, sorted(wanted.known), wanted.effort, format_filter(where))
        parts = (*asked, state.identity, state.revision)
        return hashlib.sha256(json.dumps(parts).encode() + picture.grey.tobytes()).hexdigest()

    def _alike(self, resolved: Resolved, where: Filter) -> Neighbors:
        """Give those whose copy vector is nearest, without the record searched with, which is nearest to itself."""
        vector = resolved.vectors[self._space][None]
        near = self._gallery.nearest(self._space, vector, _ALIKE + bool(resolved.itself), where)[0]
        others = [place for place, id_ in enumerate(near.ids) if id_ != resolved.itself][:_ALIKE]
        return Neighbors(ids=tuple(near.ids[place] for place in others), scores=near.scores[others])

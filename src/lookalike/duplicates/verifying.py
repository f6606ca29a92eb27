"""Do two pictures of a gallery show the same, down to the pixels? Looks at their originals."""

from collections.abc import Callable

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.correlation import Closeness, measure
from lookalike.copies.dense import lay_whole
from lookalike.copies.pages import words_differ
from lookalike.copies.plane import Homography
from lookalike.copies.verdict import judge_whole
from lookalike.copies.verifier import Comparison, QueryPicture, Verifier
from lookalike.decode import DecodePool, Fit
from lookalike.errors import LookalikeError
from lookalike.recent import Recent
from lookalike.sources import open_original
from lookalike.types import Grey, ImageRecord, Relation

_FIT = Fit(size=16, mode="squash", grey=GREY_PX)
"""Only the grey picture is looked at."""
_GREYS = 500
"""Pictures that are kept as they were decoded, the last ones: at most 100 MB."""
_QUERIES = 16
"""Pictures that are kept with what was worked out about them, the last ones: a megabyte each."""
_AGREES = 0.6
"""Correlation of the worst tenth of all blocks, from which two pictures laid over one another hide nothing."""


class OriginalsVerifier:
    """Compares the originals of two records; is a `Verify`. May be shared by threads."""

    def __init__(self, decoder: DecodePool, otherwise: Callable[[ImageRecord], Grey] | None = None) -> None:
        """Decode with `decoder`, which this object does not close; `otherwise` gives what has no original at hand."""
        self.missing: dict[str, str] = {}
        """Id of each picture that could not be had → why; it was compared with nothing."""
        self._decoder = decoder
        self._otherwise = otherwise
        self._verifier = Verifier()
        self._greys: Recent[Grey] = Recent(_GREYS)
        self._queries: Recent[QueryPicture] = Recent(_QUERIES)

    def __call__(self, keep: ImageRecord, other: ImageRecord) -> Comparison | None:
        """Compare; None where one of the originals cannot be had or read."""
        query = self._query(keep)
        image = None if query is None else self._grey(other)
        if image is None or query is None:
            return None
        return _compare_whole(query.grey, image) or self._verifier.compare(query, image)

    def _query(self, keep: ImageRecord) -> QueryPicture | None:
        """Work a picture out once for all that are compared with it one after the other."""
        grey = self._grey(keep)
        return None if grey is None else self._queries.get_or_make(keep.id, lambda: QueryPicture(grey))

    def _grey(self, record: ImageRecord) -> Grey | None:
        """Give a picture; one that could not be had is not asked for again."""
        if record.id in self.missing:
            return None
        try:
            return self._greys.get_or_make(record.id, lambda: self._original(record))
        except LookalikeError as error:
            self.missing[record.id] = error.what
            return None

    def _original(self, record: ImageRecord) -> Grey:
        try:
            grey = self._decoder.decode(open_original(record.uri), _FIT).grey
        except LookalikeError:
            if self._otherwise is None:
                raise
            return self._otherwise(record)
        assert grey is not None  # noqa: S101 - it was asked for
        return grey


def _compare_whole(first: Grey, second: Grey) -> Comparison | None:
    """Lay one whole picture over the other, as it lies and then nudged into place; None where that settles nothing."""
    if words_differ(first, second, _stretch(first, second)):
        return None
    as_it_lies = measure(first, second, _stretch(first, second), inverted=False)
    return _settled(as_it_lies) or _settled(laid.closeness if (laid := lay_whole(first, second)) else None)


def _settled(closeness: Closeness | None) -> Comparison | None:
    if closeness is None or closeness.fine.low < _AGREES:
        return None
    verdict = judge_whole(closeness)
    return Comparison(Relation.SAME, verdict.same) if verdict.relation is Relation.SAME else None


def _stretch(first: Grey, second: Grey) -> Homography:
    """Map the pixels of one picture to those of the other; whole numbers are the centres of pixels."""
    x, y = second.shape[1] / first.shape[1], second.shape[0] / first.shape[0]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])

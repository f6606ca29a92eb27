"""What is under test? One gallery with its encoder: its pictures, their vectors, and how sure a score is."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from heapq import nsmallest

import numpy as np
from xxhash import xxh3_64_intdigest

from lookalike.encoders import Encoder, TextEncoder
from lookalike.errors import BadInput
from lookalike.evaluation.truth.naming import Names
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, parse_filter
from lookalike.gallery.walking import each_record
from lookalike.library import Lookalike, ReadyParts
from lookalike.search.fusion import Calibration
from lookalike.search.spaces import calibration_of_words, check_space
from lookalike.types import Embeddings, ImageRecord, Space

_PAGE = 1_000


def holding_still(library: Lookalike, encoder: Encoder | None = None) -> Lookalike:
    """Open a library once more, with one encoder for good: that of this moment, unless another one is given.

    Somebody may switch the gallery to another one while it is under test. Close it before the library.
    """
    ready = ReadyParts(gallery=library.gallery)
    return Lookalike(library.where, encoder or library.encoder, settings=library.settings, create=False, ready=ready)


class Subject:
    """A gallery with its encoder. Records and vectors are read once, when they are first asked for."""

    def __init__(
        self, library: Lookalike, where: str = "", name: str = "", *, most: int | None = None, seed: int = 0
    ) -> None:
        """Take a library that is `holding_still`, and is not closed here; `where` narrows what is under test down.

        Of more pictures than `most`, chance, which begins with `seed`, draws so many, and no others are kept in memory.

        Raises:
            BadInput: a wrong filter.
            GalleryError: the gallery was made with another encoder.
        """
        self.library = library
        self.where = where
        self.asked_of: Collection[str] | None = None
        """Ids of the records that queries are drawn from, and whose vectors are ranked; None for all."""
        self.name = name or library.gallery_name
        self._filter = parse_filter(where)
        self._most = most
        self._seed = seed
        check_space(library.gallery, library.encoder)

    @cached_property
    def records(self) -> dict[str, ImageRecord]:
        """Records by id, without their embeddings, in a fixed order; those that the encoder has not seen are left out.

        Raises:
            BadInput: there are fewer than two.
        """
        gallery, space = self.library.gallery, next(iter(self.library.encoder.spaces))
        lacking = set(_lacking(gallery, space)) if space in gallery.spaces else set()
        there = (record for record in all_records(gallery, self._filter) if record.id not in lacking)
        found = {record.id: record for record in self._drawn(there)}
        if len(found) < 2:
            what = f"There are {len(found)} pictures to evaluate on in {self.name}"
            if self.where:
                raise BadInput(f"{what} that pass the filter {self.where!r}.", "Widen the filter, or leave it out.")
            fix = "Index some first: `lookalike index ~/Pictures`; or name a folder of pictures to evaluate on."
            raise BadInput(f"{what}.", fix)
        return found

    def _drawn(self, records: Iterable[ImageRecord]) -> Iterable[ImageRecord]:
        """Draw as many as are wanted at most, in the order of their uris, as they come."""
        if self._most is None:
            return records
        drawn = nsmallest(self._most, records, key=self._lot)
        return sorted(drawn, key=lambda record: record.uri)

    def _lot(self, record: ImageRecord) -> int:
        return xxh3_64_intdigest(f"{self._seed} {record.id}".encode())

    @cached_property
    def names(self) -> Names:
        """How files of ground truth may call the records."""
        return Names(self.records.values())

    def askable(self, ids: Iterable[str]) -> list[str]:
        """Give those of some records that queries are drawn from, in their order."""
        return [id_ for id_ in ids if self.asked_of is None or id_ in self.asked_of]

    def twins(self, id_: str) -> list[str]:
        """Give the other records of the same bytes or pixels, by their ids."""
        found = {twin for proof in proofs(self.records[id_]) for twin in self._holders[proof]}
        return sorted(found - {id_})

    @cached_property
    def _holders(self) -> dict[str, list[str]]:
        """Which records have bytes or pixels of these sums."""
        holders: dict[str, list[str]] = {}
        for record in self.records.values():
            for proof in proofs(record):
                holders.setdefault(proof, []).append(record.id)
        return holders

    def space(self, suffix: str = "") -> Space:
        """Give the space that a search by picture uses, or the one whose name ends so, as the gallery keeps it.

        Raises:
            BadInput: it holds no vectors.
        """
        spaces = self.library.gallery.spaces
        wanted = next((name for name in self.library.encoder.spaces if name.endswith(suffix)), "")
        if wanted not in spaces:
            raise BadInput(f"{self.library.gallery.url} holds no vectors of {wanted or suffix!r}.", "Index it anew.")
        return spaces[wanted]

    def text_encoder(self) -> TextEncoder:
        """Give the encoder, which must know words.

        Raises:
            BadInput: it knows none.
        """
        encoder = self.library.encoder
        if not isinstance(encoder, TextEncoder):
            name = self.library.encoder.name
            raise BadInput(f"The encoder {name!r} knows no words.", "Use one that does, such as mini.")
        return encoder

    def vectors(self, space: str) -> "Vectors":
        """Read the embeddings in a space; records without one are left out. Raises as `space` does."""
        dim = self.space(space).dim
        ids: list[str] = []
        rows: list[np.ndarray] = []
        for record in self._embedded():
            if space in record.embeddings:
                ids.append(record.id)
                rows.append(record.embeddings[space])
        return Vectors(ids, np.array(rows, np.float32).reshape(len(rows), dim))

    def _embedded(self) -> Iterator[ImageRecord]:
        """Give all that is under test with its embeddings, or what was drawn of it."""
        gallery = self.library.gallery
        if self._most is None:
            yield from all_records(gallery, self._filter, embeddings=True)
            return
        ids = list(self.records)
        for start in range(0, len(ids), _PAGE):
            yield from gallery.get(ids[start : start + _PAGE], embeddings=True)

    def confidence_of_pictures(self, space: Space) -> Callable[[float], float]:
        """Give what makes the confidence of a cosine of two pictures."""
        return Calibration.of_pictures(space.calibration).confidence

    def confidence_of_words(self) -> Callable[[float], float]:
        """Give what makes the confidence of a cosine of words and a picture, as a search by words shows it."""
        encoder = self.text_encoder()
        stored = self.space(encoder.text_space)
        return calibration_of_words(stored, encoder).confidence


def all_records(gallery: Gallery, where: Filter, *, embeddings: bool = False) -> Iterator[ImageRecord]:
    """Give the records that pass, some at a time, in the order of their uris."""
    return each_record(lambda after: gallery.scan(where, order="uri", after=after, limit=_PAGE, embeddings=embeddings))


def _lacking(gallery: Gallery, space: str) -> Iterator[str]:
    """Give the ids of the records without a vector in a space, as while it is being filled."""
    return (record.id for record in each_record(lambda after: gallery.lacking([space], after, _PAGE)))


def proofs(record: ImageRecord) -> set[str]:
    """Give what no two different pictures have in common."""
    return {proof for proof in (record.sha256, record.fingerprint.pixels) if proof}


class Vectors:
    """Embeddings, and whose they are."""

    def __init__(self, ids: list[str], rows: Embeddings) -> None:
        """Take one id a row."""
        self.ids = ids
        self.rows = rows
        self.places = {id_: place for place, id_ in enumerate(ids)}

    def only(self, wanted: set[str]) -> "Vectors":
        """Give those of some records, in the order of their ids: that of their names would tell of their classes."""
        kept = [self.places[id_] for id_ in sorted(wanted & self.places.keys())]
        return Vectors([self.ids[place] for place in kept], self.rows[kept])

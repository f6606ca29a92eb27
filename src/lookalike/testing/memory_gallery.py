"""What should a gallery answer? The slow and simple reference: dictionaries, brute force and `matches`."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from threading import RLock
from typing import Literal
from uuid import uuid4

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery import PAGE_KEYS, Change, FingerprintPage, Merge, Others, Page, State
from lookalike.gallery.counting import commonest
from lookalike.gallery.filters import And, Filter, matches
from lookalike.gallery.fingerprints import check_fingerprint
from lookalike.gallery.merging import merged
from lookalike.gallery.serving import Embedded, Serving, Turn, checked_turn, first_served, without
from lookalike.gallery.suiting import Term
from lookalike.gallery.texts import texts_of
from lookalike.testing.memory_listing import count_values, page_of
from lookalike.testing.memory_searching import best_suited, cosines_of, nearest_of
from lookalike.types import (
    Described,
    Embedding,
    Embeddings,
    Failure,
    Fingerprint,
    ImageRecord,
    Learned,
    Neighbors,
    Scores,
    Space,
)

_EVERYTHING = And(())
_WORDS = (*(field.name for field in fields(Described)), "recognised", "edited", "version")


class MemoryGallery:
    """Keeps everything in dictionaries and looks at every record for every answer."""

    def __init__(self) -> None:
        """Begin empty."""
        self.url = "memory:"
        self._records: dict[str, ImageRecord] = {}
        self._failures: dict[str, Failure] = {}
        self._spaces: dict[str, Space] = {}
        self._learned: dict[str, Space] = {}
        self._serving: Serving | None = None
        self._keys: dict[str, int] = {}
        self._revision = 0
        self._identity = uuid4().hex
        self._lock = RLock()

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The spaces that hold vectors, by name."""
        return {name: self._learned.get(name, space) for name, space in self._spaces.items()}

    def add_space(self, space: Space) -> None:
        """Make room for a space."""
        with self._lock:
            known = self._spaces.setdefault(space.name, space)
        if (known.dim, known.digest) != (space.dim, space.digest):
            raise GalleryError(
                f"The space {space.name!r} was made by {known.encoder!r} with other weights or dimensions.",
                f"Use the encoder {known.encoder!r}, or another gallery.",
            )

    def drop_space(self, name: str) -> None:
        """Forget a space with all vectors in it."""
        with self._lock:
            self._serving = without(name, self.serving)
            self._learned.pop(name, None)
            self._spaces.pop(name, None)
            self._revision += 1
            for id_, record in self._records.items():
                kept = {space: vector for space, vector in record.embeddings.items() if space != name}
                self._records[id_] = replace(record, embeddings=kept)

    @property
    def serving(self) -> Serving:
        """Which spaces answer queries."""
        return self._serving or first_served(self._spaces.values())

    def serve(self, change: Turn) -> Serving:
        """Change which spaces answer queries."""
        with self._lock:
            self._serving = checked_turn(change, self.serving, self._spaces)
            return self._serving

    def embed(self, made: Sequence[Embedded]) -> list[str]:
        """Add vectors to records."""
        with self._lock:
            known = {one.id: self._records[one.id].sha256 for one in made if one.id in self._records}
            same = [one for one in made if known.get(one.id) in {"", one.sha256}]
            after = [
                self._checked(replace(record, embeddings={**record.embeddings, **one.embeddings}))
                for one in same
                for record in [self._records[one.id]]
            ]
            self._records.update({record.id: record for record in after})
            self._revision += 1
            return [one.id for one in same]

    def lacking(self, spaces: Collection[str], after: str = "", limit: int = 512) -> Page:
        """List the records that lack a vector in one of some spaces, as they came."""
        if after and not after.isdecimal():
            raise BadInput("This is no cursor.", "Begin again without one.")
        found = [(self._keys[record.id], self._given(record, embeddings=False)) for record in self._lacking(spaces)]
        rest = sorted((pair for pair in found if pair[0] > int(after or -1)), key=lambda pair: pair[0])
        more = str(rest[limit - 1][0]) if len(rest) > limit else ""
        return Page(records=tuple(record for _, record in rest[:limit]), after=more)

    def count_lacking(self, spaces: Collection[str]) -> int:
        """Count the records that lack a vector in one of some spaces."""
        return len(self._lacking(spaces))

    def _lacking(self, spaces: Collection[str]) -> list[ImageRecord]:
        for name in spaces:
            self._check(name)
        return [record for record in self._passing(None) if not set(spaces) <= record.embeddings.keys()]

    def calibrate(self, space: str, learned: Learned | None) -> None:
        """Keep what was learned about the scores in a space; None forgets it."""
        self._check(space)
        self._learned.pop(space, None)
        if learned is not None:
            self._learned[space] = self._spaces[space].taught(learned)

    def _check(self, space: str, dim: int | None = None) -> None:
        """Refuse a space that is not there, or is of another dimension than this."""
        if space not in self._spaces or dim not in (None, self._spaces[space].dim):
            of = f" of {dim} dimensions" if dim is not None else ""
            raise GalleryError(f"The gallery holds no space {space!r}{of}.")

    def put(
        self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), *, merge: Merge | None = None
    ) -> None:
        """Insert or replace records by id, and failures by uri."""
        with self._lock:
            kept = [self._checked(self._merged(record, merge)) for record in records]
            for record in kept:
                before = self._records.pop(record.id, None)
                self._records[record.id] = replace(record, added_at=before.added_at) if before else record
                self._failures.pop(record.uri, None)
                self._keys.setdefault(record.id, len(self._keys))
            self._revision += 1
            self._failures.update({failure.uri: failure for failure in failures})

    def _merged(self, record: ImageRecord, merge: Merge | None) -> ImageRecord:
        before = self._records.get(record.id)
        return merged(merge, before, record) if merge and before else record

    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        """Change what is said of records."""
        with self._lock:
            before = {id_: self._records[id_] for id_ in ids if id_ in self._records}
            words = {id_: change(self._given(record, embeddings=False)) for id_, record in before.items()}
            after = {
                id_: self._checked(replace(before[id_], **{name: getattr(new, name) for name in _WORDS}))
                for id_, new in words.items()
            }
            self._records.update(after)
            self._revision += 1
            return [self._given(record, embeddings=False) for record in after.values()]

    def _checked(self, record: ImageRecord) -> ImageRecord:
        """Give a copy that shares nothing with the caller's."""
        for name, vector in record.embeddings.items():
            space = self._spaces.get(name)
            if space is None or vector.shape != (space.dim,) or not np.isfinite(vector).all():
                raise GalleryError(f"The embedding {name!r} of {record.uri} is of no known space and dimension.")
        check_fingerprint(record)
        try:
            metadata = json.loads(json.dumps(dict(record.metadata), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise BadInput(f"The metadata of {record.uri} is no JSON: {error}.") from error
        return replace(record, metadata=metadata, embeddings={k: v.copy() for k, v in record.embeddings.items()})

    def delete(self, ids: Collection[str]) -> int:
        """Forget records."""
        with self._lock:
            self._revision += 1
            return sum(self._records.pop(id_, None) is not None for id_ in set(ids))

    @property
    def state(self) -> State:
        """What the gallery is now."""
        return State(identity=self._identity, revision=self._revision)

    def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
        """Give every page there ever was whenever anything has changed."""
        with self._lock:
            if self._revision <= since:
                return
            held: dict[int, list[tuple[int, Fingerprint]]] = {}
            for id_, key in self._keys.items():
                page = held.setdefault(key // PAGE_KEYS, [])
                if id_ in self._records:
                    page.append((key, self._records[id_].fingerprint))
        for number, page in held.items():
            prints = [one for _, one in page]
            keys = np.array([key for key, _ in page], np.int64)
            yield FingerprintPage(
                number=number,
                held=keys,
                keys=keys,
                perceptual=np.array([_hash_bytes(one) for one in prints], np.uint8).reshape(-1, 32),
                quality=np.array([one.quality for one in prints], np.uint8),
                features=tuple(one.features for one in prints),
            )

    def ids(self, keys: Collection[int]) -> dict[int, str]:
        """Map keys to ids."""
        with self._lock:
            return {key: id_ for id_, key in self._keys.items() if key in set(keys) and id_ in self._records}

    def get(self, ids: Sequence[str], *, embeddings: bool = False) -> list[ImageRecord]:
        """Fetch records in the order asked."""
        with self._lock:
            return [self._given(self._records[id_], embeddings) for id_ in ids if id_ in self._records]

    def _given(self, record: ImageRecord, embeddings: bool) -> ImageRecord:
        metadata = dict(record.metadata)
        if embeddings:
            return replace(record, metadata=metadata)
        return replace(record, metadata=metadata, embeddings={}, fingerprint=replace(record.fingerprint, features=b""))

    def find(self, field: Literal["sha256", "pixels"], values: Collection[str]) -> dict[str, list[str]]:
        """Map each value that occurs to the ids that carry it, oldest first."""
        found: dict[str, list[str]] = {}
        for record in sorted(self._passing(None), key=lambda record: record.added_at):
            value = record.sha256 if field == "sha256" else record.fingerprint.pixels
            if value in set(values):
                found.setdefault(value, []).append(record.id)
        return found

    def _passing(self, where: Filter | None) -> list[ImageRecord]:
        with self._lock:
            return [record for record in self._records.values() if matches(record, where or _EVERYTHING)]

    def scan(
        self,
        where: Filter | None = None,
        *,
        order: str = "-added",
        after: str = "",
        limit: int = 100,
        embeddings: bool = False,
    ) -> Page:
        """List the records that pass, in order, ties by id."""
        page = page_of(self._passing(where), order, after, limit)
        return replace(page, records=tuple(self._given(record, embeddings) for record in page.records))

    def count(self, where: Filter | None = None) -> int:
        """Count the records that pass."""
        return len(self._passing(where))

    def facets(self, field: str, where: Filter | None = None, limit: int = 50, *, like: str = "") -> dict[str, int]:
        """Count records by the values of a field that hold a text, commonest first."""
        return commonest(count_values(self._passing(where), field), field, limit, like)

    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        """Find the k nearest records to each unit vector."""
        self._check(space, vectors.shape[1])
        return nearest_of(self._passing(where), space, vectors, k)

    def similarity(self, space: str, vector: Embedding, ids: Sequence[str]) -> Scores:
        """Give the cosine of some records with a unit vector."""
        self._check(space, len(vector))
        return cosines_of(self._passing(None), space, vector, ids)

    def match_text(
        self, text: str | Sequence[Term], k: int, where: Filter | None = None, *, also: Others | None = None
    ) -> Neighbors:
        """Find the k records that suit some words best."""
        texts = {record.id: texts_of(record) for record in self._passing(None)}
        return best_suited(text, k, texts, {record.id for record in self._passing(where)}, also() if also else ())

    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List (uri, version) of every record and failure whose uri starts with `prefix`."""
        with self._lock:
            known: list[ImageRecord | Failure] = [*self._records.values(), *self._failures.values()]
        return iter([(one.uri, one.version) for one in known if one.uri.startswith(prefix)])

    def failures(self) -> list[Failure]:
        """List what could not be taken in, by uri."""
        return [self._failures[uri] for uri in sorted(self._failures)]

    def drop_failures(self, uris: Collection[str]) -> int:
        """Forget failures."""
        with self._lock:
            return sum(self._failures.pop(uri, None) is not None for uri in set(uris))

    def size_bytes(self) -> int:
        """Nothing is on disk."""
        return 0

    def backup(self, path: Path) -> None:
        """Refuse: there is nothing on disk to copy."""
        raise GalleryError(f"A gallery in memory cannot be copied to {path}.", "Export it instead.")

    def check(self) -> list[str]:
        """Find nothing wrong: there is nothing that could break."""
        return []

    def close(self) -> None:
        """Let go of nothing."""

    def __enter__(self) -> "MemoryGallery":
        """Give the gallery itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def _hash_bytes(fingerprint: Fingerprint) -> list[int]:
    return list(bytes.fromhex(fingerprint.perceptual).ljust(32, b"\0"))

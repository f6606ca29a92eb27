"""What does a gallery know besides its records? Who it is, its spaces, its failures, and what occurs in it."""

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery import State
from lookalike.gallery.milvus.codes import all_of, key_of
from lookalike.gallery.milvus.columns import Terms
from lookalike.gallery.milvus.rows import LONGEST_TEXT, NO_VECTOR, from_pieces, in_pieces, note_row
from lookalike.gallery.milvus.schema import VERSION, notes_of
from lookalike.gallery.milvus.server import RECENT_S, Row, Server
from lookalike.gallery.milvus.vocabulary import Vocabulary
from lookalike.gallery.milvus.walking import fetch, stream
from lookalike.gallery.serving import Serving, first_served, no_space
from lookalike.types import Failure, Learned, Outcome, Space

_GALLERY = "gallery"
_STATE = "state"
_SERVING = "serving"
_FIELDS = ("kind", "number", "name", "body")
REVISIONS_A_SECOND = 1_000_000
_FRESH_S = 0.5
"""How long it is believed that there are no failures; what this client notes itself is known at once."""


@dataclass(frozen=True, slots=True)
class NotedSpace:
    """A space, and when it was made."""

    space: Space
    number: int
    """Nanoseconds since 1970: another one for a space of that name that was made anew."""


class Notes:
    """The collection of notes of one gallery."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._collection = notes_of(server.address.name)
        self.vocabulary = Vocabulary(server)
        self._identity = ""
        self._last_noted = self._last_given = 0
        self._spaces_changed_at = time.monotonic()  # maybe by somebody else, just before this was opened
        self._failed_at = self._none_failed_at = float("-inf")
        self._lock = Lock()

    @property
    def is_begun(self) -> bool:
        """Whether the gallery was whole once."""
        return bool(self._get([_GALLERY]))

    def begin(self) -> None:
        """Give a new gallery its identity; nothing happens where it has one."""
        if not self.is_begun:
            self._put([note_row(_GALLERY, _GALLERY, number=VERSION, name=uuid4().hex)])

    def require_known_layout(self) -> None:
        """Refuse a gallery whose collections may mean something else.

        Raises:
            GalleryError: it was made by a newer Lookalike.
        """
        if any(int(row["number"]) > VERSION for row in self._get([_GALLERY])):
            raise GalleryError(
                f"The gallery {self._server.address.url} was made by a newer Lookalike.", "Use that one, or update."
            )

    def state(self) -> State:
        """Say what the gallery is now."""
        found = {row["id"]: row for row in self._get([_GALLERY, _STATE])}
        if _GALLERY not in found:
            raise GalleryError(f"{self._server.address.url} is no gallery any more.", "Open it anew, and index again.")
        self._recognise(found[_GALLERY])
        revision = self._grown(int(found[_STATE]["number"]) if _STATE in found else 0)
        return State(identity=found[_GALLERY]["name"], revision=revision)

    def _recognise(self, gallery: Row) -> None:
        """Forget what was noted in another gallery of this name."""
        if gallery["name"] != self._identity:
            self.vocabulary.forget()
            self._identity = gallery["name"]

    def _grown(self, noted: int) -> int:
        """Give a revision that grows whenever another is noted, even a lower one: two writers' notes may cross.

        One that is lower by more than a message takes is that of a backup: what was noted since is gone.
        """
        crossing_s = self._server.address.timeout_s + RECENT_S
        with self._lock:
            if noted < self._last_noted - crossing_s * REVISIONS_A_SECOND:
                self.vocabulary.forget()
            if noted != self._last_noted:
                self._last_noted, self._last_given = noted, max(noted, self._last_given + 1)
            return self._last_given

    def note_change(self, pages: Collection[int], revision: int) -> None:
        """Keep that something has changed, and in which pages of keys, once it is there to be read.

        The revision becomes higher than any that was noted while the change was being made.
        """
        for row in self._get([_STATE]):
            self._grown(int(row["number"]))
            revision = max(revision, int(row["number"]) + 1)
        touched = [note_row(f"page:{number}", "page", number=revision, name=str(number)) for number in pages]
        self._put([*touched, note_row(_STATE, _STATE, number=revision)])

    def pages_since(self, revision: int) -> set[int]:
        """Give the pages that were noted after a revision."""
        where = all_of(['kind == "page"', f"number > {revision}"])
        return {int(row["name"]) for row in fetch(self._server, self._collection, where, ("name",))}

    def spaces(self) -> dict[str, NotedSpace]:
        """Give all spaces by name, oldest first."""
        settled = time.monotonic() - self._spaces_changed_at > RECENT_S
        rows = self._server.query(self._collection, 'kind == "space"', [*_FIELDS, "id"], settled=settled)
        found = {}
        for row in sorted(rows, key=lambda row: int(row["number"])):
            said: dict[str, Any] = json.loads(from_pieces(row["body"]))
            learned = said.pop("taught", None)
            lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
            space = Space(**(said | lists))
            if learned:
                space = space.taught(Learned(pictures=tuple(learned[0]), texts=tuple(learned[1]), note=learned[2]))
            found[space.name] = NotedSpace(space, int(row["number"]))
        return found

    def put_space(self, space: Space) -> NotedSpace:
        """Keep a space as it is when nothing was learned about it."""
        noted = NotedSpace(space.untaught(), time.time_ns())
        body = json.dumps(asdict(noted.space))
        self._put([note_row(key_of("space", space.name), "space", number=noted.number, name=space.name, body=body)])
        self._spaces_changed_at = time.monotonic()
        return noted

    def teach(self, space: str, learned: Learned | None) -> None:
        """Keep what was learned about a space, or forget it.

        Raises:
            GalleryError: no such space.
        """
        found = self._get([key_of("space", space)])
        if not found:
            raise no_space(space, self.spaces())
        said = json.loads(from_pieces(found[0]["body"])) | {
            "taught": [learned.pictures, learned.texts, learned.note] if learned else None
        }
        self._put([{**found[0], "body": in_pieces(json.dumps(said)), **NO_VECTOR}])
        self._spaces_changed_at = time.monotonic()

    def drop_space(self, name: str) -> None:
        """Forget a space."""
        self._server.delete(self._collection, [key_of("space", name)])
        self._spaces_changed_at = time.monotonic()

    def serving(self, spaces: Mapping[str, Space], *, latest: bool = False) -> Serving:
        """Say which of the spaces answer queries; the latest, whoever said so, where that is to be changed."""
        found = self._get([_SERVING], latest=latest)
        if not found:
            return first_served(spaces.values())
        said = json.loads(from_pieces(found[0]["body"]))
        return Serving(**{role: tuple(names) for role, names in said.items()})

    def put_serving(self, serving: Serving) -> None:
        """Keep which of the spaces answer queries."""
        self._put([note_row(_SERVING, _SERVING, body=json.dumps(asdict(serving)))])

    def failures(self) -> list[Failure]:
        """Give what could not be taken in, by uri."""
        found = fetch(self._server, self._collection, 'kind == "failure"', _FIELDS)
        return sorted(map(_to_failure, found), key=lambda failure: failure.uri)

    def put_failures(self, written: Sequence[Row]) -> None:
        """Keep failures that `failure_notes` has written down."""
        self._put(written)
        self._failed_at = time.monotonic()

    def have_failed(self, uris: Collection[str]) -> bool:
        """Whether any of these could not be taken in before; most galleries have no failures at all."""
        if not self._some_have_failed():
            return False
        return bool(self._get([key_of("failure", uri) for uri in set(uris)]))

    def _some_have_failed(self) -> bool:
        if time.monotonic() - self._failed_at < RECENT_S:
            return True
        if time.monotonic() - self._none_failed_at < _FRESH_S:
            return False
        if self._server.query(self._collection, 'kind == "failure"', ["id"], 1, settled=True):
            return True
        self._none_failed_at = time.monotonic()
        return False

    def drop_failures(self, uris: Collection[str]) -> int:
        """Forget failures; returns how many there were."""
        found = [row["id"] for row in self._get([key_of("failure", uri) for uri in set(uris)])]
        if found:
            self._server.delete(self._collection, found)
        return len(found)

    def failed_versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Give (uri, version) of the failures whose uri starts so."""
        for rows in stream(self._server, self._collection, 'kind == "failure"', _FIELDS):
            for row in rows:
                if row["name"].startswith(prefix):
                    yield row["name"], _to_failure(row).version

    def note_terms(self, held: Iterable[Terms]) -> None:
        """Keep which texts occur, in this gallery: one that was made anew under its name holds none of the known."""
        for row in self._get([_GALLERY, _STATE]):
            if row["id"] == _GALLERY:
                self._recognise(row)
            else:
                self._grown(int(row["number"]))
        self.vocabulary.note(held)

    def _get(self, ids: Sequence[str], *, latest: bool = False) -> list[Row]:
        return list(self._server.rows(self._collection, ids, ["id", *_FIELDS], latest=latest).values())

    def _put(self, rows: Sequence[Row]) -> None:
        self._server.upsert(self._collection, rows)


def failure_notes(failures: Iterable[Failure]) -> list[Row]:
    """Write failures down, one for each uri.

    Raises:
        BadInput: one that cannot be kept.
    """
    return [_to_note(failure) for failure in {one.uri: one for one in failures}.values()]


def _to_note(failure: Failure) -> Row:
    said = [failure.version, failure.outcome.value, failure.reason, failure.at.isoformat()]
    try:
        if len(failure.uri.encode()) > LONGEST_TEXT:
            raise ValueError("it is too long")
        return note_row(key_of("failure", failure.uri), "failure", name=failure.uri, body=json.dumps(said))
    except ValueError as error:
        raise BadInput(f"The failure of {failure.uri[:100]!r} cannot be stored: {error}.") from error


def _to_failure(row: Row) -> Failure:
    version, outcome, reason, at = json.loads(from_pieces(row["body"]))
    moment = datetime.fromisoformat(at)
    return Failure(uri=str(row["name"]), version=version, outcome=Outcome(outcome), reason=reason, at=moment)

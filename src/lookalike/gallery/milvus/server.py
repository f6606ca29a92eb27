"""What does the server on the other side say, and what can it do? One connection, every call bounded in time."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from lookalike.errors import GalleryError, MissingExtra
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.codes import EVERYTHING, any_of
from lookalike.gallery.milvus.faults import translated

Row = dict[str, Any]

LARGEST_WINDOW = 16_384
"""Rows that one query or search may give. Source: https://milvus.io/docs/limitations.md"""
_IDS_A_CALL = 1_000
_OLDEST = (2, 3)
_CHANNEL = {"grpc.keepalive_permit_without_calls": 0}
"""A connection at rest sends no pings: servers such as Milvus Lite hang up on clients that send many."""
_RECENT_S = 10.0
"""How long what was written may not be everybody's yet; to wait for it costs a tick of the server's clock, 0.2 s."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server of some version does natively."""

    version: str
    half_precision: bool
    """Vectors of 16 bits, from 2.4."""
    inverted: bool
    """Inverted indexes of numbers and texts, from 2.4."""
    inverted_lists: bool
    """And of lists, from 2.5."""
    short_graphs: bool
    """Graphs over shortened vectors, from 2.5."""

    def __str__(self) -> str:
        """Say what there is, and what a newer server would do better."""
        bits = 16 if self.half_precision else 32
        missing = [] if self.half_precision else ["from 2.4 on, vectors take half of that"]
        missing += [] if self.inverted_lists else ["from 2.5 on, words and tags have an index"]
        return "; ".join([f"Milvus {self.version}, vectors of {bits} bits a dimension", *missing])

    @classmethod
    def of(cls, version: str) -> "Abilities":
        """Read what a server calls itself: `v2.3.5-lite`, `2.5.4`, `milvus_lite-3.2.2`."""
        lite = version.startswith("milvus_lite")
        number = _number(version)
        return cls(
            version=version,
            half_precision=not lite and number >= (2, 4),
            inverted=lite or number >= (2, 4),
            inverted_lists=not lite and number >= (2, 5),
            short_graphs=not lite and number >= (2, 5),
        )


def _number(version: str) -> tuple[int, ...]:
    digits = version.rpartition("milvus_lite-")[2].lstrip("v").partition("-")[0]
    return tuple(int(part) for part in digits.split(".")[:3] if part.isdigit())


class Server:
    """Asks Milvus, and raises what our callers understand."""

    def __init__(self, address: Address) -> None:
        """Connect.

        Raises:
            MissingExtra: pymilvus is not installed.
            Unreachable: nobody answers there.
            GalleryError: it does not let us in, or is too old.
        """
        self.address = address
        client = _load_client()
        options: dict[str, Any] = {"server_pem_path": address.ca} if address.ca else {}
        with translated(address.url):
            self._client = client(
                uri=address.uri,
                token=address.token,
                db_name=address.database,
                timeout=address.timeout_s,
                dedicated=True,
                grpc_options=_CHANNEL,
                **options,
            )
            version = str(self._client.get_server_version(timeout=address.timeout_s))
        self.abilities = Abilities.of(version)
        self._deleted_at: dict[str, float] = {}
        self._written: dict[str, dict[str, float]] = {}
        if _number(version) < _OLDEST:
            raise GalleryError(f"Milvus at {address.url} is version {version}.", "Lookalike needs 2.3 or newer.")

    def ask(self, call: str, *given: Any, **named: Any) -> Any:
        """Call a method of the client by its name, within the time that is allowed.

        Raises:
            Unreachable: nobody answers, or not in time.
            GalleryError: it cannot be done.
        """
        named.setdefault("timeout", self.address.timeout_s)
        with translated(self.address.url):
            return getattr(self._client, call)(*given, **named)

    def has(self, collection: str) -> bool:
        """Whether there is such a collection."""
        return bool(self.ask("has_collection", collection))

    def query(self, collection: str, where: str, fields: Sequence[str], limit: int = LARGEST_WINDOW) -> list[Row]:
        """Give some fields of rows that pass an expression, in no order."""
        found = self.ask(
            "query",
            collection,
            filter=_stated(where),
            output_fields=list(fields),
            limit=limit,
            consistency_level=self._consistency(collection),
        )
        return [dict(row) for row in found]

    def rows(self, collection: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Row]:
        """Give rows by their ids; those that are not there are left out.

        It need not be waited for what was written a moment ago where that was other rows.
        """
        level = self._consistency(collection)
        if self._written.get(collection, {}).keys().isdisjoint(ids):
            level = "Bounded"
        found: dict[str, Row] = {}
        for start in range(0, len(ids), _IDS_A_CALL):
            where = any_of("id", ids[start : start + _IDS_A_CALL])
            rows = self.ask("query", collection, filter=where, output_fields=list(fields), consistency_level=level)
            found |= {row["id"]: dict(row) for row in rows}
        return found

    def count(self, collection: str, where: str) -> int:
        """Count the rows that pass an expression; empty for all."""
        found = self.ask(
            "query",
            collection,
            filter=where,
            output_fields=["count(*)"],
            consistency_level=self._consistency(collection),
        )
        return int(found[0]["count(*)"])

    def search(
        self, collection: str, vectors: Any, k: int, where: str, parameters: Mapping[str, Any]
    ) -> list[list[tuple[str, float]]]:
        """Give ids and scores of the k nearest rows to each vector among those that pass."""
        found = self.ask(
            "search",
            collection,
            data=vectors,
            anns_field="vector",
            limit=k,
            filter=_stated(where),
            search_params=dict(parameters),
            consistency_level=self._consistency(collection),
        )
        return [[(hit["id"], hit["distance"]) for hit in hits] for hits in found]

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Store rows, in place of those of the same id."""
        if rows:
            self.ask("upsert", collection, data=list(rows))
            self._note_written(collection, [row["id"] for row in rows])

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Forget rows; none at all is nothing to ask for."""
        if not ids:
            return
        for start in range(0, len(ids), LARGEST_WINDOW):
            self.ask("delete", collection, ids=list(ids[start : start + LARGEST_WINDOW]))
            self._deleted_at[collection] = time.monotonic()
        self._note_written(collection, ids)

    def _note_written(self, collection: str, ids: Sequence[str]) -> None:
        now = time.monotonic()
        recent = {id_: since for id_, since in self._written.get(collection, {}).items() if now - since < _RECENT_S}
        self._written[collection] = recent | dict.fromkeys(ids, now)

    def _consistency(self, collection: str) -> str:
        """Say how new an answer must be: a client sees its own writes at once, and those of others within moments.

        Of deletions, older servers do not say when they were, so that the client cannot ask for what came after.
        """
        since = time.monotonic() - self._deleted_at.get(collection, float("-inf"))
        return "Strong" if since < _RECENT_S else "Session"

    def close(self) -> None:
        """Let go of the connection."""
        with translated(self.address.url):
            self._client.close()


def _stated(where: str) -> str:
    """Leave an expression out that all rows pass: the server would look at each of them."""
    return "" if where == EVERYTHING else where


def _load_client() -> Any:
    try:
        pymilvus = import_module("pymilvus")
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "A gallery on Milvus needs the package pymilvus.", 'Install it: pip install "lookalike[milvus]"'
        ) from error
    # It logs a traceback for each call that the server refuses; what is wrong is said by the error that we raise.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus.MilvusClient

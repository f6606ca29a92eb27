"""What does the server on the other side say, and what can it do? One connection, every call bounded in time."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput, GalleryError, LookalikeError, MissingExtra
from lookalike.gallery.milvus.abilities import OLDEST, Abilities, number_of
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.codes import EVERYTHING, any_of
from lookalike.gallery.milvus.faults import translated
from lookalike.gallery.milvus.packing import Packed, Row, pack
from lookalike.gallery.milvus.reconnecting import let_one_reconnect

__all__ = ["LARGEST_WINDOW", "RECENT_S", "Row", "Server"]

LARGEST_WINDOW = 16_384
"""Rows that one query or search may give. Source: https://milvus.io/docs/limitations.md"""
_IDS_A_CALL = 1_000
_CHANNEL = {"grpc.keepalive_permit_without_calls": 0}
"""A connection at rest sends no pings: servers such as Milvus Lite hang up on clients that send many."""
_NOT_ASKED_FOR = {"fields": ()}
"""In place of the schema, which the client asks for with each message otherwise."""
RECENT_S = 10.0
"""How long what was written may not be everybody's yet; to wait for it costs a tick of the server's clock, 0.2 s."""


class Server:
    """Asks Milvus, and raises what our callers understand."""

    def __init__(self, address: Address) -> None:
        """Connect.

        Raises:
            MissingExtra: pymilvus is not installed.
            BadInput: there is no such certificate.
            Unreachable: nobody answers there.
            GalleryError: it does not let us in, or is too old.
        """
        self.address = address
        client = _load_client()
        if address.ca and not Path(address.ca).is_file():
            raise BadInput(f"There is no certificate {address.ca!r}.", "Name the authority's PEM file with ?ca=.")
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
            let_one_reconnect(self._client)
        version = self._version()
        self.abilities = Abilities.of(version)
        self._loading: set[str] = set()
        self._fields: dict[str, Sequence[Mapping[str, Any]]] = {}
        self._deleted_at: dict[str, float] = {}
        self._written: dict[str, list[tuple[float, frozenset[str]]]] = {}
        if number_of(self.abilities.version) < OLDEST:
            raise GalleryError(f"Milvus at {address.url} is version {version}.", "Lookalike needs 2.3 or newer.")

    def _version(self) -> str:
        """Give what the server calls itself; where that holds no number, what it calls its build, if that does."""
        version = str(self.ask("get_server_version"))
        if number_of(version):
            return version
        with suppress(LookalikeError):
            build = str(self.ask("get_server_version", detail=True)["version"])
            return build if number_of(build) else version
        return version

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

    def drop(self, collection: str) -> None:
        """Drop a collection with all that is in it."""
        self._loading.discard(collection)
        self._fields.pop(collection, None)
        self.ask("drop_collection", collection)

    def begin_loading(self, collection: str) -> None:
        """Have the server load a collection that was just made; whoever first reads it waits until it has."""
        self.ask("load_collection", collection, _async=True)
        self._loading.add(collection)

    def is_new(self, collection: str) -> bool:
        """Whether a collection was made by this client, and nobody has read it yet: to do so may take seconds."""
        return collection in self._loading

    def load(self, collection: str) -> None:
        """Have the server load a collection, and wait until it has."""
        state = str(self.ask("get_load_state", collection).get("state"))
        if not state.endswith("Loaded") or state.endswith("NotLoad"):
            self.ask("load_collection", collection, timeout=10 * self.address.timeout_s)

    def _read(self, call: str, collection: str, **named: Any) -> Any:
        if collection in self._loading:
            self.ask("load_collection", collection, timeout=10 * self.address.timeout_s)
            self._loading.discard(collection)
        return self.ask(call, collection, **named)

    def query(
        self, collection: str, where: str, fields: Sequence[str], limit: int = LARGEST_WINDOW, *, settled: bool = False
    ) -> list[Row]:
        """Give some fields of rows that pass an expression, in no order.

        Where they are settled, nothing has to be waited for that this client wrote a moment ago: it was other rows.
        """
        found = self._read(
            "query",
            collection,
            filter=_stated(where),
            output_fields=list(fields),
            limit=limit,
            consistency_level="Bounded" if settled else self._consistency(collection),
        )
        return [dict(row) for row in found]

    def rows(
        self, collection: str, ids: Sequence[str], fields: Sequence[str], *, latest: bool = False
    ) -> dict[str, Row]:
        """Give rows by their ids; those that are not there are left out.

        It need not be waited for what was written a moment ago where that was other rows; unless the `latest` are
        wanted, whoever wrote them, as for rows that are to be rewritten. That costs a tick of the server's clock.
        """
        level = self._consistency(collection) if self._wrote_lately(collection, ids) else "Bounded"
        level = "Strong" if latest else level
        found: dict[str, Row] = {}
        for start in range(0, len(ids), _IDS_A_CALL):
            where = any_of("id", ids[start : start + _IDS_A_CALL])
            rows = self._read("query", collection, filter=where, output_fields=list(fields), consistency_level=level)
            found |= {row["id"]: dict(row) for row in rows}
        return found

    def count(self, collection: str, where: str) -> int:
        """Count the rows that pass an expression; empty for all."""
        found = self._read(
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
        found = self._read(
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

    def suiting(self, collection: str, by: str, text: str, k: int, where: str, fields: Sequence[str]) -> list[Row]:
        """Give some fields of the k rows that suit a text best by the BM25 of a field, best first."""
        found = self._read(
            "search",
            collection,
            data=[text],
            anns_field=by,
            limit=k,
            filter=_stated(where),
            output_fields=list(fields),
            search_params={"metric_type": "BM25"},
            consistency_level=self._consistency(collection),
        )
        return [dict(hit["entity"]) for hit in found[0]]

    def has_field(self, collection: str, field: str) -> bool:
        """Whether a collection has such a field."""
        return any(one["name"] == field for one in self._fields_of(collection))

    def upsert(self, collection: str, rows: Iterable[Row]) -> None:
        """Store rows, in place of those of the same id."""
        for packed in self.pack(collection, rows):
            self.send(packed)

    def pack(self, collection: str, rows: Iterable[Row]) -> Iterator[Packed]:
        """Make the messages that store rows: work of this machine, which may be done while the server does its own."""
        with translated(self.address.url):
            yield from pack(collection, self._fields_of(collection), rows)

    def send(self, packed: Packed) -> None:
        """Store the rows of a message, in place of those of the same id."""
        collection = packed.collection
        try:
            with translated(self.address.url):
                self._client._get_connection().upsert(
                    collection,
                    [],
                    upsert_param=packed.request,
                    schema=_NOT_ASKED_FOR,
                    timeout=self.address.timeout_s,
                    context=self._client._generate_call_context(),
                )
        except LookalikeError:
            self._fields.pop(collection, None)
            raise
        self._note_written(collection, packed.ids)

    def _fields_of(self, collection: str) -> Sequence[Mapping[str, Any]]:
        """Give the fields that are written; others, the server works out itself."""
        if collection not in self._fields:
            described = self.ask("describe_collection", collection)["fields"]
            self._fields[collection] = [one for one in described if not one.get("is_function_output")]
        return self._fields[collection]

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
        recent = [one for one in self._written.get(collection, ()) if now - one[0] < RECENT_S]
        self._written[collection] = [*recent, (now, frozenset(ids))]

    def _wrote_lately(self, collection: str, ids: Collection[str]) -> bool:
        return not all(written.isdisjoint(ids) for _, written in self._written.get(collection, ()))

    def _consistency(self, collection: str) -> str:
        """Say how new an answer must be: a client sees its own writes at once, and those of others within moments.

        Of deletions, older servers do not say when they were, so that the client cannot ask for what came after.
        """
        since = time.monotonic() - self._deleted_at.get(collection, float("-inf"))
        return "Strong" if since < RECENT_S else "Session"

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

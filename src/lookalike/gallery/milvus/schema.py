"""What does a gallery look like on Milvus? Three kinds of collections, their fields and their indexes.

`NAME_records` has a row a record, with all that is said of it. `NAME_space_…` has a row a vector, with the numbers to
filter by beside it, so that one search does all. `NAME_notes` has the spaces, the failures, the words that occur, and
what the gallery is.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from lookalike.errors import GalleryError
from lookalike.gallery.milvus.columns import LISTS, MOST_IN_LIST, NUMBERS
from lookalike.gallery.milvus.planning import FLAT, VectorIndex
from lookalike.gallery.milvus.rows import LONGEST_TEXT, MOST_PIECES
from lookalike.gallery.milvus.server import Server
from lookalike.uris import image_id

VERSION = 1
"""Of this layout."""
BM25 = "terms_bm25"
"""The field that a server with BM25 works out of a record's terms."""
_RECORD_NUMBERS = ("key", "revision", "sha256", "pixels")

_WAITS_S = (0.3, 2.0)
"""Before a collection is looked for again that another program is making."""

Fields = Callable[[Any], None]


def records_of(name: str) -> str:
    """Name the collection of records."""
    return f"{name}_records"


def notes_of(name: str) -> str:
    """Name the collection of notes."""
    return f"{name}_notes"


def space_of(name: str, space: str) -> str:
    """Name the collection of a space's vectors."""
    return f"{name}_space_{image_id(space)}"


def make_base(server: Server) -> None:
    """Make the collections that every gallery has, where they are not there yet, and have them loaded."""
    name = server.address.name
    texts = ("uri", "path", BM25) if server.abilities.full_text else ("uri", "path")
    record_fields = partial(_record_fields, full_text=server.abilities.full_text)
    wanted = (
        (records_of(name), record_fields, FLAT, (*_RECORD_NUMBERS, *NUMBERS, *LISTS, *texts)),
        (notes_of(name), _note_fields, FLAT, ("kind",)),
    )
    with ThreadPoolExecutor(len(wanted)) as threads:
        list(threads.map(lambda one: _make(server, *one), wanted))


def load_base(server: Server) -> None:
    """Have the server load the collections that every gallery has."""
    name = server.address.name
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(server.load, (records_of(name), notes_of(name))))


def make_space(server: Server, space: str, dim: int, index: VectorIndex) -> None:
    """Make the collection of a space's vectors, where it is not there yet, and have it loaded."""

    def fields(schema: Any) -> None:
        from pymilvus import DataType

        kind = DataType.FLOAT16_VECTOR if server.abilities.half_precision else DataType.FLOAT_VECTOR
        schema.add_field("vector", kind, dim=dim)
        _filter_fields(schema)

    _make(server, space_of(server.address.name, space), fields, index, (*NUMBERS, *LISTS))


def index_of(server: Server, collection: str) -> VectorIndex:
    """Give the index that the vectors of a collection have, whatever the URL says that they should have."""
    found = server.ask("describe_index", collection, "vector") or {}
    return VectorIndex(str(found.get("index_type", FLAT.kind)), {})


def _make(server: Server, collection: str, fields: Fields, index: VectorIndex, indexed: Sequence[str]) -> None:
    """Make a collection; where another program makes it at the same time, find what that has made."""
    for wait_s in _WAITS_S:
        try:
            return _make_or_load(server, collection, fields, index, indexed)
        except GalleryError:
            time.sleep(wait_s)
    return _make_or_load(server, collection, fields, index, indexed)


def _make_or_load(
    server: Server,
    collection: str,
    fields: Fields,
    index: VectorIndex,
    indexed: Sequence[str],
) -> None:
    from pymilvus import DataType, MilvusClient

    is_new = not server.has(collection)
    if is_new:
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=128)
        fields(schema)
        server.ask("create_collection", collection, schema=schema, consistency_level="Session", num_shards=1)
    # All of them before it is loaded, also where another program is just making them: a collection whose indexes change
    # while it is being loaded can't be loaded again.
    there = server.ask("list_indexes", collection)
    _make_indexes(server, collection, index, [name for name in ("vector", *indexed) if name not in there])
    if is_new:
        server.begin_loading(collection)
    else:
        server.load(collection)


def _make_indexes(server: Server, collection: str, index: VectorIndex, names: Sequence[str]) -> None:
    from pymilvus import MilvusClient

    plan = MilvusClient.prepare_index_params()
    for name in names:
        if name == "vector":
            plan.add_index(name, index_type=index.kind, metric_type="IP", params=dict(index.build))
        elif name == BM25:
            plan.add_index(name, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={})
        elif name in LISTS:
            if server.abilities.inverted_lists:
                plan.add_index(name, index_type="INVERTED")
        elif server.abilities.inverted:
            plan.add_index(name, index_type="INVERTED")
        else:
            plan.add_index(name, index_type="Trie" if name in ("uri", "path", "kind") else "STL_SORT")
    if len(plan):
        server.ask("create_index", collection, plan, sync=False)


def _record_fields(schema: Any, *, full_text: bool) -> None:
    from pymilvus import DataType, Function, FunctionType

    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    for name in _RECORD_NUMBERS:
        schema.add_field(name, DataType.INT64)
    for name in ("uri", "path", "version"):
        schema.add_field(name, DataType.VARCHAR, max_length=LONGEST_TEXT)
    if full_text:
        schema.add_field("terms", DataType.VARCHAR, max_length=LONGEST_TEXT, enable_analyzer=True)
        schema.add_field(BM25, DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function(BM25, FunctionType.BM25, ["terms"], [BM25]))
    for name in ("record", "features"):
        schema.add_field(
            name,
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=MOST_PIECES,
            max_length=LONGEST_TEXT,
        )
    _filter_fields(schema)


def _note_fields(schema: Any) -> None:
    from pymilvus import DataType

    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("kind", DataType.VARCHAR, max_length=32)
    schema.add_field("number", DataType.INT64)
    schema.add_field("name", DataType.VARCHAR, max_length=LONGEST_TEXT)
    schema.add_field(
        "body", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=MOST_PIECES, max_length=LONGEST_TEXT
    )


def _filter_fields(schema: Any) -> None:
    from pymilvus import DataType

    for name in NUMBERS:
        schema.add_field(name, DataType.INT64)
    for name in LISTS:
        schema.add_field(name, DataType.ARRAY, element_type=DataType.INT64, max_capacity=MOST_IN_LIST)

"""Lookalike finds pictures among your own: the same one, an edited copy, or one that looks alike.

The modules, in the order in which a picture passes through them:

    uris        how a picture is named: uri, path, id
    types       the nouns: Item, ImageRecord, Hit, Neighbors…
    errors      what can go wrong
    invalid     what is wrong with a value that somebody gave
    disk        names in folders that outlive a power cut
    threads     one query, one thread
    recent      what was made last, and may be needed again
    stamps      what a record was made of, and whose words stand
    config      settings: defaults < lookalike.toml < environment < flags
    keys        who may come in over the network, as hashes in a file
    fetch       the one guarded HTTP GET
    decode      bytes → upright sRGB pixels, within limits
    models      files and networks from outside, held to their cards
    sources     where pictures come from: folders, files and tables
    encoders    pixels and words → embeddings
    captioners  pixels → sentences
    copies      the same picture, though edited: fingerprints, their index, proof by geometry
    gallery     records, vectors, text and failures, kept and searched
    describing  who may say what about a picture: a person, its source, a captioner
    seeing      one look at pictures: embeddings, names of what is in them, captions
    ingest      source → decode → look → gallery
    search      query → hits
    duplicates  groups of the same picture, which to keep, and what was done about it
    thumbnails  small pictures, cached
    exchange    Parquet and clip-retrieval files out of and into a gallery
    blocklist   which pictures shall never come in again
    library     the parts put together: `Lookalike`
    demo        a gallery to play with
    service     the HTTP API and the web page
    mcp         four tools for assistants
    evaluation  how good is search on one's own pictures: measures, runs, reports, calibration
    cli         the command `lookalike`
    testing     contracts that a new encoder, captioner, gallery or source must pass
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.encoders import load_encoder
    from lookalike.gallery import open_gallery
    from lookalike.library import Lookalike
    from lookalike.search import Query, Searcher
    from lookalike.sources import FolderSource
    from lookalike.types import Hit, ImageRecord, Ingested, Item

__version__ = "0.1.0"

_HOME = {
    "FolderSource": "lookalike.sources",
    "Hit": "lookalike.types",
    "ImageRecord": "lookalike.types",
    "Ingested": "lookalike.types",
    "Item": "lookalike.types",
    "Lookalike": "lookalike.library",
    "Query": "lookalike.search",
    "Searcher": "lookalike.search",
    "load_encoder": "lookalike.encoders",
    "open_gallery": "lookalike.gallery",
}

__all__ = [
    "FolderSource",
    "Hit",
    "ImageRecord",
    "Ingested",
    "Item",
    "Lookalike",
    "Query",
    "Searcher",
    "load_encoder",
    "open_gallery",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use (PEP 562), so that `import lookalike` stays instant."""
    if name not in _HOME:
        raise AttributeError(f"module 'lookalike' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)

"""How is a gallery kept on Milvus? A server, or many, for what one machine cannot hold.

In the order in which a call goes: `address` (what the URL says), `opening`, `gallery` (the protocol), `spaces`,
`writing` or `translating` and `selecting` (filters), `searching`, `matching`, `listing`, `facets`, `fetching`; `rows`,
`columns` and `codes` (how a record is kept), `schema` and `planning` (collections and indexes), `notes` and
`vocabulary` (what else is known), `walking` (reading many rows), `packing` (rows as messages), and at the bottom
`server` with `abilities` (what its version can do), `reconnecting` and `faults`.
"""

from lookalike.gallery.milvus.gallery import MilvusGallery

__all__ = ["MilvusGallery"]

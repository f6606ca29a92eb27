"""What stays of a record that another one is merged with? Of the same bytes, all that was worked out from them."""

from dataclasses import replace

from lookalike.gallery import Merge
from lookalike.types import ImageRecord


def merged(merge: Merge, old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Give what is stored, as `Gallery.put` says, of a record that is there, features included, and of the one that
    comes in. Vectors stay that the first brings along; those that are kept elsewhere are another's to keep."""
    mark = replace(old.fingerprint, features=b"")
    kept = merge(replace(old, metadata=dict(old.metadata), embeddings={}, fingerprint=mark), new)
    if kept.sha256 != old.sha256:
        return kept
    features = kept.fingerprint.features or old.fingerprint.features
    return replace(
        kept,
        embeddings={**old.embeddings, **kept.embeddings},
        fingerprint=replace(kept.fingerprint, features=features),
    )

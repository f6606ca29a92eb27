"""How do records from files get into a gallery: which are new, which add to what is there, which change nothing?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields, replace

import numpy as np

from lookalike.describing import is_settled, prefer_persons_words
from lookalike.errors import BadInput
from lookalike.exchange.rows import Row
from lookalike.gallery import Gallery, Merge
from lookalike.gallery.merging import merged
from lookalike.types import ImageRecord, Ingested, Outcome


def take_in(
    gallery: Gallery, batches: Iterable[Sequence[Row]], words: Merge = prefer_persons_words
) -> Iterator[Ingested]:
    """Store batch after batch, each durably before its outcomes are yielded.

    Args:
        gallery: Where to.
        batches: What comes in.
        words: Whose words stay where persons wrote about a picture on both sides: the gallery's, unless said.
    """

    def merge(there: ImageRecord, one: ImageRecord) -> ImageRecord:
        return words(there, _joined(there, one))

    for batch in batches:
        given = {row.id: row for row in batch if isinstance(row, ImageRecord)}
        old = {record.id: record for record in gallery.get(list(given), embeddings=True)}
        new = {id_: _without_doubtful(record, old[id_]) if id_ in old else record for id_, record in given.items()}
        unchanged = {id_ for id_, there in old.items() if _same(there, merged(merge, there, new[id_]))}
        changed = [record for id_, record in new.items() if id_ not in unchanged]
        refused = _put(gallery, changed, merge)
        outcomes = dict.fromkeys(new, Outcome.UNCHANGED)
        outcomes |= {one.id: Outcome.UPDATED if one.id in old else Outcome.ADDED for one in changed}
        for row in batch:
            if isinstance(row, Ingested):
                yield row
            elif row.id in refused:
                yield Ingested(uri=row.uri, outcome=Outcome.UNREADABLE, reason=refused[row.id])
            else:
                yield Ingested(uri=row.uri, outcome=outcomes[row.id], id=row.id)


def _put(gallery: Gallery, records: list[ImageRecord], merge: Merge) -> dict[str, str]:
    """Store all that the gallery accepts; returns why it refuses the others, by id."""
    if not records:
        return {}
    try:
        gallery.put(records, merge=merge)
    except BadInput as error:
        if len(records) == 1:
            return {records[0].id: error.what}
        middle = len(records) // 2
        return _put(gallery, records[:middle], merge) | _put(gallery, records[middle:], merge)
    return {}


def _without_doubtful(new: ImageRecord, old: ImageRecord) -> ImageRecord:
    """Leave out vectors of nobody knows which bytes, where there are some of bytes that are known."""
    if new.sha256 or not old.sha256:
        return new
    return replace(new, embeddings={name: one for name, one in new.embeddings.items() if name not in old.embeddings})


def _joined(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Keep what the new record does not know; of other bytes, nothing. What persons wrote is another matter, as are
    vectors and features, which galleries keep themselves."""
    if new.sha256 not in {"", old.sha256}:
        return replace(new, added_at=old.added_at)
    said = {field.name: value for field in fields(ImageRecord) if (value := getattr(new, field.name))}
    said |= {name: getattr(new, name) for name in new.edited} | _caption(old, new)
    if "tags" in new.edited and new.sha256:  # a person may have taken away what was recognised
        said["recognised"] = new.recognised
    if new.version and " " not in new.version:
        said["version"] = "".join([new.version, *old.version.partition(" ")[1:]])  # a table may still speak of it
    if not new.sha256 and new.metadata:
        said["metadata"] = {**old.metadata, **new.metadata}
    hashed = {name: value for name, value in asdict(new.fingerprint).items() if value}
    said["fingerprint"] = replace(old.fingerprint, **hashed)
    return replace(old, **said | {"added_at": old.added_at, "edited": new.edited})


def _caption(old: ImageRecord, new: ImageRecord) -> dict[str, str]:
    """Give the caption that holds, and whose it is: a captioner's gives way to what a source or a person wrote."""
    one = old if not new.caption or (is_settled(old) and not is_settled(new)) else new
    return {"caption": one.caption, "caption_source": one.caption_source}


def _same(one: ImageRecord, other: ImageRecord) -> bool:
    return (
        replace(one, embeddings={}) == replace(other, embeddings={})
        and one.embeddings.keys() == other.embeddings.keys()
        and all(np.array_equal(vector, other.embeddings[space]) for space, vector in one.embeddings.items())
    )

"""What did people write about each picture?"""

from collections.abc import Iterable, Mapping

from lookalike.errors import BadInput
from lookalike.evaluation.truth.tables import Told
from lookalike.types import ImageRecord

_BY_PEOPLE = frozenset({"person", "source"})
"""Of `caption_source`; what a captioner wrote tells nothing about what people would look for."""


def read_captions(records: Iterable[ImageRecord], told: Mapping[str, Told]) -> dict[str, tuple[str, ...]]:
    """Map ids to captions: those of a table where it has any of the picture, else those of the record.

    Raises:
        BadInput: fewer than two pictures have one.
    """
    captions = {record.id: told.get(record.id, Told()).captions or _own(record) for record in records}
    captions = {id_: texts for id_, texts in captions.items() if texts}
    if len(captions) < 2:
        raise BadInput(
            "Fewer than two pictures of the gallery have a caption that a person or a source wrote.",
            "Name a table with captions by --truth: a CSV, COCO's JSON or Flickr8k.token.txt.",
        )
    return captions


def _own(record: ImageRecord) -> tuple[str, ...]:
    own = (record.caption,) if record.caption and record.caption_source in _BY_PEOPLE else ()
    more = record.metadata.get("captions")
    others = [one for one in more if isinstance(one, str) and one.strip()] if isinstance(more, list | tuple) else []
    return tuple(dict.fromkeys((*own, *others)))

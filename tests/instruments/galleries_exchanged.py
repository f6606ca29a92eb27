"""What does a gallery hold after an exchange, and what became of each record?"""

from collections.abc import Iterator

from lookalike.gallery import Gallery
from lookalike.testing import make_space
from lookalike.types import ImageRecord, Ingested, Outcome

SPACE = make_space()


def everything(gallery: Gallery) -> list[ImageRecord]:
    return sorted(gallery.scan(limit=10_000, embeddings=True).records, key=lambda record: record.id)


def outcomes(ingested: Iterator[Ingested]) -> dict[Outcome, int]:
    found = [one.outcome for one in ingested]
    return {outcome: found.count(outcome) for outcome in set(found)}

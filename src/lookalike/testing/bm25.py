"""Which texts suit some words best? BM25, written out plainly."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

_K1, _B = 1.2, 0.75
"""Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, section 3.2; FTS5 has the same."""


def words(text: str) -> list[str]:
    """Split into words without case and accents."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare)


def bm25(text: str, documents: Mapping[str, str]) -> dict[str, float]:
    """Score the documents that hold at least one of the words; higher is better.

    Source: Robertson and Zaragoza 2009, equation 3.15, with the idf that stays positive (Lucene's).
    """
    counts = {name: Counter(words(document)) for name, document in documents.items()}
    mean_length = sum(count.total() for count in counts.values()) / max(len(counts), 1)
    scores: dict[str, float] = {}
    for word in set(words(text)):
        holders = [name for name, count in counts.items() if word in count]
        idf = math.log(1 + (len(counts) - len(holders) + 0.5) / (len(holders) + 0.5))
        for name in holders:
            frequency = counts[name][word]
            norm = _K1 * (1 - _B + _B * counts[name].total() / mean_length)
            scores[name] = scores.get(name, 0.0) + idf * frequency * (_K1 + 1) / (frequency + norm)
    return scores

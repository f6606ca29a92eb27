"""What would people have written about a large gallery? Captions with words as common and as near as in real ones.

They are drawn from a Markov chain of second order over the captions of `multi30k-train.tsv.gz` of LOOKALIKE_TEST_DATA.
"""

import gzip
import random
from collections import defaultdict

from real_photos import at_hand

LONGEST = 40


class Captions:
    """A Markov chain of second order over captions."""

    def __init__(self, captions: list[list[str]], seed: int) -> None:
        """Learn which word follows which two."""
        self._random = random.Random(seed)  # noqa: S311 - the same each time
        self._next: dict[tuple[str, str], list[str]] = defaultdict(list)
        for words in captions:
            for pair, word in zip(zip(["", "", *words], ["", *words], strict=False), [*words, ""], strict=False):
                self._next[pair].append(word)

    def draw(self) -> str:
        """Make up one more caption."""
        pair, words = ("", ""), []
        while (word := self._random.choice(self._next[pair])) and len(words) < LONGEST:
            words.append(word)
            pair = pair[1], word
        return " ".join(words)


def real_captions() -> list[list[str]]:
    """Read the captions as lists of words; none where they are not there."""
    path = at_hand("multi30k-train.tsv.gz")
    if path is None:
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        return [line.split("\t")[0].rstrip(".").split() for line in lines]

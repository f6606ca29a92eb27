"""Which word may come next? None that says a phrase again, and no end after `in a`."""

from collections.abc import Sequence
from itertools import pairwise

_NEVER_LAST = frozenset(
    (
        *("a", "an", "the", "this", "that", "these", "those", "its", "his", "her", "their", "another", "some", "very"),
        *("in", "on", "at", "of", "to", "for", "with", "by", "from", "into", "onto", "near", "between", "towards"),
        *("and", "or", "but", "while", "as", "is", "are", "be", "has", "have", "who", "which", "'s", "next"),
    )
)
"""English words that want another after them."""

_SMALL = _NEVER_LAST | {"over", "under", "up", "down", "through", "across", "behind", "around", "along", "out", "off"}
"""Words that say little by themselves: two of them in a row may come again, as in `in a park in a city`."""

_FEWEST = 3
"""Words of a sentence."""

END = 0
"""What ends a sentence, in every list of words."""


class Wording:
    """The rules for one list of words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._never_last = frozenset(number for number, word in enumerate(words) if word in _NEVER_LAST)
        self._small = frozenset(number for number, word in enumerate(words) if word in _SMALL)

    @property
    def known(self) -> int:
        """How many there are, the end counted."""
        return len(self._words)

    def may_follow(self, written: Sequence[int], word: int) -> bool:
        """Tell whether a word may come after those already written, without a phrase being said twice."""
        if not written:
            return word != END
        last = written[-1]
        if word == END:
            return len(written) >= _FEWEST and last not in self._never_last
        if word == last:
            return False
        if (last, word) not in pairwise(written):
            return True
        if not {last, word} <= self._small:
            return False
        triples = set(zip(written, written[1:], written[2:], strict=False))
        return len(written) < 2 or (written[-2], last, word) not in triples

    def spell(self, written: Sequence[int]) -> str:
        """Write a sentence out, without what it trails off with."""
        kept = list(written)
        while kept and kept[-1] in self._never_last:
            kept.pop()
        text = " ".join(self._words[word] for word in kept)
        return text.replace(" '", "'").replace(" n't", "n't")

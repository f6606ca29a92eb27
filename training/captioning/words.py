"""What are the words of a caption? Penn-Treebank-like tokens without punctuation, and the vocabulary they make."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

END = 0
"""What begins and ends every caption; the words follow it."""

LONGEST = 17
"""Words of a caption that are learnt from; 95 % of Flickr8k's are shorter, and a longer one is cut."""

_TOKEN = re.compile(r"\w+(?:[-./&]\w+)*(?=n't\b)|n't\b|'(?:s|re|ve|ll|m|d)\b|\w+(?:[-./&]\w+)*")
"""Clitics stand alone and hyphenated words stay whole, as the tokeniser of COCO's evaluation has it.

Source: https://www.cis.upenn.edu/~treebank/tokenization.html; punctuation dropped as by `ptbtokenizer.py` of
https://github.com/tylin/coco-caption.
"""


def tokenise(text: str) -> list[str]:
    """Split a caption into lower-case words: `A man's t-shirt.` into a · man · 's · t-shirt."""
    return _TOKEN.findall(text.lower().replace("’", "'"))


@dataclass(frozen=True)
class Vocabulary:
    """The words that a captioner can write, in the network's order from 1."""

    words: tuple[str, ...]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, 1)}

    @property
    def unknown(self) -> int:
        """The number, one past the last, that stands for every other word; it is read but never written."""
        return len(self.words) + 1

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Give the numbers of a caption's words, cut to LONGEST; END follows where nothing was cut."""
        numbers = [self._numbers.get(token, self.unknown) for token in tokens]
        return numbers[:LONGEST] if len(numbers) > LONGEST else [*numbers, END]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Give the words of numbers up to the first END."""
        words = []
        for number in numbers:
            if number == END:
                break
            words.append(self.words[number - 1])
        return words


def build_vocabulary(captions: Iterable[Sequence[str]], at_least: int) -> Vocabulary:
    """Take the words that occur so often, the most frequent first."""
    counts = Counter(token for tokens in captions for token in tokens)
    kept = [(-count, word) for word, count in counts.items() if count >= at_least]
    return Vocabulary(tuple(word for _, word in sorted(kept)))

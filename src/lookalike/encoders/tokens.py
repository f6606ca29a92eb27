"""How does a text become pieces? By the checkpoint's tokenizer, whatever the text is."""

import json
import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from jaxtyping import Int64

from lookalike.errors import BadInput

MAX_TOKENIZER_BYTES = 64_000_000

PAD = 0
"""The piece that stands for no word."""

_LETTERS_A_PIECE = 32
"""No tokenizer's pieces are longer on average; the time that a text takes is bounded by this, not by its length."""

_SPACES_A_LETTER = 8
"""Between words, before they are drawn together; a text with more is cut sooner."""

_LENGTH_BYTES = 4
"""Before a table of characters of SentencePiece. Source: `spm_precompiled`, src/lib.rs."""

_MOST_STEPS = 64
_MOST_GROWTH = 64
"""What steps may make of one letter; those of known tokenizers make 2 or 8."""
_MOST_BYTES_A_CHARACTER = 256
"""Unicode's longest takes 33 (U+FDFA in NFKC)."""
_GROWTH_OF_CHARACTERS = 8

_CONTROLS = {code: " " for code in range(0xA0) if unicodedata.category(chr(code)) == "Cc"}

Pieces = Int64[np.ndarray, "n length"]
"""One text a row, filled up at the end with the piece that stands for no word."""


class Tokenizer:
    """Reads a tokenizer.json; with `fill`, every text is filled up to `max_pieces`, else to the longest beside it.

    Raises:
        BadInput: it is broken, or uses the piece `pad` for words, where nothing else says that a text is over, or has
            no piece for what it does not know.
    """

    def __init__(self, name: str, data: bytes, max_pieces: int, *, pad: int = PAD, fill: bool = False) -> None:
        import tokenizers

        self._name = name
        self._max_pieces, self._pad, self._fill = max_pieces, pad, fill
        if len(data) > MAX_TOKENIZER_BYTES:
            raise _refuse(name, f"it is past the limit of {MAX_TOKENIZER_BYTES:,} bytes")
        with _refusing(name):
            tree = json.loads(data)
            _check_steps(tree)
            self._tokenizer = tokenizers.Tokenizer.from_str(data.decode())
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(max_pieces)  # so that a last piece that every text has stays the last
            around = self._encoded("")
            self._empty = around or [_unknown_piece(tree["model"], self._tokenizer, pad)]
        special = [one.get("id") for one in tree.get("added_tokens") or []]
        if pad not in special and not (fill and around and around[-1] in special):
            raise _refuse(name, f"its piece {pad}, which fills short texts up, is no special token")

    def cut(self, texts: Sequence[str]) -> Pieces:
        """Cut n texts into pieces, at least one each; what is past the limit of pieces is left out.

        Control characters count as spaces, what is no Unicode as an unknown letter, and a text without any words as
        one unknown word.

        Raises:
            BadInput: the tokenizer cannot do it.
        """
        # One by one: for batches the package would start threads of its own, one for each core.
        with _refusing(self._name):
            rows = [self._pieces(text) for text in texts]
        length = self._max_pieces if self._fill else max(map(len, rows), default=1)
        pieces = np.full((len(rows), length), self._pad, np.int64)
        for row, found in zip(pieces, rows, strict=True):
            row[: len(found)] = found
        return pieces

    def _pieces(self, text: str) -> list[int]:
        clean = _clean(text, self._max_pieces * _LETTERS_A_PIECE)
        return (self._encoded(clean) if clean else []) or self._empty

    def _encoded(self, text: str) -> list[int]:
        """Give the pieces of a text; none where there is nothing but what stands for no word."""
        found: list[int] = self._tokenizer.encode(text).ids
        return found if any(piece != self._pad for piece in found) else []


def with_small_letters(name: str, data: bytes) -> bytes:
    """Give a tokenizer.json that first makes letters small; the very same bytes where it sees to that itself.

    Raises:
        BadInput: it is broken.
    """
    with _refusing(name):
        tree = json.loads(data)
        own = tree.get("normalizer")
        if _makes_small(own):
            return data
        tree["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, *([own] if own else [])]}
        # Escaped, a large one would be past the limit; what is no Unicode is refused where it is loaded.
        return json.dumps(tree, ensure_ascii=False).encode(errors="surrogatepass")


def _makes_small(step: object) -> bool:
    match step:
        case {"type": "Lowercase"} | {"type": "BertNormalizer", "lowercase": True}:
            return True
        case {"normalizers": list(several)}:
            return any(map(_makes_small, several))
    return False


def _clean(text: str, max_letters: int) -> str:
    start = text.lstrip()[: _SPACES_A_LETTER * max_letters]
    letters = " ".join(start.translate(_CONTROLS).split())[:max_letters]
    # Halves of surrogate pairs, as in file names that are no UTF-8, cannot be handed over; JSON may have split pairs.
    whole = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", whole)


def _unknown_piece(model: dict[str, Any], tokenizer: Any, pad: int) -> int:
    unknown = model.get("unk_id")
    if unknown is None and isinstance(model.get("unk_token"), str):
        unknown = tokenizer.token_to_id(model["unk_token"])
    if not isinstance(unknown, int) or unknown == pad:
        raise ValueError("it has no piece for what it does not know")
    return unknown


def _check_steps(tree: dict[str, Any]) -> None:
    """Refuse steps before the pieces that would make gigabytes of a short text, each making more of what the last made.

    The package itself repeats whatever a tokenizer says.
    """
    growth, steps, pending = 1, 0, [tree.get("normalizer"), tree.get("pre_tokenizer")]
    while pending:
        steps += 1
        if isinstance(step := pending.pop(), dict):
            growth *= _growth(step)
            pending += [*(step.get("normalizers") or []), *(step.get("pretokenizers") or [])]
        if growth > _MOST_GROWTH or steps > _MOST_STEPS:
            raise ValueError("it makes too much of a text")


def _growth(step: dict[str, Any]) -> int:
    """Say what one step makes of a letter at most; every key counts, as the package passes over those it does not know.

    Which ones these are depends on the kind of step.
    """
    growth = 1
    if isinstance(packed := step.get("precompiled_charsmap"), str):
        _check_characters(b64decode(packed))
        growth *= _GROWTH_OF_CHARACTERS
    if isinstance(text := step.get("content"), str):
        match step.get("pattern"):
            case {"String": str(pattern)} if pattern:
                growth *= max(1, len(text))
            case _:  # a regular expression may match between letters, too
                growth *= len(text) + 1
    if isinstance(text := step.get("prepend"), str):
        growth *= len(text) + 1
    if step.get("type") == "ByteLevel" or "trim_offsets" in step:
        growth *= 2
    return growth


def _check_characters(table: bytes) -> None:
    """Refuse a table of characters that says to be longer than it is, or writes a book for one of them."""
    begin = _LENGTH_BYTES + int.from_bytes(table[:_LENGTH_BYTES], "little")
    if len(table) < begin:
        raise ValueError("its table of characters is broken")
    if max(map(len, table[begin:].split(b"\0"))) > _MOST_BYTES_A_CHARACTER:
        raise ValueError("it makes too much of a text")


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever the package raises into one of our errors: plain exceptions, and panics, which are not even such.

    Raises:
        BadInput: so.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refuse(name, f"{type(error).__name__}: {str(error)[:300]}") from None
    except BaseException as error:  # noqa: BLE001 - see above
        raise _refuse(name, str(error)[:300]) from None


def _refuse(name: str, reason: str) -> BadInput:
    fix = "Train it again with the package `tokenizers`, with the special tokens <pad>, which is piece 0, and <unk>."
    return BadInput(f"The tokenizer {name} cannot be used: {reason}.", fix)

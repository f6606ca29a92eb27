"""How do texts become pieces? An own Unigram tokenizer for four languages at once, kept as tokenizer.json."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int32
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

PAD, UNKNOWN = "[PAD]", "[UNK]"
MAX_PIECES = 64

Pieces = Int32[np.ndarray, "n length"]


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Train on texts: letters without accents and case, as people type them; punctuation says nothing.

    Piece 0 is the padding. Source: Kudo, Subword Regularization (ACL 2018).
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}]+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=[PAD, UNKNOWN], unk_token=UNKNOWN, max_piece_length=16, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(MAX_PIECES)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Write tokenizer.json on few lines."""
    path.write_text(tokenizer.to_str(pretty=False), "utf-8")


def to_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> Pieces:
    """Give the pieces of each text, padded with 0 to the longest; a text without any is one unknown piece."""
    found = [encoding.ids or [1] for encoding in tokenizer.encode_batch(list(texts))]
    pieces = np.zeros((len(found), max(map(len, found), default=1)), np.int32)
    for row, ids in zip(pieces, found, strict=True):
        row[: len(ids)] = ids
    return pieces

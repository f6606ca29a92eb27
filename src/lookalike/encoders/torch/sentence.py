"""How are checkpoints of sentence-transformers loaded? CLIP, or the words of one beside the pictures of another.

The multilingual models of this family have a tower for words only, trained to agree with the pictures of an older one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import AutoModel

from lookalike.encoders.torch.encoder import TorchEncoder, make_encoder
from lookalike.encoders.torch.files import fill_module, measure_dim, read_list, read_tree, read_weights, split_revision
from lookalike.encoders.torch.languages import languages_of
from lookalike.encoders.torch.towers import Towers, Words
from lookalike.encoders.torch.transformers import load_model, read_pieces
from lookalike.encoders.torch.transformers import read_towers as read_wrapped
from lookalike.errors import BadInput
from lookalike.models.hub import Snapshot, fetch_repository
from lookalike.models.network import Engine

WANTED = ("*.json", "*.txt", "model.safetensors", "*/*.json", "*/*.txt", "*/model.safetensors")

_PICTURES = {"sentence-transformers/clip-ViT-B-32-multilingual-v1": "sentence-transformers/clip-ViT-B-32"}
"""Words → the pictures that they were trained to agree with. Source: the model's page on the hub."""

_ACTIVATIONS = {"Identity": torch.nn.Identity, "Tanh": torch.nn.Tanh, "ReLU": torch.nn.ReLU, "GELU": torch.nn.GELU}


class _Words(torch.nn.Module):
    """A text model, the mean or first of its vectors, and layers behind it."""

    def __init__(self, model: Any, pooling: str, layers: Sequence[Any], pad: int) -> None:
        super().__init__()
        self.model, self.layers = model, torch.nn.Sequential(*layers)
        self._pooling, self._pad = pooling, pad

    def forward(self, pieces: Any) -> Any:
        mask = (pieces != self._pad).to(torch.int64)
        found = self.model(input_ids=pieces, attention_mask=mask).last_hidden_state
        if self._pooling == "cls":
            return self.layers(found[:, 0])
        weights = mask.unsqueeze(-1).to(found.dtype)
        return self.layers((found * weights).sum(1) / weights.sum(1).clamp(min=1e-9))


def load_sentence(rest: str, engine: Engine = "auto") -> TorchEncoder:
    """Load `clip-ViT-B-32`, `clip-ViT-B-32-multilingual-v1`, or any other two as `WORDS+PICTURES`, each [@revision].

    Raises:
        BadInput: no pictures are known that belong to these words, or what is there is not done here or broken;
            NotFound and others as `fetch_repository`.
    """
    first, _, second = rest.partition("+")
    words = _fetch(first)
    second = second or _PICTURES.get(words.repo, "")
    if not second:
        return make_encoder(f"sentence-transformers:{words.repo}@{words.commit}", read_towers(words), engine)
    pictures = _fetch(second)
    name = f"sentence-transformers:{words.repo}@{words.commit}+{pictures.repo}@{pictures.commit}"
    return make_encoder(name, join_towers(words, read_towers(pictures)), engine)


def _fetch(name: str) -> Snapshot:
    repo, revision = split_revision(name)
    return fetch_repository(repo if "/" in repo else f"sentence-transformers/{repo}", revision, WANTED)


def read_towers(snapshot: Snapshot) -> Towers:
    """Load a checkpoint with pictures that lies on this machine. Raises as `load_sentence` does."""
    first, *others = _modules(snapshot)
    inner = _within(snapshot, first[1])
    if read_tree(inner, "config.json").get("model_type") not in {"clip", "siglip"}:
        known = ", ".join(name.rpartition("/")[2] for name in _PICTURES)
        fix = f"Name the pictures that it was trained with, as WORDS+PICTURES; known without is {known}."
        raise BadInput(f"{snapshot.repo} knows words only.", fix)
    if any(kind != "Normalize" for kind, _ in others):
        kinds = ", ".join(kind for kind, _ in others)
        raise BadInput(f"{snapshot.repo} puts {kinds} behind its model, which is not done here.", "Choose another.")
    return replace(read_wrapped(inner), model=snapshot.repo.rpartition("/")[2])


def join_towers(snapshot: Snapshot, pictures: Towers) -> Towers:
    """Put the words of one checkpoint beside the pictures of another.

    Raises:
        BadInput: their vectors have different lengths; otherwise as `load_sentence` does.
    """
    words = _read_words(snapshot)
    piece = torch.zeros(1, 2, dtype=torch.int64)
    dim = measure_dim(words.module, piece)
    if dim != pictures.dim:
        what = f"{snapshot.repo} gives vectors of {dim} numbers, and {pictures.model} of {pictures.dim}."
        raise BadInput(what, "Choose two that were trained together.")
    shaping = {f"words/{name}": sha256 for name, sha256 in snapshot.files.items()}
    model = snapshot.repo.rpartition("/")[2]
    return replace(pictures, model=model, words=words, sums={**pictures.sums, **shaping}, space="semantic")


def _read_words(snapshot: Snapshot) -> Words:
    first, *others = _modules(snapshot)
    if first[0] != "Transformer":
        raise BadInput(f"{snapshot.repo} begins with {first[0]}, which is not done here.", "Choose another.")
    inner = _within(snapshot, first[1])
    limits = read_tree(inner, "sentence_bert_config.json", "config.json")
    length = limits.get("max_seq_length") or limits.get("max_position_embeddings") or 128
    pieces = read_pieces(inner, length, fill=False)
    layers, pooling = [], "mean"
    for kind, path in others:
        part = _within(snapshot, path)
        if kind == "Pooling":
            pooling = _pooling(read_tree(part, "config.json"), snapshot.repo)
        elif kind == "Dense":
            layers += _dense(part)
        elif kind != "Normalize":
            raise BadInput(f"{snapshot.repo} has a layer {kind}, which is not done here.", "Choose another.")
    model = load_model(inner, AutoModel)
    words = _Words(model, pooling, layers, pieces.pad)
    return Words(module=words, pieces=pieces, languages=languages_of(snapshot.repo))


def _modules(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Give the parts in order: the last word of its class, and its folder."""
    found = []
    for module in read_list(snapshot, "modules.json"):
        if not isinstance(module, dict) or not str(module.get("type")).startswith("sentence_transformers."):
            raise BadInput(f"modules.json of {snapshot.repo} names a program of its own.", "It is not run here.")
        found.append((str(module["type"]).rpartition(".")[2], str(module.get("path", ""))))
    if not found:
        raise BadInput(f"modules.json of {snapshot.repo} names no parts.", "Choose another.")
    return found


def _within(snapshot: Snapshot, folder: str) -> Snapshot:
    """See a folder of a repository as one of its own."""
    start = f"{folder}/" if folder else ""
    files = {name.removeprefix(start): sha256 for name, sha256 in snapshot.files.items() if name.startswith(start)}
    if not files:
        raise BadInput(f"{snapshot.repo} has no folder {folder[:100]!r}, which its modules.json names.", "")
    return replace(snapshot, path=snapshot.path / folder, files=files)


def _pooling(tree: Mapping[str, Any], repo: str) -> str:
    old = [key.removeprefix("pooling_mode_") for key, value in tree.items() if value is True and "mode_" in key]
    kind = str(tree.get("pooling_mode", old[0] if len(old) == 1 else old))
    kind = {"mean_tokens": "mean", "cls_token": "cls"}.get(kind, kind)
    if kind not in ("mean", "cls"):
        raise BadInput(f"{repo} pools by {kind[:60]}, which is not done here.", "Choose another.")
    return kind


def _dense(snapshot: Snapshot) -> list[Any]:
    tree = read_tree(snapshot, "config.json")
    activation = _ACTIVATIONS.get(str(tree.get("activation_function", "Tanh")).rpartition(".")[2])
    if activation is None or "model.safetensors" not in snapshot.files:
        what = f"{snapshot.repo} has a layer with an unknown activation, or without weights as safetensors."
        raise BadInput(what, "Choose another revision: the hub converts many repositories, such as at refs/pr/1.")
    weights = read_weights(snapshot.path / "model.safetensors")
    named = {key.removeprefix("linear."): tensor for key, tensor in weights.items()}
    if "weight" not in named or named["weight"].ndim != 2:
        raise BadInput(f"{snapshot.repo} has a layer without weights.", "Fetch it again.")
    out, in_ = named["weight"].shape
    linear = torch.nn.Linear(in_, out, bias="bias" in named)
    fill_module(linear, named, snapshot.repo)
    return [linear, activation()]

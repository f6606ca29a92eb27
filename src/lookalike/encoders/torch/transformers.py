"""How are checkpoints of Transformers loaded? CLIP and SigLIP with their words; DINO and classifiers for pictures."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer

from lookalike.encoders.tokens import with_small_letters
from lookalike.encoders.torch.encoder import TorchEncoder, make_encoder
from lookalike.encoders.torch.files import example_of, measure_dim, read_tree, split_revision
from lookalike.encoders.torch.languages import languages_of
from lookalike.encoders.torch.towers import WITH_WORDS, Pieces, Towers, Words
from lookalike.errors import BadInput
from lookalike.models.files import read_file
from lookalike.models.hub import Snapshot, fetch_repository
from lookalike.models.network import Engine
from lookalike.models.preprocessing import read_transformers
from lookalike.models.with_torch import unfit
from lookalike.models.with_transformers import load_pretrained, telling_faults

WANTED = ("*.json", "*.txt", "model.safetensors", "model-*-of-*.safetensors")
_CONFIG = "tokenizer_config.json"
_TOKENIZER = ("tokenizer.json", _CONFIG, "vocab.json", "vocab.txt", "merges.txt")
_MAX_TOKENIZER_BYTES = 100_000_000
_MAX_PIECES = 8_192
"""Of a text: as many as the longest models for texts take."""

_CLASS_TOKEN = ("dinov2", "dinov2_with_registers", "dinov3_vit", "vit")
_POOLED = ("convnext", "convnextv2", "dinov3_convnext", "efficientnet", "regnet", "resnet", "swin", "swinv2")
"""Models for pictures only: what stands for the whole picture is its class token, or the mean of its map."""


class _Pictures(torch.nn.Module):  # everything here is a module, so that it can be exported
    def __init__(self, model: Any, vector: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.model = model
        self._vector = vector

    def forward(self, pixels: Any) -> Any:
        return self._vector(self.model, pixels)


class _Words(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pieces: Any) -> Any:
        return self.model.get_text_features(input_ids=pieces).pooler_output


def load_transformers(rest: str, engine: Engine = "auto") -> TorchEncoder:
    """Load `org/model[@revision]` from the hub.

    Raises:
        BadInput: a model that is not known here, or one that is broken; NotFound and others as `fetch_repository`.
    """
    repo, revision = split_revision(rest)
    snapshot = fetch_repository(repo, revision, WANTED)
    return make_encoder(f"hf:{repo}@{snapshot.commit}", read_towers(snapshot), engine)


def read_towers(snapshot: Snapshot) -> Towers:
    """Load a checkpoint of Transformers that lies on this machine. Raises as `load_transformers` does."""
    described = read_tree(snapshot, "config.json")
    kind = str(described.get("model_type"))
    if kind not in {*WITH_WORDS, *_CLASS_TOKEN, *_POOLED}:
        if "auto_map" in described:
            what = f"{snapshot.repo} brings a program of its own (trust_remote_code), which is not run."
            raise BadInput(what, "Choose a repository of a model that Transformers knows itself.")
        known = ", ".join(sorted({*WITH_WORDS, *_CLASS_TOKEN, *_POOLED}))
        raise BadInput(f"{snapshot.repo} is a model of the kind {kind[:60]!r}.", f"Choose one of: {known}.")
    names = ("preprocessor_config.json", "processor_config.json")
    input_ = read_transformers(read_tree(snapshot, *names), f"{snapshot.repo}/{names[0]}")
    model = load_model(snapshot, AutoModel)
    pictures = _Pictures(model, _vector_of(kind))
    shaping = [name for name in snapshot.files if name.endswith(".safetensors") or name == "config.json"]
    words = _read_words(snapshot, model, fill=WITH_WORDS[kind]) if kind in WITH_WORDS else None
    if words:
        shaping += [name for name in _TOKENIZER if name in snapshot.files]
    return Towers(
        model=snapshot.repo.rpartition("/")[2],
        module=pictures,
        input=input_,
        space="semantic" if words else "visual",
        dim=measure_dim(pictures, example_of(input_)),
        sums={name: snapshot.files[name] for name in shaping},
        words=words,
    )


def _vector_of(kind: str) -> Callable[[Any, Any], Any]:
    if kind in WITH_WORDS:
        return lambda model, pixels: model.get_image_features(pixel_values=pixels).pooler_output
    if kind in _CLASS_TOKEN:
        return lambda model, pixels: model(pixel_values=pixels).last_hidden_state[:, 0]
    return lambda model, pixels: model(pixel_values=pixels).pooler_output.flatten(1)


def load_model(snapshot: Snapshot, kind: Any) -> Any:
    """Load a model by one of the library's `Auto` classes, with every weight that it has.

    Raises:
        BadInput: it is broken, unknown to the library, or lacks weights.
    """
    model, lacking = load_pretrained(kind, snapshot.path, snapshot.repo)
    # The pooler of a ViT is often not there, and not used here.
    missing = [key for key in lacking if not key.startswith("pooler.")]
    if missing:
        raise unfit(snapshot.repo, f"{len(missing)} are missing, such as {missing[:1]}")
    return model.eval()


def _read_words(snapshot: Snapshot, model: Any, *, fill: bool) -> Words:
    length = model.config.text_config.max_position_embeddings
    scale, bias = getattr(model, "logit_scale", None), getattr(model, "logit_bias", None)
    calibration = (0.0, 0.0)
    if scale is not None and bias is not None:
        # SigLIP was trained to tell with these whether a text suits a picture. Source: arXiv:2303.15343, section 3.2
        calibration = (math.exp(scale.item()), bias.item())
    return Words(
        module=_Words(model),
        pieces=_as_trained(snapshot, read_pieces(snapshot, length, fill=fill)),
        languages=languages_of(snapshot.repo),
        calibration=calibration,
    )


def _as_trained(snapshot: Snapshot, pieces: Pieces) -> Pieces:
    """Make letters small where the checkpoint says so: the class that SigLIP 2 names for its tokenizer does not.

    Source: https://github.com/google-research/big_vision/issues/187; transformers, `Siglip2Tokenizer`.
    """
    if _CONFIG not in snapshot.files or read_tree(snapshot, _CONFIG).get("do_lower_case") is not True:
        return pieces
    return replace(pieces, tokenizer=with_small_letters("tokenizer.json", pieces.tokenizer))


def read_pieces(snapshot: Snapshot, max_pieces: object, *, fill: bool) -> Pieces:
    """Read a checkpoint's tokenizer as Transformers understands it; `max_pieces` is what its description says.

    Raises:
        BadInput: there is none, it is broken, or makes as many pieces as no text has.
    """
    if type(max_pieces) is not int or not 0 < max_pieces <= _MAX_PIECES:
        raise unfit(snapshot.repo, f"texts of {str(max_pieces)[:40]} pieces, not 1 to {_MAX_PIECES:,}")
    side = "right"
    with telling_faults(snapshot.repo):
        try:
            found = AutoTokenizer.from_pretrained(snapshot.path, local_files_only=True, trust_remote_code=False)
            tokenizer, pad, side = found.backend_tokenizer.to_str().encode(), found.pad_token_id, found.padding_side
        except (AttributeError, ImportError, TypeError, ValueError):
            # It would need SentencePiece, and where that is installed, a file for it.
            tokenizer = read_file(snapshot.path, "tokenizer.json", _MAX_TOKENIZER_BYTES)
            pad = _pad_of(read_tree(snapshot, "config.json"))
    if not isinstance(pad, int) or (fill and side != "right"):
        raise unfit(snapshot.repo, "its tokenizer names no piece that fills short texts up at their end")
    return Pieces(tokenizer=tokenizer, max_pieces=max_pieces, pad=pad, fill=fill)


def _pad_of(config: Mapping[str, Any]) -> object:
    text = config.get("text_config")
    return text.get("pad_token_id", 1) if isinstance(text, Mapping) else config.get("pad_token_id")

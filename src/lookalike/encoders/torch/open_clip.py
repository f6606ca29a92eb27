"""How are checkpoints of open_clip loaded? By their own description, or by the library's table of names and tags."""

import json
import math
import re
import string
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import open_clip
import timm
import torch
from open_clip.factory import load_checkpoint
from transformers import CLIPTokenizer

from lookalike.encoders.torch.encoder import TorchEncoder, make_encoder
from lookalike.encoders.torch.files import example_of, make_module, measure_dim, read_tree, split_revision
from lookalike.encoders.torch.languages import languages_of
from lookalike.encoders.torch.towers import Pieces, Towers, Words
from lookalike.encoders.torch.transformers import read_pieces
from lookalike.errors import BadInput
from lookalike.models.hub import Snapshot, fetch_repository
from lookalike.models.network import Engine, brief
from lookalike.models.preprocessing import read_open_clip
from lookalike.models.with_torch import unfit

CONFIG = "open_clip_config.json"
_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors")
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
WANTED = (CONFIG, *_WEIGHTS, *_TOKENIZER, "config.json")
_NOT_HERE = ("hf_model_name", "embed_cls", "tokenizer_mode")
"""Towers for words from other libraries, or with pieces of another make."""


class _Pictures(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Any) -> Any:
        return self.model.encode_image(pixels)


class _Words(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pieces: Any) -> Any:
        return self.model.encode_text(pieces)


def load_open_clip(rest: str, engine: Engine = "auto") -> TorchEncoder:
    """Load `ViT-B-32/laion2b_s34b_b79k`, or any other `org/model[@revision]` from the hub.

    Raises:
        BadInput: a name or tag that open_clip does not know, weights only as pickles, a model that is not done here,
            or a broken one; NotFound and others as `fetch_repository`.
    """
    name, revision = split_revision(rest)
    network, _, tag = name.partition("/")
    known: dict[str, Any] = open_clip.get_pretrained_cfg(network, tag) if network in open_clip.list_models() else {}
    if network in open_clip.list_models() and not known:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(network)) or "none"
        raise BadInput(f"open_clip has no weights {tag[:100]!r} of {network}.", f"Its tags: {tags}.")
    repo = "/".join(known["hf_hub"].split("/")[:2]) if known else name  # it may name a file, too
    snapshot = fetch_repository(repo, revision, WANTED)
    towers = read_towers(snapshot, open_clip.get_model_config(network) if known else None, known)
    return make_encoder(f"open_clip:{name}@{snapshot.commit}", towers, engine)


def read_towers(
    snapshot: Snapshot, network: Mapping[str, Any] | None = None, known: Mapping[str, Any] | None = None
) -> Towers:
    """Load a checkpoint of open_clip that lies on this machine.

    Where it has no description of its own, `network` and `known` are what the library knows about its network and its
    tag. Raises as `load_open_clip` does.
    """
    described, pictures = _read_description(snapshot, network, known or {})
    text = described["text_cfg"]
    model = _read_model(snapshot, described)
    input_ = read_open_clip(pictures, model.visual.image_size, f"{snapshot.repo}/{CONFIG}")
    tokenizer = _find_tokenizer(snapshot, text)
    sums = {name: sha256 for name, sha256 in snapshot.files.items() if name != "config.json"}
    if tokenizer and tokenizer != snapshot:
        sums |= {f"tokenizer/{name}": sha256 for name, sha256 in tokenizer.files.items() if name in _TOKENIZER}
    bias = getattr(model, "logit_bias", None)
    # As SigLIP was trained. Source: arXiv:2303.15343, section 3.2
    calibration = (math.exp(model.logit_scale.item()), bias.item()) if bias is not None else (0.0, 0.0)
    return Towers(
        model=snapshot.repo.rpartition("/")[2],
        module=_Pictures(model),
        input=input_,
        space="semantic",
        dim=measure_dim(_Pictures(model), example_of(input_)),
        sums=sums,
        words=Words(
            module=_Words(model),
            pieces=_read_pieces(tokenizer, text),
            languages=languages_of(snapshot.repo),
            calibration=calibration,
        ),
    )


def _read_description(
    snapshot: Snapshot, network: Mapping[str, Any] | None, known: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give what describes the network, and its pictures."""
    if CONFIG in snapshot.files or network is None:
        tree = read_tree(snapshot, CONFIG)
        described, pictures = tree.get("model_cfg"), tree.get("preprocess_cfg") or {}
    else:
        described, pictures = {**network, "quick_gelu": bool(known.get("quick_gelu"))}, known
    text = described.get("text_cfg") if isinstance(described, dict) else None
    if not isinstance(described, dict) or not isinstance(text, dict) or not isinstance(pictures, Mapping):
        raise BadInput(f"{CONFIG} of {snapshot.repo} describes no model.", "Choose another repository.")
    for key in _NOT_HERE:
        if text.get(key):
            raise BadInput(f"{snapshot.repo} has a tower for words ({key}) that is not done here.", "Choose another.")
    return described, pictures


def _read_model(snapshot: Snapshot, described: Mapping[str, Any]) -> Any:
    """Make the network as `open_clip.create_model` does, without what that would fetch by itself."""
    weights = next((name for name in _WEIGHTS if name in snapshot.files), None)
    if weights is None:
        raise BadInput(f"{snapshot.repo} has no weights as safetensors.", "Choose another repository or revision.")
    wanted = deepcopy(dict(described))
    custom = wanted.pop("custom_text", False)
    if isinstance(pictures := wanted.get("vision_cfg"), dict):
        pictures |= {"timm_model_pretrained": False}
        if (trunk := pictures.get("timm_model_name")) and not timm.is_model(str(trunk)):  # a place to fetch from
            raise BadInput(f"{snapshot.repo} wants {str(trunk)[:100]!r}, which timm has not.", "Choose another.")
    kind = open_clip.CoCa if "multimodal_cfg" in wanted else open_clip.CustomTextCLIP if custom else open_clip.CLIP
    model = make_module(lambda: kind(**deepcopy(wanted)), snapshot.path / weights, snapshot.repo)
    try:
        load_checkpoint(model, str(snapshot.path / weights))
    except Exception as error:  # noqa: BLE001 - it raises anything on weights that are wrong
        raise unfit(snapshot.repo, f"{type(error).__name__}: {brief(error)}") from None
    return model.float().eval()


def _find_tokenizer(snapshot: Snapshot, text: Mapping[str, Any]) -> Snapshot | None:
    """Give the repository of the tokenizer, often the model's own; None where it is OpenAI's, as the library has it."""
    repo = text.get("hf_tokenizer_name")
    if not repo or "tokenizer.json" in snapshot.files:
        return snapshot if repo else None
    return fetch_repository(str(repo), "main", (*_TOKENIZER, "config.json"))


def _read_pieces(tokenizer: Snapshot | None, text: Mapping[str, Any]) -> Pieces:
    length = text.get("context_length", 77)
    if tokenizer is None:
        pad = _OPENAI_FILLING if text.get("no_causal_mask") else _OPENAI_END
        return Pieces(tokenizer=_openai_tokenizer(), max_pieces=length, pad=pad, fill=True)
    pieces = read_pieces(tokenizer, length, fill=True)
    wanted = text.get("tokenizer_kwargs") or {"clean": "whitespace"}
    if wanted == {"clean": "whitespace"}:
        return pieces
    if wanted != {"clean": "canonicalize"}:
        what = f"{tokenizer.repo} prepares texts by {str(wanted)[:100]}, which is not done here."
        raise BadInput(what, "Choose another model of open_clip.")
    return replace(pieces, tokenizer=_canonical(pieces.tokenizer))


_OPENAI_END = 49_407
"""Ends each text; the network looks at the first of them and what is before it, so that more of them say nothing."""
_OPENAI_FILLING = 0
"""What the library itself fills texts up with, which networks see that look at all pieces, such as MobileCLIP's.

It is an exclamation mark within a word, too. Source: open_clip/tokenizer.py, `SimpleTokenizer.__call__`.
"""


def _openai_tokenizer() -> bytes:
    """Give the tokenizer that came with the library as a tokenizer.json."""
    own = open_clip.SimpleTokenizer()
    start, end = (own.decoder[piece] for piece in own.all_special_ids)
    made = CLIPTokenizer(
        vocab=own.encoder, merges=list(own.bpe_ranks), bos_token=start, eos_token=end, pad_token=end, unk_token=end
    )
    found: bytes = made.backend_tokenizer.to_str().encode()
    return found


def _canonical(tokenizer: bytes) -> bytes:
    """Put before a tokenizer what open_clip does to texts: small letters, single spaces, no punctuation.

    Source: open_clip/tokenizer.py, `canonicalize_text`.
    """
    tree = json.loads(tokenizer)
    steps: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": "_"}, "content": " "},
        {"type": "Replace", "pattern": {"Regex": f"[{re.escape(string.punctuation)}]"}, "content": ""},
        {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
        {"type": "Strip", "strip_left": True, "strip_right": True},
    ]
    own = tree.get("normalizer")
    tree["normalizer"] = {"type": "Sequence", "normalizers": [*steps, *([own] if own else [])]}
    return json.dumps(tree).encode()

"""What do the repositories of the well-known encoders look like, where the hub cannot be asked?

Each is written as its makers lay it out, at its real size, with random weights: the libraries that it comes from know
the networks by name, and what they do not know stands here, as it stands in the published config.json. Vocabularies
are a few pieces long; the rows of numbers for all pieces of the real ones are there.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import open_clip
import timm
import torch
import transformers
from safetensors.torch import save_file

from lookalike.encoders.known import KnownEncoder

COMMIT = "0" * 40

_WORDS = ["red", "ball", "dog"]
_PARTS = "sentence_transformers.models"
_HALVES = {"mean": [0.5] * 3, "std": [0.5] * 3}
_CLIP = {"mean": list(open_clip.OPENAI_DATASET_MEAN), "std": list(open_clip.OPENAI_DATASET_STD)}
_IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def write_checkpoint(one: KnownEncoder, cache: Path) -> str:
    """Write what `load_encoder` wants of a row of the table, into a hub's cache, and give the name to load it by."""
    family, _, rest = one.name.partition(":")
    if family == "torch":
        _write_sscd(cache, rest)
        return f"torch:{cache / rest}"
    folder = _folder(cache, one.repo)
    if family == "hf":
        _TRANSFORMERS[rest](folder)
    elif family == "timm":
        network = timm.create_model(one.repo.rpartition("/")[2], pretrained=False)
        timm.models.save_for_hf(network, str(folder), safe_serialization=True)
    elif family == "open_clip":
        _write_open_clip(folder, *rest.split("/"))
    else:
        _write_words(folder)
        _write_sentence_clip(_folder(cache, "sentence-transformers/clip-ViT-B-32"))
    return one.name


def weight_bytes(cache: Path) -> int:
    """How many bytes of weights were written."""
    return sum(path.stat().st_size for path in cache.rglob("*.safetensors"))


def _folder(cache: Path, repo: str) -> Path:
    """Give the folder of a repository's only commit."""
    home = cache / f"models--{repo.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs/main").write_text(COMMIT)
    folder = home / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    return folder


def _write_json(path: Path, tree: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(tree), "utf-8")


def _write_model(folder: Path, model: Any, size: dict[str, int], **pictures: object) -> None:
    """Write a model of Transformers, and how it wants its pictures."""
    model.save_pretrained(folder)
    described = {"size": size, "image_mean": pictures.pop("mean"), "image_std": pictures.pop("std"), **pictures}
    _write_json(folder / "preprocessor_config.json", described)


def _siglip(side: int, patch: int, **changes: int) -> Callable[[Path], None]:
    """Give what writes a SigLIP 2. Source: config.json of google/siglip2-base-patch16-256."""
    tower = {"hidden_size": 768, "intermediate_size": 3_072, "num_hidden_layers": 12, "num_attention_heads": 12}
    text = {"vocab_size": 256_000, "max_position_embeddings": 64}

    def write(folder: Path) -> None:
        config = transformers.SiglipConfig(
            text_config={**tower, **changes, **text, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0},
            vision_config={**tower, **changes, "image_size": side, "patch_size": patch},
        )
        pieces = {piece: place for place, piece in enumerate(["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *_WORDS])}
        transformers.GemmaTokenizer(vocab=pieces, merges=[], padding_side="right").save_pretrained(folder)
        _write_model(folder, transformers.SiglipModel(config), {"height": side, "width": side}, **_HALVES, resample=2)

    return write


def _dinov2(width: int) -> Callable[[Path], None]:
    """Give what writes a DINOv2. Source: config.json of facebook/dinov2-base."""

    def write(folder: Path) -> None:
        config = transformers.Dinov2Config(
            hidden_size=width, num_attention_heads=width // 64, image_size=518, patch_size=14
        )
        crop = {"height": 224, "width": 224}
        _write_model(
            folder, transformers.Dinov2Model(config), {"shortest_edge": 256}, crop_size=crop, **_IMAGENET, resample=3
        )

    return write


def _write_dinov3(folder: Path) -> None:
    """Write DINOv3 S/16. Source: config.json of facebook/dinov3-vits16-pretrain-lvd1689m."""
    config = transformers.DINOv3ViTConfig(
        hidden_size=384, intermediate_size=1_536, num_attention_heads=6, image_size=224, num_register_tokens=4
    )
    side = {"height": 224, "width": 224}
    _write_model(folder, transformers.DINOv3ViTModel(config), side, **_IMAGENET, resample=2)


_TRANSFORMERS = {
    "google/siglip2-base-patch32-256": _siglip(256, 32),
    "google/siglip2-base-patch16-256": _siglip(256, 16),
    "google/siglip2-so400m-patch14-384": _siglip(
        384, 14, hidden_size=1_152, intermediate_size=4_304, num_hidden_layers=27, num_attention_heads=16
    ),
    "facebook/dinov2-small": _dinov2(384),
    "facebook/dinov2-base": _dinov2(768),
    "facebook/dinov3-vits16-pretrain-lvd1689m": _write_dinov3,
}


def _write_open_clip(folder: Path, network: str, tag: str) -> None:
    described = {**open_clip.get_model_config(network)}
    pictures = open_clip.get_pretrained_cfg(network, tag)
    if pictures.get("quick_gelu"):
        described["quick_gelu"] = True
    shown = {key: pictures[key] for key in ("mean", "std", "interpolation", "resize_mode")}
    _write_json(folder / "open_clip_config.json", {"model_cfg": described, "preprocess_cfg": shown})
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False, pretrained_text=False)
    save_file(
        {key: tensor.contiguous() for key, tensor in model.state_dict().items()}, folder / "open_clip_model.safetensors"
    )


def _write_sentence_clip(folder: Path) -> None:
    """Write CLIP as sentence-transformers/clip-ViT-B-32 wraps it."""
    inner = folder / "0_CLIPModel"
    inner.mkdir()
    start, end = "<|startoftext|>", "<|endoftext|>"
    pieces = {piece: place for place, piece in enumerate([*_WORDS, *(f"{word}</w>" for word in _WORDS), start, end])}
    transformers.CLIPTokenizer(vocab=pieces, merges=[], model_max_length=77).save_pretrained(inner)
    crop = {"height": 224, "width": 224}
    config = transformers.CLIPConfig(vision_config={"patch_size": 32}, projection_dim=512)
    _write_model(inner, transformers.CLIPModel(config), {"shortest_edge": 224}, crop_size=crop, **_CLIP, resample=3)
    _write_modules(folder, {"0_CLIPModel": "CLIPModel"})


def _write_words(folder: Path) -> None:
    """Write DistilBERT and a layer. Source: sentence-transformers/clip-ViT-B-32-multilingual-v1."""
    pieces = {piece: place for place, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS])}
    transformers.BertTokenizer(vocab=pieces, model_max_length=128).save_pretrained(folder)
    transformers.DistilBertModel(transformers.DistilBertConfig(vocab_size=119_547)).save_pretrained(folder)
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": 128})
    _write_json(folder / "1_Pooling/config.json", {"pooling_mode_mean_tokens": True})
    _write_json(folder / "2_Dense/config.json", {"activation_function": "torch.nn.modules.linear.Identity"})
    save_file({"linear.weight": torch.randn(512, 768) / 28}, folder / "2_Dense/model.safetensors")
    _write_modules(folder, {"": "Transformer", "1_Pooling": "Pooling", "2_Dense": "Dense"})


def _write_modules(folder: Path, kinds: dict[str, str]) -> None:
    parts = [{"path": path, "type": f"{_PARTS}.{kind}"} for path, kind in kinds.items()]
    _write_json(folder / "modules.json", parts)


def _write_sscd(folder: Path, name: str) -> None:
    """Write SSCD with the card of docs/encoders.md. Source: facebookresearch/sscd-copy-detection, sscd/models."""
    network = timm.create_model("resnet50", pretrained=False, num_classes=0)
    named = {f"backbone.{key}": tensor for key, tensor in network.state_dict().items()}
    layer = torch.nn.Linear(network.num_features, 512).state_dict()
    named |= {f"backbone.fc.{key}": tensor for key, tensor in layer.items()}
    save_file(named, folder / name)
    with (folder / name).open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    card = {
        "name": "sscd",
        "version": "disc_mixup",
        "input": {"size": 320, "fit": "squash", "filter": "bilinear", **_IMAGENET},
        "heads": [{"output": "vector", "space": "copy", "dim": 512}],
        "torch": {"architecture": "resnet50", "prefix": "backbone.", "power": 3.0, "projection": 512},
        "files": {name: sha256},
    }
    _write_json((folder / name).with_suffix(".json"), card)

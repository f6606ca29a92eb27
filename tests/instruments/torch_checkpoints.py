"""Tiny checkpoints with random weights, written by the libraries that real ones come from."""

import hashlib
import json
from pathlib import Path

import fitting_torchvision  # noqa: F401 - before whatever imports torchvision
import open_clip
import timm
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import pre_tokenizers

from lookalike.models.hub import Snapshot

SIDE = 32
COMMIT = "c0ffee" * 6 + "c0de"
WORDS = [
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    "red",
    "ball",
    "dog",
    "hund",
    "schnee",
    "chat",
    "noir",
    "beach",
    "zwei",
]


def snapshot_of(folder: Path, repo: str) -> Snapshot:
    """See a folder as a hub's repository that was fetched."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return Snapshot(repo=repo, path=folder, commit=COMMIT, files=files)


def write_json(path: Path, tree: object) -> None:
    path.write_text(json.dumps(tree), "utf-8")


def shake(module: torch.nn.Module, gain: float = 1.0) -> None:
    """Give every weight a random value of some size, so that no two pictures look alike."""
    torch.manual_seed(7)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, gain * parameter[0].numel() ** -0.5)
            elif name.endswith(("bias", "class_embedding")):
                parameter.normal_(0, 0.1)


def write_clip(folder: Path) -> None:
    """CLIP, as openai/clip-vit-base-patch32 has it: a byte-level tokenizer, pictures cut out of the middle."""
    vocab = {piece: i for i, piece in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocab |= {f"{piece}</w>": len(vocab) + i for i, piece in enumerate(list(vocab))}
    merges = []
    for word in ("red", "ball", "dog"):
        left = word[0]
        for letter in word[1:]:
            right = letter if left + letter != word else f"{letter}</w>"
            merges.append((left, right))
            left += right
            vocab.setdefault(left, len(vocab))
    start, end = "<|startoftext|>", "<|endoftext|>"
    vocab |= {start: len(vocab), end: len(vocab) + 1}
    tokenizer = transformers.CLIPTokenizer(vocab=vocab, merges=list(dict.fromkeys(merges)), model_max_length=16)
    tokenizer.save_pretrained(folder)
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = transformers.CLIPModel(
        transformers.CLIPConfig(
            text_config={
                **tower,
                "vocab_size": len(vocab),
                "max_position_embeddings": 16,
                "bos_token_id": vocab[start],
                "eos_token_id": vocab[end],
                "pad_token_id": vocab[end],
            },
            vision_config={**tower, "image_size": SIDE, "patch_size": 8},
            projection_dim=24,
        )
    )
    shake(model)
    model.save_pretrained(folder)
    transformers.CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    ).save_pretrained(folder)


def write_gemma_tokenizer(folder: Path) -> int:
    """Write a tokenizer as SigLIP 2 has it; gives the number of pieces."""
    vocab = {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<unk>": 3, "<mask>": 4}
    for piece in (*(f"<0x{byte:02X}>" for byte in range(256)), "▁", *WORDS, "▁red", "re"):
        vocab.setdefault(piece, len(vocab))
    merges = [("r", "e"), ("re", "d"), ("▁", "red")]
    transformers.GemmaTokenizer(vocab=vocab, merges=merges, model_max_length=12, padding_side="right").save_pretrained(
        folder
    )
    return len(vocab)


def write_siglip(folder: Path) -> None:
    """SigLIP 2, as google/siglip2-base-patch16-256 has it: a tokenizer of Gemma, whole pictures, texts filled up."""
    pieces = write_gemma_tokenizer(folder)
    told = folder / "tokenizer_config.json"
    write_json(told, json.loads(told.read_text()) | {"do_lower_case": True})  # which this class passes over
    ends = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1}
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = transformers.SiglipModel(
        transformers.SiglipConfig(
            text_config={**tower, "vocab_size": pieces, "max_position_embeddings": 12, **ends},
            vision_config={**tower, "image_size": SIDE, "patch_size": 8},
        )
    )
    shake(model)
    with torch.no_grad():
        model.logit_scale.fill_(4.7)
        model.logit_bias.fill_(-12.9)
    model.save_pretrained(folder)
    transformers.SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}, resample=2).save_pretrained(folder)


def write_dinov2(folder: Path) -> None:
    """DINOv2, as facebook/dinov2-small has it: scaled to more than its size, then cut out of the middle."""
    config = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=56, patch_size=14, mlp_ratio=2
    )
    model = transformers.Dinov2Model(config)
    shake(model)
    model.save_pretrained(folder)
    transformers.BitImageProcessorPil(
        size={"shortest_edge": 64}, crop_size={"height": 56, "width": 56}
    ).save_pretrained(folder)


def write_dinov3(folder: Path, side: int = SIDE) -> None:
    """DINOv3, as facebook/dinov3-vits16-pretrain-lvd1689m has it: whole pictures, with registers."""
    config = transformers.DINOv3ViTConfig(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=side,
        patch_size=8,
        num_register_tokens=4,
    )
    model = transformers.DINOv3ViTModel(config)
    shake(model)
    model.save_pretrained(folder)
    from transformers.models.dinov3_vit.image_processing_dinov3_vit import DINOv3ViTImageProcessor

    DINOv3ViTImageProcessor(size={"height": side, "width": side}).save_pretrained(folder)


def write_convnext(folder: Path) -> None:
    """A classifier of Transformers, as facebook/convnext-tiny-224 has it."""
    config = transformers.ConvNextConfig(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], image_size=SIDE)
    model = transformers.ConvNextForImageClassification(config)
    shake(model)
    model.save_pretrained(folder)
    transformers.ConvNextImageProcessorPil(size={"shortest_edge": SIDE}, crop_pct=0.875).save_pretrained(folder)


def write_resnet(folder: Path) -> None:
    """A classifier of Transformers, as microsoft/resnet-50 has it: read as ConvNeXT's, and the size is a number."""
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1])
    model = transformers.ResNetForImageClassification(config)
    shake(model, gain=1.5)
    model.save_pretrained(folder)
    told = {"feature_extractor_type": "ConvNextFeatureExtractor", "size": SIDE, "crop_pct": 0.875, "resample": 3}
    write_json(folder / "preprocessor_config.json", told | {"image_mean": [0.485] * 3, "image_std": [0.229] * 3})


def write_efficientnet(folder: Path) -> None:
    """A classifier of Transformers, as google/efficientnet-b0 has it: the deviation counts twice."""
    config = transformers.EfficientNetConfig(
        image_size=SIDE, hidden_dim=320, width_coefficient=0.25, depth_coefficient=0.1
    )
    model = transformers.EfficientNetForImageClassification(config)
    shake(model, gain=2.0)
    for norm in model.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.ones_(norm.weight)  # the library makes them next to nothing
    model.save_pretrained(folder)
    transformers.EfficientNetImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, image_std=[0.47853944, 0.4732864, 0.47434163], resample=0
    ).save_pretrained(folder)


def write_timm(folder: Path, architecture: str = "resnet10t", **changes: object) -> None:
    """A network of timm with its classifier, as timm/resnet10t.c3_in1k has it."""
    network = timm.create_model(architecture, num_classes=10)
    shake(network, gain=1.0 if "vit" in architecture else 1.5)
    save_file(network.state_dict(), folder / "model.safetensors")
    described = {
        "input_size": [3, SIDE, SIDE],
        "interpolation": "bicubic",
        "crop_pct": 0.9,
        "crop_mode": "center",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "num_classes": 10,
        "first_conv": "conv1",
        "classifier": "fc",
    }
    tree = {"architecture": architecture, "num_classes": 10, "pretrained_cfg": described | changes}
    write_json(folder / "config.json", tree)


CLIP_BY_OPEN_CLIP = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": SIDE, "layers": 2, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 20, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}

MOBILE_CLIP_BY_OPEN_CLIP = {
    **CLIP_BY_OPEN_CLIP,
    "custom_text": True,
    "text_cfg": {**CLIP_BY_OPEN_CLIP["text_cfg"], "no_causal_mask": True},
}

SIGLIP_BY_OPEN_CLIP = {
    "embed_dim": 24,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": {"image_size": SIDE, "layers": 2, "width": 64, "patch_size": 8},
    "text_cfg": {
        "context_length": 12,
        "vocab_size": 310,
        "hf_tokenizer_name": "timm/ViT-B-32-SigLIP2-256",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "width": 16,
        "heads": 2,
        "layers": 1,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
    },
}


def write_open_clip(folder: Path, network: dict = CLIP_BY_OPEN_CLIP, **pictures: object) -> None:
    """CLIP or SigLIP as open_clip has them: laion/CLIP-ViT-B-32-laion2B-s34B-b79K, timm/ViT-B-32-SigLIP2-256."""
    tree = {"model_cfg": network, "preprocess_cfg": pictures}
    write_json(folder / "open_clip_config.json", tree)
    if "hf_tokenizer_name" in network["text_cfg"]:
        write_gemma_tokenizer(folder)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False, pretrained_text=False)
    shake(model)
    save_file(
        {key: tensor.contiguous() for key, tensor in model.state_dict().items()}, folder / "open_clip_model.safetensors"
    )


def write_sentence_clip(folder: Path) -> None:
    """CLIP as sentence-transformers/clip-ViT-B-32 wraps it."""
    inner = folder / "0_CLIPModel"
    inner.mkdir()
    write_clip(inner)
    write_json(folder / "modules.json", [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": f"{_PARTS}.CLIPModel"}])


_PARTS = "sentence_transformers.models"


def write_sentence_words(folder: Path) -> None:
    """Words only, as sentence-transformers/clip-ViT-B-32-multilingual-v1 has them."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(f"##{word}" for word in WORDS[:36])]
    vocab = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    transformers.BertTokenizer(vocab=vocab, model_max_length=24).save_pretrained(folder)
    config = transformers.DistilBertConfig(
        vocab_size=len(vocab), dim=32, hidden_dim=48, n_layers=2, n_heads=2, max_position_embeddings=24
    )
    model = transformers.DistilBertModel(config)
    shake(model)
    model.save_pretrained(folder)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 24, "do_lower_case": False})
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    write_json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Dense").mkdir()
    dense = {"in_features": 32, "out_features": 24, "bias": False}
    dense["activation_function"] = "torch.nn.modules.linear.Identity"
    write_json(folder / "2_Dense" / "config.json", dense)
    torch.manual_seed(3)
    save_file({"linear.weight": torch.randn(24, 32) / 5}, folder / "2_Dense" / "model.safetensors")
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Dense": "Dense"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"{_PARTS}.{kind}"}
        for i, (path, kind) in enumerate(kinds.items())
    ]
    write_json(folder / "modules.json", modules)


def write_sscd(folder: Path) -> None:
    """SSCD's layout on a smaller network, with the card that docs/encoders.md shows."""
    network = timm.create_model("resnet10t", num_classes=0)
    layer = torch.nn.Linear(network.num_features, 24)
    shake(network)
    named = {f"backbone.{key}": tensor for key, tensor in network.state_dict().items()}
    named |= {f"backbone.fc.{key}": tensor.detach() for key, tensor in layer.state_dict().items()}
    save_file(named, folder / "sscd.safetensors")
    card = {
        "name": "sscd",
        "version": "1",
        "input": {
            "size": 64,
            "fit": "squash",
            "filter": "bilinear",
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        },
        "heads": [{"output": "vector", "space": "copy", "dim": 24}],
        "torch": {"architecture": "resnet10t", "prefix": "backbone.", "power": 3.0, "projection": 24},
        "files": {"sscd.safetensors": hashlib.sha256((folder / "sscd.safetensors").read_bytes()).hexdigest()},
    }
    write_json(folder / "sscd.json", card)

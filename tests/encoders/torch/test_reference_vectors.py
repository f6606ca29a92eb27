"""Do pictures and words get the vectors that the library gives them which a checkpoint comes from?"""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import sentence_transformers
import timm
import torch
import torch_checkpoints as checkpoints
import transformers
from PIL import Image
from safetensors.torch import load_file

from lookalike.encoders.torch import open_clip as by_open_clip
from lookalike.encoders.torch import sentence as by_sentence
from lookalike.encoders.torch import timm as by_timm
from lookalike.encoders.torch import transformers as by_transformers
from lookalike.encoders.torch.encoder import TorchTextEncoder, make_encoder
from lookalike.models.preprocessing import read_transformers
from lookalike.testing import draw_picture

pytestmark = pytest.mark.torch

SIZES = [(40, 36), (33, 47), (90, 61), (64, 127), (121, 120), (20, 31)]
PICTURES = [draw_picture(seed, size) for seed, size in enumerate(SIZES)]
TEXTS = ["a red ball", "dog", "Zwei Hunde spielen im Schnee!", "chat-noir, no. 7", "beach " * 30, "x"]


def unit(vectors) -> np.ndarray:
    found = np.asarray(vectors.detach() if isinstance(vectors, torch.Tensor) else vectors, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    assert np.abs(found[0] - found[1]).max() > 0.01, "vectors of different things must differ"
    np.testing.assert_allclose(found, expected, atol=1e-3)


def encoded(towers) -> np.ndarray:
    (vectors,) = make_encoder("test", towers).encode(PICTURES).values()
    return vectors


def words_of(towers) -> np.ndarray:
    encoder = make_encoder("test", towers)
    assert isinstance(encoder, TorchTextEncoder)
    return encoder.encode_text(TEXTS)


def one_by_one(process, model) -> np.ndarray:
    with torch.inference_mode():
        return unit(torch.cat([model(process(Image.fromarray(picture))) for picture in PICTURES]))


@pytest.fixture(scope="module", params=["clip", "siglip", "dinov2", "dinov3", "convnext", "resnet", "efficientnet"])
def hub_model(request, tmp_path_factory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    getattr(checkpoints, f"write_{request.param}")(folder)
    return request.param, folder


def test_pictures_are_encoded_as_transformers_does(hub_model):
    kind, folder = hub_model
    model = transformers.AutoModel.from_pretrained(folder).eval()
    if kind == "dinov3":  # its own scales numbers where all others scale pixels, and rounds them less
        processor = transformers.ViTImageProcessorPil.from_pretrained(folder)
    else:
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")

    def run(pixels):
        if kind in ("clip", "siglip"):
            return model.get_image_features(**pixels).pooler_output
        return model(**pixels).pooler_output.flatten(1)

    expected = one_by_one(lambda picture: processor(picture, return_tensors="pt"), run)
    assert_same(encoded(by_transformers.read_towers(checkpoints.snapshot_of(folder, "org/model"))), expected)


@pytest.mark.parametrize("family", ["Beit", "Bit", "Blip", "CLIP", "ConvNext", "DeiT", "EfficientNet", "Siglip", "ViT"])
def test_pictures_are_resampled_as_transformers_does_where_nothing_is_said(family):
    program = f"{family}ImageProcessor"
    size = {"shortest_edge": 384} if family == "ConvNext" else {"height": 224, "width": 224}
    told = {"image_processor_type": program, "size": size}
    read = read_transformers(told | {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}, "a file")
    assert read.filter == getattr(transformers, f"{program}Pil").resample.name.lower()


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_words_are_encoded_as_transformers_does(kind, tmp_path):
    getattr(checkpoints, f"write_{kind}")(tmp_path)
    model = transformers.AutoModel.from_pretrained(tmp_path).eval()
    by = {"clip": transformers.AutoTokenizer, "siglip": transformers.Siglip2Tokenizer}
    tokenizer = by[kind].from_pretrained(tmp_path)
    padding = {"clip": True, "siglip": "max_length"}[kind]
    pieces = tokenizer(TEXTS, padding=padding, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        expected = unit(model.get_text_features(input_ids=pieces.input_ids).pooler_output)
    assert_same(words_of(by_transformers.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))), expected)


@pytest.mark.parametrize("needed", [ImportError("SentencePiece"), ValueError("Either model_file or model_proto")])
def test_a_tokenizer_for_sentencepiece_is_read_without_it(needed, tmp_path, monkeypatch):
    checkpoints.write_siglip(tmp_path)
    snapshot = checkpoints.snapshot_of(tmp_path, "org/model")
    expected = words_of(by_transformers.read_towers(snapshot))

    def refuse(*_, **__):
        raise needed

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", refuse)
    np.testing.assert_array_equal(words_of(by_transformers.read_towers(snapshot)), expected)


TIMM = [
    ("resnet10t", {}),
    ("resnet10t", {"crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bilinear"}),
    ("test_vit", {"crop_pct": 0.95, "classifier": "head", "input_size": [3, 160, 160]}),
    ("test_efficientnet", {"crop_pct": 0.875, "interpolation": "lanczos", "classifier": "classifier"}),
]


@pytest.mark.parametrize(("architecture", "changes"), TIMM, ids=["crop", "squash", "vit", "lanczos"])
def test_pictures_are_encoded_as_timm_does(architecture, changes, tmp_path):
    checkpoints.write_timm(tmp_path, architecture, **changes)
    network = timm.create_model(f"local-dir:{tmp_path}", pretrained=True, num_classes=0).eval()
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network))
    expected = one_by_one(lambda picture: transform(picture).unsqueeze(0), network)
    assert_same(encoded(by_timm.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))), expected)


OPEN_CLIP = [
    (checkpoints.CLIP_BY_OPEN_CLIP, {}),
    (checkpoints.MOBILE_CLIP_BY_OPEN_CLIP, {}),
    (checkpoints.SIGLIP_BY_OPEN_CLIP, {"resize_mode": "squash", "mean": [0.5] * 3, "std": [0.5] * 3}),
]


@pytest.mark.parametrize(("network", "pictures"), OPEN_CLIP, ids=["clip", "mobileclip", "siglip"])
def test_pictures_and_words_are_encoded_as_open_clip_does(network, pictures, tmp_path):
    checkpoints.write_open_clip(tmp_path, network, **pictures)
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{tmp_path}")
    model.eval()
    expected = one_by_one(lambda picture: transform(picture).unsqueeze(0), model.encode_image)
    towers = by_open_clip.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))
    assert_same(encoded(towers), expected)
    with torch.inference_mode():
        words = unit(model.encode_text(open_clip.get_tokenizer(f"local-dir:{tmp_path}")(TEXTS)))
    assert_same(words_of(towers), words)


def test_pictures_and_words_are_encoded_as_sentence_transformers_does(tmp_path):
    checkpoints.write_sentence_clip(tmp_path)
    model = sentence_transformers.SentenceTransformer(str(tmp_path), device="cpu")
    towers = by_sentence.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))
    expected = unit(np.stack([model.encode(Image.fromarray(picture)) for picture in PICTURES]))
    assert_same(encoded(towers), expected)
    assert_same(words_of(towers), unit(model.encode(TEXTS)))


def test_words_in_many_languages_are_encoded_as_sentence_transformers_does(tmp_path):
    folders = [tmp_path / "words", tmp_path / "pictures"]
    for folder, write in zip(folders, (checkpoints.write_sentence_words, checkpoints.write_sentence_clip), strict=True):
        folder.mkdir()
        write(folder)
    words, pictures = (checkpoints.snapshot_of(folder, f"org/{folder.name}") for folder in folders)
    model = sentence_transformers.SentenceTransformer(str(folders[0]), device="cpu")
    towers = by_sentence.join_towers(words, by_sentence.read_towers(pictures))
    assert_same(words_of(towers), unit(model.encode(TEXTS)))
    assert towers.input == by_sentence.read_towers(pictures).input


def test_sscd_is_a_resnet_with_a_generalised_mean_and_a_layer(tmp_path):
    from lookalike import load_encoder

    checkpoints.write_sscd(tmp_path)
    encoder = load_encoder(f"torch:{tmp_path / 'sscd.safetensors'}")
    weights = load_file(tmp_path / "sscd.safetensors")
    network = timm.create_model("resnet10t", num_classes=0, global_pool="").eval()
    backbone = {key.removeprefix("backbone."): tensor for key, tensor in weights.items() if ".fc." not in key}
    network.load_state_dict(backbone)
    squashed = [np.asarray(Image.fromarray(picture).resize((64, 64), Image.BILINEAR)) for picture in PICTURES]
    pixels = torch.from_numpy(np.stack(squashed)).permute(0, 3, 1, 2) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.inference_mode():
        map_ = network((pixels - mean.view(3, 1, 1)) / std.view(3, 1, 1))
        pooled = torch.nn.functional.avg_pool2d(map_.clamp(min=1e-6) ** 3, map_.shape[-1])[..., 0, 0] ** (1 / 3)
        expected = unit(torch.nn.functional.linear(pooled, weights["backbone.fc.weight"], weights["backbone.fc.bias"]))
    (vectors,) = encoder.encode(PICTURES).values()
    assert_same(vectors, expected)
    assert json.loads((tmp_path / "sscd.json").read_text())["heads"][0]["space"] == "copy"
    assert list(encoder.spaces) == ["sscd@1/copy"]

"""Is what three libraries write about their pictures understood, and refused where it cannot be followed?"""

import math

import pytest

from lookalike.errors import BadInput
from lookalike.models.preprocessing import Preprocessing, read_open_clip, read_timm, read_transformers

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
NUMBERS = {"image_mean": list(MEAN), "image_std": list(STD)}
RESNET = {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 224, "resample": 3}
CUT = {"do_center_crop": True, "crop_size": {"height": 224, "width": 224}}
OLD_CLIP = {"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "do_center_crop": True, "crop_size": 224}
DEIT = {"feature_extractor_type": "DeiTFeatureExtractor", "size": 256, "do_center_crop": True, "crop_size": 224}


def close(one: Preprocessing) -> tuple:
    return one.size, one.fit, pytest.approx(one.margin), one.filter, one.rounding


@pytest.mark.parametrize(
    ("tree", "size", "fit", "margin", "filter_"),
    [
        ({"size": {"shortest_edge": 224}, "resample": 3} | CUT, 224, "crop", 1.0, "bicubic"),
        (OLD_CLIP, 224, "crop", 1.0, "bicubic"),
        (OLD_CLIP | {"image_processor_type": "BitImageProcessor", "size": 256}, 224, "crop", 224 / 256, "bicubic"),
        ({"size": {"shortest_edge": 256}, "resample": 3} | CUT, 224, "crop", 224 / 256, "bicubic"),
        (DEIT | {"size": 224}, 224, "squash", 1.0, "bicubic"),
        ({"size": {"height": 224, "width": 224}} | CUT, 224, "squash", 1.0, "bilinear"),
        ({"size": {"height": 256, "width": 256}, "resample": 2}, 256, "squash", 1.0, "bilinear"),
        ({"size": [224, 224], "image_processor_type": "CLIPImageProcessor"}, 224, "squash", 1.0, "bicubic"),
        ({"size": 224}, 224, "squash", 1.0, "bilinear"),
        ({"size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3}, 224, "crop", 224 / 256, "bicubic"),
        ({"size": {"shortest_edge": 384}, "crop_pct": 0.875, "resample": 1}, 384, "squash", 1.0, "lanczos"),
        (RESNET | {"crop_pct": 0.875}, 224, "crop", 224 / 256, "bicubic"),
        (RESNET | {"crop_pct": 0.95}, 224, "crop", 224 / 235, "bicubic"),
        (RESNET | {"size": 384}, 384, "squash", 1.0, "bicubic"),
        (RESNET, 224, "crop", 224 / 256, "bicubic"),
        (RESNET | {"crop_pct": None}, 224, "crop", 224 / 256, "bicubic"),
        ({"size": 224, "crop_pct": 0.9, "image_processor_type": "ViTImageProcessor"}, 224, "squash", 1.0, "bilinear"),
    ],
    ids=[
        *(
            "clip",
            "old clip",
            "old bit",
            "dinov2",
            "deit of one size",
            "square of one size",
            "siglip",
            "two sides",
            "vit",
        ),
        *("convnext", "large convnext", "resnet", "another share", "large resnet", "unsaid share", "no share"),
        "vit with a share",
    ],
)
def test_transformers_is_understood(tree, size, fit, margin, filter_):
    read = read_transformers(NUMBERS | tree, "a file")
    assert close(read) == (size, fit, margin, filter_, "down")
    assert (*read.mean, *read.std) == pytest.approx((*MEAN, *STD))


@pytest.mark.parametrize(
    ("program", "filter_"),
    [
        *(
            (f"{family}ImageProcessor", "bicubic")
            for family in ("Bit", "Blip", "ChineseCLIP", "CLIP", "DeiT", "Siglip")
        ),
        ("CLIPFeatureExtractor", "bicubic"),
        ("ViTImageProcessor", "bilinear"),
        ("ViTFeatureExtractor", "bilinear"),
        ("DINOv3ViTImageProcessorFast", "bilinear"),
    ],
)
def test_what_is_not_said_of_resampling_is_as_the_program_does_it(program, filter_):
    key = "feature_extractor_type" if "Feature" in program else "image_processor_type"
    told = NUMBERS | {"size": {"height": 224, "width": 224}, key: program}
    assert read_transformers(told, "a file").filter == filter_


def test_pictures_of_one_size_need_no_border():
    blip = {"image_processor_type": "BlipImageProcessor", "size": {"height": 384, "width": 384}, "resample": 3}
    padded = read_transformers(NUMBERS | blip | {"do_pad": True}, "a file")
    assert padded == read_transformers(NUMBERS | blip, "a file")


def test_a_processor_may_wrap_it():
    inner = NUMBERS | {"size": 224}
    assert read_transformers({"image_processor": inner}, "a file") == read_transformers(inner, "a file")


def test_numbers_that_are_scaled_otherwise_come_to_the_same():
    for tree, factor in (({"rescale_factor": 1 / 127.5}, 1 / 127.5), ({"do_rescale": False}, 1.0)):
        read = read_transformers(NUMBERS | {"size": 224} | tree, "a file")
        pixel = 200
        for mean, std, wanted_mean, wanted_std in zip(read.mean, read.std, MEAN, STD, strict=True):
            assert math.isclose((pixel / 255 - mean) / std, (pixel * factor - wanted_mean) / wanted_std)


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({}, lambda pixel, mean, std: (pixel / 255 - mean) / std / std),
        ({"include_top": False}, lambda pixel, mean, std: (pixel / 255 - mean) / std),
        (
            {"include_top": True, "rescale_offset": True, "rescale_factor": 1 / 127.5},
            lambda pixel, mean, std: (pixel / 127.5 - 1 - mean) / std / std,
        ),
    ],
    ids=["as usual", "without classifier", "around zero"],
)
def test_numbers_for_efficientnet_are_those_of_its_own_program(tree, wanted):
    read = read_transformers(
        NUMBERS | {"size": 224, "image_processor_type": "EfficientNetImageProcessor"} | tree, "a file"
    )
    for pixel in (0, 200):
        for mean, std, own_mean, own_std in zip(read.mean, read.std, MEAN, STD, strict=True):
            assert math.isclose((pixel / 255 - mean) / std, wanted(pixel, own_mean, own_std))


def test_timm_is_understood():
    read = read_timm({"input_size": [3, 224, 224], "crop_pct": 0.9, "interpolation": "bilinear"}, "a file")
    assert close(read) == (224, "crop", 224 / 248, "bilinear", "even")
    assert close(read_timm({}, "a file")) == (224, "crop", 224 / 256, "bicubic", "even")
    assert read_timm({"crop_mode": "squash", "crop_pct": 1.0}, "a file").fit == "squash"


def test_open_clip_is_understood():
    assert close(read_open_clip({}, 224, "a file")) == (224, "crop", 1.0, "bicubic", "even")
    read = read_open_clip({"resize_mode": "squash", "interpolation": "bilinear", "mean": list(MEAN)}, (256, 256), "a")
    assert close(read) == (256, "squash", 1.0, "bilinear", "even")
    assert read.mean == MEAN


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({}, "its size is None"),
        ({"size": {"height": 224, "width": 112}}, "112 × 224 is no square"),
        ({"size": 8}, "its size is 8"),
        ({"size": True}, "its size is True"),
        ({"size": 10**9}, "its size is 1000000000"),
        ({"size": {"shortest_edge": 224}}, "keeps the shape"),
        ({"size": 224, "image_processor_type": "CLIPImageProcessor"}, "keeps the shape"),
        (DEIT, "squashed before"),
        (DEIT | {"feature_extractor_type": "BeitFeatureExtractor"}, "squashed before"),
        (DEIT | {"feature_extractor_type": "ViTFeatureExtractor"}, "squashed before"),
        (DEIT | {"feature_extractor_type": "EfficientNetImageProcessor"}, "squashed before"),
        ({"size": {"height": 256, "width": 256}} | CUT, "squashed before"),
        ({"size": 224, "do_center_crop": True, "crop_size": 224}, "squashed before"),
        ({"size": {"shortest_edge": 192}} | CUT, "cuts 224 pixels out of 192"),
        ({"size": 224, "do_resize": False}, "any size"),
        ({"size": 224, "do_pad": True, "image_processor_type": "DonutImageProcessor"}, "any size"),
        ({"size": 224, "resample": 9}, "resampling '9'"),
        ({"size": 224, "resample": [3]}, "resampling"),
        ({"size": 224, "image_mean": [0.5]}, "image_mean"),
        ({"size": 224, "image_mean": ["a", "b", "c"]}, "image_mean has 'a'"),
        ({"size": 224, "image_std": [0.2, 0.0, 0.2]}, "image_std has 0, which is less than 1e-06"),
        ({"size": 224, "image_std": [0.2, 1e-200, 0.2], "include_top": True}, "image_std has 1e-200, which is less"),
        ({"size": 224, "image_std": [0.2, math.nan, 0.2]}, "image_std"),
        ({"size": 224, "rescale_factor": 0}, "rescale_factor"),
        ({"size": {"shortest_edge": 224}, "crop_pct": 1e-6}, "its size is"),
        ({"size": {"shortest_edge": 224}, "crop_pct": 1e-310}, "crop_pct has 1e-310, which is less"),
        ({"size": {"height": 224, "width": 224}, "crop_pct": 0.875}, "its size is None"),
    ],
)
def test_what_cannot_be_followed_is_refused(tree, said):
    with pytest.raises(BadInput, match=said) as caught:
        read_transformers(NUMBERS | tree, "org/model/preprocessor_config.json")
    assert "org/model/preprocessor_config.json" in str(caught.value)


@pytest.mark.parametrize(
    "tree",
    [
        {"input_size": [1, 224, 224]},
        {"input_size": [3, 224, 225]},
        {"input_size": 224},
        {"crop_mode": "border"},
        {"crop_mode": "squash", "crop_pct": 0.9},
        {"crop_pct": 0},
        {"crop_pct": 1e-310},
        {"crop_pct": 1.2},
        {"interpolation": "random"},
    ],
)
def test_what_timm_wants_and_is_not_done_is_refused(tree):
    with pytest.raises(BadInput):
        read_timm(tree, "a file")


@pytest.mark.parametrize("tree", [{"resize_mode": "longest"}, {"interpolation": "random"}, {"mean": 0.5}])
def test_what_open_clip_wants_and_is_not_done_is_refused(tree):
    with pytest.raises(BadInput):
        read_open_clip(tree, 224, "a file")

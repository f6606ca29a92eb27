"""How does a checkpoint want its pictures? Read from its own files, in the three ways in which they are written.

Transformers writes preprocessor_config.json, open_clip open_clip_config.json, timm config.json. What a file leaves out
has the value that its library would take; what Lookalike cannot do exactly as the library does is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, Literal

from lookalike.errors import BadInput

Resampling = Literal["fast", "nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
Three = tuple[float, float, float]

_BY_NUMBER: dict[object, Resampling] = {
    0: "nearest",
    1: "lanczos",
    2: "bilinear",
    3: "bicubic",
    4: "box",
    5: "hamming",
}
"""Source: PIL.Image.Resampling."""
_BY_NAME: dict[object, Resampling] = {name: name for name in _BY_NUMBER.values()}

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CLIP = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Source: timm/data/constants.py, open_clip/constants.py; mean and deviation of red, green and blue."""

_CONVNEXT_SHARE = 224 / 256
"""Source: transformers, models/convnext/image_processing_convnext.py, which also serves ResNet and RegNet."""

_BICUBIC = {"Beit", "Bit", "Blip", "ChineseCLIP", "CLIP", "ConvNext", "DeiT", "EfficientNet", "Siglip"}
"""Families whose programs resample so where nothing is said; the others here do so bilinearly.

Source: transformers, `resample` of their image processors.
"""

_BY_SHORTEST = {"Bit", "ChineseCLIP", "CLIP", "ConvNext", "MobileNetV1", "MobileNetV2", "Siglip"}
"""Families whose programs take a size that is a single number for that of the shorter side; others make a square of it.

Source: transformers, `default_to_square` of their image processors.
"""

_MAX_SIZE = 2_048
_LEAST, _MOST = 1e-6, 1e6
"""What numbers may be: with smaller and larger ones, sizes or pixels would have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """From a picture of any size to the numbers that a network takes: (pixel / 255 − mean) / std, red first."""

    size: int
    """Side of the square, in pixels."""
    fit: Literal["squash", "crop"]
    margin: float = 1.0
    """Share of the shorter side that `crop` keeps."""
    filter: Resampling = "bicubic"
    rounding: Literal["none", "down", "even"] = "down"
    """Where half a pixel of a cut goes; with `none` it is cut in the very middle."""
    mean: Three
    std: Three


def read_transformers(tree: Mapping[str, Any], name: str) -> Preprocessing:
    """Read a parsed preprocessor_config.json; `name` is for messages.

    Raises:
        BadInput: a key is missing or wrong, or asks for what is not done here.
    """
    if isinstance(tree.get("image_processor"), Mapping):  # processor_config.json
        tree = tree["image_processor"]
    family = _family(tree)
    pads = tree.get("do_pad") is True and family != "Blip"  # whose pictures all have one size before
    if tree.get("do_resize") is False or tree.get("do_normalize") is False or pads:
        raise _refuse(name, "it wants pictures of any size, or their raw numbers")
    size, crops = tree.get("size"), bool(tree.get("do_center_crop", "crop_size" in tree))
    mean, std = _mean_and_std(tree, name)
    resample = tree.get("resample", 3 if family in _BICUBIC else 2)
    read = Preprocessing(size=0, fit="squash", filter=_filter(_BY_NUMBER, resample, name), mean=mean, std=std)
    enlarges = _is_for(tree, "ConvNext", "crop_pct")
    by_shortest = enlarges or (family in _BY_SHORTEST and isinstance(size, int))
    shortest = size.get("shortest_edge") if isinstance(size, Mapping) else size if by_shortest else None
    if enlarges:  # below 384 pixels it scales to more than the size, and cuts that out
        side = _side(shortest, "size", name)
        if side >= 384:
            return replace(read, size=side)
        shortest = int(side / _number(tree.get("crop_pct") or _CONVNEXT_SHARE, "crop_pct", name, positive=True))
    elif shortest is None:
        side = _square(size, "size", name)
        is_square = bool(family) or not isinstance(size, int)  # else nobody says what a single number means
        if crops and not (is_square and _square(tree.get("crop_size"), "crop_size", name) == side):
            raise _refuse(name, "it cuts the middle out of pictures that are, or may be, squashed before")
        return replace(read, size=side)
    elif crops:
        side = _square(tree.get("crop_size"), "crop_size", name)
    else:
        raise _refuse(name, "it keeps the shape of pictures, so that no two fit into one batch")
    return replace(read, size=side, fit="crop", margin=_margin(side, _side(shortest, "size", name), name))


def _mean_and_std(tree: Mapping[str, Any], name: str) -> tuple[Three, Three]:
    """Give what is taken from shares of 255, and what they are divided by then.

    Numbers are pixel × factor, of which EfficientNet may take 1, and which it divides by the deviation twice.
    Source: transformers, models/efficientnet/image_processing_efficientnet.py.
    """
    rescales = tree.get("do_rescale") is not False
    share = 255 * _number(tree.get("rescale_factor", 1 / 255) if rescales else 1, "rescale_factor", name, positive=True)
    mean, std = _three(tree, "image_mean", name), _three(tree, "image_std", name, positive=True)
    if _is_for(tree, "EfficientNet", "include_top"):
        if tree.get("rescale_offset") and rescales:
            mean = mean[0] + 1, mean[1] + 1, mean[2] + 1
        if tree.get("include_top") is not False:
            std = std[0] ** 2, std[1] ** 2, std[2] ** 2
    return _divided(mean, share), _divided(std, share)


def _family(tree: Mapping[str, Any]) -> str:
    """Give whose program reads this file: `CLIP` of CLIPImageProcessor, CLIPFeatureExtractor; empty for none named."""
    program = tree.get("image_processor_type") or tree.get("feature_extractor_type") or ""
    return re.split("ImageProcessor|FeatureExtractor", str(program))[0]


def _is_for(tree: Mapping[str, Any], family: str, key: str) -> bool:
    """Tell whether a family's own program reads this file; where none is named, a key that only it knows says so."""
    named = _family(tree)
    return named == family if named else key in tree


def read_open_clip(tree: Mapping[str, Any], image_size: object, name: str) -> Preprocessing:
    """Read the parsed `preprocess_cfg` of an open_clip_config.json, or of a tag; the size is that of the model.

    Raises:
        BadInput: as `read_transformers` says.
    """
    mean, std = _CLIP
    given = {key: value for key, value in tree.items() if value is not None}
    mode = given.get("resize_mode") or "shortest"
    if mode not in ("shortest", "squash"):
        raise _refuse(name, f"its resize_mode {mode!r} is not done here")
    return Preprocessing(
        size=_square(image_size, "image_size", name),
        fit="crop" if mode == "shortest" else "squash",
        filter=_filter(_BY_NAME, given.get("interpolation") or "bicubic", name),
        rounding="even",
        mean=_three(given, "mean", name) if "mean" in given else mean,
        std=_three(given, "std", name, positive=True) if "std" in given else std,
    )


def read_timm(tree: Mapping[str, Any], name: str) -> Preprocessing:
    """Read the parsed `pretrained_cfg` of a timm config.json.

    Raises:
        BadInput: as `read_transformers` says.
    """
    mean, std = _IMAGENET
    given = {key: value for key, value in tree.items() if value is not None}
    size = given.get("input_size", (3, 224, 224))
    if not isinstance(size, Sequence) or len(size) != 3 or size[0] != 3:
        raise _refuse(name, f"its input_size is {str(size)[:60]}")
    side = _square(list(size[1:]), "input_size", name)
    crop_pct = _number(given.get("crop_pct", 0.875), "crop_pct", name, positive=True)
    mode = given.get("crop_mode", "center")
    if mode not in ("center", "squash") or (mode == "squash" and crop_pct != 1):
        raise _refuse(name, f"its crop_mode {str(mode)[:60]!r} at {crop_pct:g} is not done here")
    return Preprocessing(
        size=side,
        fit="squash" if mode == "squash" else "crop",
        margin=1.0 if mode == "squash" else _margin(side, floor(side / crop_pct), name),
        filter=_filter(_BY_NAME, given.get("interpolation", "bicubic"), name),
        rounding="even",
        mean=_three(given, "mean", name) if "mean" in given else mean,
        std=_three(given, "std", name, positive=True) if "std" in given else std,
    )


def _square(size: object, key: str, name: str) -> int:
    match size:
        case {"height": height, "width": width}:
            sides = [height, width]
        case [height, width]:
            sides = [height, width]
        case _:
            sides = [size, size]
    if sides[0] != sides[1]:
        raise _refuse(name, f"its {key} {sides[1]!s:.20} × {sides[0]!s:.20} is no square")
    return _side(sides[0], key, name)


def _side(side: object, key: str, name: str) -> int:
    if type(side) is not int or not 16 <= side <= _MAX_SIZE:
        raise _refuse(name, f"its {key} is {str(side)[:60]}, not 16 to {_MAX_SIZE} pixels")
    return side


def _margin(side: int, shortest: int, name: str) -> float:
    if shortest < side:
        raise _refuse(name, f"it cuts {side} pixels out of {shortest}")
    return side / shortest


def _three(tree: Mapping[str, Any], key: str, name: str, *, positive: bool = False) -> Three:
    numbers = tree.get(key)
    if not isinstance(numbers, list | tuple) or len(numbers) != 3:
        raise _refuse(name, f"its {key} is {str(numbers)[:60]}, not three numbers")
    one, two, three = (_number(number, key, name, positive=positive) for number in numbers)
    return one, two, three


def _number(number: object, key: str, name: str, *, positive: bool = False) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < _MOST:
        raise _refuse(name, f"its {key} has {str(number)[:60]!r}")
    if positive and number < _LEAST:
        raise _refuse(name, f"its {key} has {number:g}, which is less than {_LEAST:g}")
    return float(number)


def _divided(numbers: Three, by: float) -> Three:
    return numbers[0] / by, numbers[1] / by, numbers[2] / by


def _filter(known: Mapping[object, Resampling], wanted: object, name: str) -> Resampling:
    found = known.get(wanted) if isinstance(wanted, int | str) else None
    if found is None:
        raise _refuse(name, f"its resampling {str(wanted)[:60]!r} is unknown")
    return found


def _refuse(name: str, reason: str) -> BadInput:
    return BadInput(f"How {name} wants its pictures cannot be followed: {reason}.", "Choose another checkpoint.")

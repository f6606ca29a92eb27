"""What if torchvision was not compiled for this torch? Importing this first makes its parts in Python importable.

PyPI's torchvision for Linux is compiled for CUDA, and fails beside a torch for CPUs only. Preparing pictures needs none
of its operators; they are declared by name only, and calling one fails as it should.
"""

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

import torch


def _declare_operators() -> torch.library.Library | None:
    if find_spec("torchvision") is not None:
        try:
            import_module("torchvision")
        except RuntimeError:
            library = torch.library.Library("torchvision", "DEF")
            for name in ("nms", "qnms"):
                with suppress(RuntimeError):  # another torchvision has only the first
                    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            return library
    return None


DECLARED = _declare_operators()
"""Must live as long as the operators."""

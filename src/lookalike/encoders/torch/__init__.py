"""How does a checkpoint of safetensors become an encoder? By PyTorch, for models that have no ONNX graph yet.

A family reads a checkpoint's own files and gives its `Towers`: `transformers` (hf:), `open_clip`, `timm`, `sentence`
(sentence-transformers:) and `carded` (torch:). `encoder` runs towers; `export` turns them into ONNX graphs.
"""

from lookalike.models.packages import require_torch_and

_NEEDS = {
    "hf": ("transformers",),
    "open_clip": ("transformers", "timm", "open_clip"),
    "sentence-transformers": ("transformers",),
    "timm": ("timm",),
    "torch": ("timm",),
}
"""Family → the packages that it needs besides torch."""


def require_torch(family: str) -> None:
    """See that what a family needs is installed, and fits together.

    Raises:
        MissingExtra: so.
    """
    require_torch_and(f"Encoders `{family}:` need", *_NEEDS[family])

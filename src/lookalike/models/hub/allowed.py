"""Which files of a repository may come? Those that hold numbers and plain texts, and none that can carry code."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from lookalike.errors import BadInput

WEIGHTS = (".safetensors", ".onnx", ".onnx_data", ".onnx.data")
"""Numbers: safetensors, ONNX graphs, and the weights that graphs keep in files of their own."""

TEXTS = (".json", ".toml", ".txt", ".model")
"""What says how to use them: configurations, cards, vocabularies; `.model` is SentencePiece's list of pieces."""

MAX_TEXT_BYTES = 100_000_000
"""The longest tokenizer.json that is known has 34 MB."""
MAX_WEIGHT_BYTES = 50_000_000_000
"""More does not come by plain HTTP. Source: `huggingface_hub.constants.MAX_HTTP_DOWNLOAD_SIZE`"""

_CARRIES_CODE = {
    ".bin": "a pickle",
    ".ckpt": "a pickle",
    ".h5": "a file of Keras, which may hold code",
    ".joblib": "a pickle",
    ".keras": "a file of Keras, which may hold code",
    ".pickle": "a pickle",
    ".pkl": "a pickle",
    ".pt": "a pickle",
    ".pth": "a pickle",
    ".py": "a program",
    ".torchscript": "a program",
}
"""The ending of a file → why it is refused."""

_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_. +@=-]{0,199}/){0,4}[A-Za-z0-9_][A-Za-z0-9_. +@=-]{0,199}")
"""Plain names down to five folders deep; nothing hidden, no `..`, no drive of Windows."""


def is_allowed(name: str) -> bool:
    """Tell whether a file of this name may be fetched and read."""
    return name.endswith((*WEIGHTS, *TEXTS)) and _NAME.fullmatch(name) is not None


def choose(names: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """Pick the allowed names that a pattern wants, descriptions first and weights last.

    In patterns such as `*.json` or `onnx/*.onnx`, a star never stands for a slash. Because weights come last, a
    repository that came in part has none, and nobody takes it for whole.
    """
    found = {name for name in names if is_allowed(name) and any(_suits(name, pattern) for pattern in wanted)}
    return sorted(found, key=lambda name: (name.endswith(WEIGHTS), name))


def refuse_unsafe(name: str) -> None:
    """Refuse a file that can carry code, by its name, whatever is in it.

    Raises:
        BadInput: it can, with the reason.
    """
    reason = next((why for ending, why in _CARRIES_CODE.items() if name.lower().endswith(ending)), "")
    if reason:
        fix = "Convert it to safetensors or ONNX, on a machine where it may do harm."
        raise BadInput(f"The model {name!r} is {reason}; it would run whatever is in it, and is not loaded.", fix)


def suffices(chosen: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether files were found at all, and weights among them if a pattern wants any."""
    if any(pattern.endswith(WEIGHTS) for pattern in wanted):
        return any(name.endswith(WEIGHTS) for name in chosen)
    return bool(chosen)


def require_enough(repo: str, names: Sequence[str], chosen: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a repository of which nothing that is of use would come.

    Raises:
        BadInput: so, with what is there instead.
    """
    if suffices(chosen, wanted):
        return
    unsafe = [name for name in names if name.endswith(tuple(_CARRIES_CODE)) and not name.endswith(".py")]
    if unsafe:
        what = f"{repo} has its weights only as {unsafe[0][:100]!r}, which can carry code and is not loaded."
        fix = (
            "Look for a revision with safetensors: the hub converts many repositories in a pull request, "
            f"such as {repo}@refs/pr/1."
        )
        raise BadInput(what, fix)
    raise BadInput(
        f"{repo} has none of the files that are wanted.", "Check the name; the repository's page lists them."
    )


def _suits(name: str, pattern: str) -> bool:
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))

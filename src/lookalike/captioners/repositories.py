"""Which files of a repository make a captioner, and which of its revisions can be loaded without a pickle?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput, LookalikeError
from lookalike.models.description import MAX_DESCRIPTION_BYTES, parse_description
from lookalike.models.files import read_file
from lookalike.models.hub import Snapshot, fetch_repository, find_repository
from lookalike.models.hub.converted import find_converted, known_conversion

WANTED = ("*.json", "*.txt", "*.safetensors")
"""Configuration, preprocessing, tokenizer, weights."""

_WITHOUT_CODE = {
    f"microsoft/Florence-2-{size}": f"florence-community/Florence-2-{size}"
    for size in ("base", "base-ft", "large", "large-ft")
}
"""Repositories that need their own program to be loaded → the same weights, as transformers itself reads them.

Source: https://huggingface.co/docs/transformers/model_doc/florence2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of network that can write, by the `model_type` of its config.json."""

    model: str
    """Its class in transformers."""
    prompt: str = ""
    """What it is asked; where it is asked nothing, it begins with the first word of a caption."""


FAMILIES = {
    "blip": Family(model="BlipForConditionalGeneration"),
    "florence2": Family(model="Florence2ForConditionalGeneration", prompt="What does the image describe?"),
    "vision-encoder-decoder": Family(model="VisionEncoderDecoderModel"),
}
"""Source: of the question, Florence2Processor.task_prompts_without_inputs["<CAPTION>"] in transformers."""


def fetch_captioner(repo: str, revision: str = "") -> Snapshot:
    """Give the files of a captioner, fetched where they are not here.

    Without a revision, one that has only pickles is taken as the hub itself has converted it to safetensors.

    Raises:
        BadInput: it has only pickles.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable, MissingExtra: as `fetch_repository` says.
    """
    repo = _WITHOUT_CODE.get(repo, repo)
    revision = revision or known_conversion(repo)
    try:
        return fetch_repository(repo, revision or "main", WANTED)
    except BadInput as refused:
        converted = "" if revision else _converted(repo)
        if not converted:
            raise
        try:
            return fetch_repository(repo, converted, WANTED)
        except LookalikeError:
            raise refused from None


def is_fetched(rest: str) -> bool:
    """Tell whether `org/model[@revision]` was fetched before.

    Raises:
        BadInput: that cannot be a repository.
    """
    repo, _, revision = rest.partition("@")
    repo = _WITHOUT_CODE.get(repo, repo)
    return find_repository(repo, revision or known_conversion(repo) or "main", WANTED) is not None


def _converted(repo: str) -> str:
    try:
        return find_converted(repo)
    except LookalikeError:
        return ""  # what was refused at first is the better message


def read_family(folder: Path) -> Family:
    """Say what kind of captioner lies in a folder.

    Raises:
        BadInput: none that is known here.
    """
    kind = read_json(folder / "config.json").get("model_type")
    family = FAMILIES.get(kind) if isinstance(kind, str) else None
    if family is None:
        known = ", ".join(sorted(FAMILIES))
        raise BadInput(f"{folder} holds no captioner, but a model of type {str(kind)[:60]!r}.", f"Known are: {known}.")
    return family


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of a captioner that holds a JSON object.

    Raises:
        BadInput: it holds none, or asks for an endless network.
        NotFound: it is not there.
    """
    return parse_description(read_file(path.parent, path.name, MAX_DESCRIPTION_BYTES), str(path))

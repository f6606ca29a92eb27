"""Which pairs did a person see to be one picture, though the labels do not know? Those in copies_reviewed.tsv."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from copies_material import Asked

_REVIEWED = Path(__file__).with_suffix(".tsv")


def with_reviewed(made: str, asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Say of each query which files are neither right nor wrong answers to it; `made` names the folder of the files."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for line in _REVIEWED.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            folder, query, file = line.split("\t")
            if folder == made:
                pairs[query].append(file)
    return tuple(replace(one, ignored=tuple(pairs[one.file])) if one.file in pairs else one for one in asked)

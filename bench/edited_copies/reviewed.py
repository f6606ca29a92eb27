"""Which photos did a person see to be one, though the labels do not know? The pairs in reviewed.tsv."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from edited_copies.material import Asked, Material

_REVIEWED = Path(__file__).with_suffix(".tsv")


def with_reviewed(made: Material) -> tuple[Asked, ...]:
    """Say of each query which files of the gallery are neither right nor wrong answers to it."""
    same: dict[str, set[str]] = defaultdict(set)
    for line in _REVIEWED.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            one, other = line.split("\t")
            same[one].add(other)
            same[other].add(one)
    files: dict[str, list[str]] = defaultdict(list)
    for file, photos in made.photos.items():
        for photo in photos:
            files[photo].append(file)

    def ignored(one: Asked) -> tuple[str, ...]:
        others = set[str]().union(*(same[photo] for photo in one.photos))
        return tuple(sorted({file for photo in others for file in files[photo]} - {*one.truth, one.shared}))

    return tuple(replace(one, ignored=ignored(one)) for one in made.asked)

"""What does the recipe learn from and measure on? Four sets of photos, and edited copies of one of them."""

from dataclasses import dataclass
from pathlib import Path

from edits import EditedCopy, edited_copies
from features import Features
from lookalike.decode import Fit
from measures import Vectors
from pictures import Picture, read_pictures

IMAGENET, OPENSTAX, FLOWERS, GROCERY = "imagenet-one-per-class", "openstax-photos", "flowers", "grocery-train"

FITTED_ON = OPENSTAX
"""Whitening and activation ranges see this set only: its terms are clear, and the labelled sets stay unseen."""


@dataclass(frozen=True)
class Material:
    """Pictures by set, and the copies."""

    sets: dict[str, list[Picture]]
    copies: list[EditedCopy]

    def labels(self, name: str) -> list[str]:
        """Give the labels of a set."""
        return [picture.label for picture in self.sets[name]]


def read_material(data: Path, limit: int | None, originals: int) -> Material:
    """Read the four sets, and make edited copies of one."""
    sets = {name: read_pictures(data / f"{name}.tar", limit) for name in (IMAGENET, OPENSTAX, FLOWERS, GROCERY)}
    return Material(sets, list(edited_copies(sets[OPENSTAX], originals)))


def run(features: Features, material: Material, fit: Fit) -> dict[str, Vectors]:
    """Give the features of every set, and of the edited copies as `copies`."""
    found = {name: features([p.pixels for p in members], fit) for name, members in material.sets.items()}
    return found | {"copies": features([copy.pixels for copy in material.copies], fit)}

"""How do towers read and look, when they are not learning? In batches, to unit vectors; and how the head begins."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float16
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from measures import Vectors
from taps import Steps
from wording.lessons import CaptionLessons, batch_of
from wording.pieces import Pieces
from wording.towers import Towers
from wording.views import Maps

RIDGE = 0.3
"""Of the mean variance of a feature, times the pictures."""


def in_full(maps: Maps, steps: Steps) -> Tensor:
    """Give the numbers that bytes of maps stand for."""
    return (torch.from_numpy(maps).float() - steps.zero) * steps.scale


def in_batches(count: int, size: int = 128) -> Iterator[slice]:
    """Give slices that cover `count` rows."""
    for first in range(0, count, size):
        yield slice(first, first + size)


@torch.no_grad()
def see(towers: Towers, maps: Maps, middle: Vectors, steps: Steps, device: str) -> Vectors:
    """Give unit vectors of pictures."""
    found = []
    for part in in_batches(len(maps)):
        given = in_full(maps[part], steps), torch.from_numpy(np.array(middle[part]))
        found.append(F.normalize(towers.branch(*(one.to(device) for one in given)), dim=1).cpu().numpy())
    return np.concatenate(found)


@torch.no_grad()
def read(towers: Towers, pieces: Pieces, device: str) -> Vectors:
    """Give unit vectors of texts."""
    found = [
        F.normalize(towers.text(batch_of(pieces, np.arange(len(pieces))[part]).to(device)), dim=1).cpu().numpy()
        for part in in_batches(len(pieces), 512)
    ]
    return np.concatenate(found)


@torch.no_grad()
def pool(towers: Towers, maps: Maps, steps: Steps, device: str) -> Float16[np.ndarray, "n features"]:
    """Give what the branch sees in pictures, averaged over each, before its head."""
    found = [
        towers.branch.look(in_full(maps[part], steps).to(device)).mean((2, 3)).cpu().numpy()
        for part in in_batches(len(maps))
    ]
    return np.concatenate(found).astype(np.float16)


@torch.no_grad()
def start_head(towers: Towers, captions: CaptionLessons, pooled: Vectors, middle: Vectors, device: str) -> None:
    """Let the head begin at the linear map that best meets the texts of the pictures (ridge regression)."""
    branch = towers.branch
    branch.middle_mean.copy_(torch.from_numpy(middle.mean(axis=0)))
    branch.middle_scale.copy_(pooled.astype(np.float32).std() / torch.from_numpy(middle.std(axis=0) + 1e-6))
    texts = torch.from_numpy(read(towers, captions.pieces, device)).double()
    wanted = torch.stack([texts[captions.by_language["en"][picture]].mean(0) for picture in captions.usable])
    both = [torch.from_numpy(one[captions.usable].astype(np.float32)).to(device) for one in (pooled, middle)]
    features = branch.join(*both).cpu().double()
    mean, aim = features.mean(0), wanted.mean(0)
    centred = features - mean
    square = centred.T @ centred
    ridge = RIDGE * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
    weight = torch.linalg.solve(square + ridge, centred.T @ (wanted - aim))
    towers.branch.head.weight.copy_(weight.T.float())
    towers.branch.head.bias.copy_((aim - mean @ weight).float())

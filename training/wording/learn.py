"""How do the towers learn? Lessons in a row, each going on where it was cut off, with a curve of each.

1. Words: the text tower learns from the teacher what texts mean, in four languages.
2. Pairs: pictures and their captions, the branch still as it came from ImageNet, so that it need look only once.
3. Looking: the branch itself, with all the rest.
4. Settling: pairs again, from a new head for the branch that has learnt to look.
Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision (2021), for the loss.
"""

import copy
import csv
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from lite0 import FEATURES
from measures import Vectors
from taps import Steps
from wording.knowledge import WEIGHT, stand_apart
from wording.lessons import CaptionLessons, Indices, TextLessons, batch_of
from wording.pieces import Pieces
from wording.run import in_full, pool, read
from wording.teacher import DIM
from wording.towers import Towers

TEACHER_SCALE = 20.0
"""Inverse temperature at which a text tells the teacher's vectors apart."""

CAPTION_WEIGHT = 0.4
"""Of each of the five captions of a picture that a step reads."""

READ_NAMES = 20
"""Steps after which the text tower reads the names of the classes again."""

SMOOTH = 0.98
"""Of the running mean of all weights, which is what counts in the end."""

log = logging.getLogger("words")

Measure = Callable[[Towers], dict[str, float]]


@dataclass(frozen=True)
class Lesson:
    """How long, how many at a time, how fast."""

    name: str
    steps: int
    pictures: int
    texts: int
    rate: float
    branch_rate: float = 0.0
    """Of the branch's convolutions; 0 leaves them alone."""
    layer: bool = False
    """Whether the text tower's layer takes part."""
    starts_head: bool = False
    """Whether the head begins at what ridge regression finds."""
    kept: float = 1.0
    """How far to go from where the lesson began to where it ended: less far is better for what was not in it.

    Source: Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022), weight-space ensembles.
    """
    drop: float = 0.1
    """Share of a picture's features that the head does not see."""

    def shortened(self, share: float) -> "Lesson":
        """Give the lesson with a share of its steps, at least two."""
        return replace(self, steps=max(2, round(share * self.steps)))


@dataclass(frozen=True)
class Lessons:
    """What all lessons draw from."""

    captions: CaptionLessons
    texts: TextLessons
    maps: np.ndarray
    """Trunk maps (views, pictures, channels, side, side), in bytes."""
    steps: Steps
    views: int
    """How many views of each picture may be drawn."""
    middle: Vectors
    """Features from the middle of the network, of the pictures as they are."""
    classes: Vectors
    """Probabilities of the pictures' classes, as they are."""
    names: Pieces
    """The names of the classes."""


def contrast(one: Tensor, other: Tensor, scale: Tensor | float) -> Tensor:
    """Give the InfoNCE loss, both ways, of unit rows that belong together."""
    scores = scale * one @ other.T
    own = torch.arange(len(one), device=one.device)
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


class Course:
    """Takes towers through a lesson; the state is on disk every so often."""

    def __init__(self, towers: Towers, lessons: Lessons, work: Path, seed: int, device: str) -> None:
        self.towers, self.lessons, self.work, self.seed, self.device = towers, lessons, work, seed, device
        self._names = np.zeros((lessons.classes.shape[1], DIM), np.float32)
        self._pooled = np.zeros((0, 0, FEATURES), np.float16)

    def take(self, lesson: Lesson, measure: Measure | None = None, every: int = 200) -> None:
        """Take one lesson, or what is left of it; the towers then hold `kept` of the running mean of their weights."""
        before = copy.deepcopy(self.towers.state_dict())
        torch.manual_seed(self.seed)
        self.towers.text.reads_order = lesson.layer
        optimiser = torch.optim.AdamW(self._groups(lesson), betas=(0.9, 0.98), weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, [group["lr"] for group in optimiser.param_groups], total_steps=lesson.steps + 1, pct_start=0.1
        )
        mean = torch.optim.swa_utils.AveragedModel(
            self.towers, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(SMOOTH)
        )
        parts = {"towers": self.towers, "mean": mean, "optimiser": optimiser, "schedule": schedule}
        path, start = self.work / f"{lesson.name}.pt", 0
        if path.exists():
            kept = torch.load(path, map_location=self.device, weights_only=True)
            start = kept.pop("step")
            for name, state in kept.items():
                parts[name].load_state_dict(state)
        if lesson.pictures and not lesson.branch_rate and start < lesson.steps:
            self._pool()
        began = time.monotonic()
        for step in range(start, lesson.steps):
            rng = np.random.default_rng((self.seed, step))
            if lesson.pictures and (step == start or step % READ_NAMES == 0):
                self._names = stand_apart(read(self.towers, self.lessons.names, self.device))
            losses = self._losses(lesson, rng)
            optimiser.zero_grad()
            sum(losses.values()).backward()
            nn.utils.clip_grad_norm_(self.towers.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(self.towers)
            if (step + 1) % every == 0 or step + 1 == lesson.steps:
                states = {name: part.state_dict() for name, part in parts.items()}
                partial = path.with_suffix(".partial")
                torch.save(states | {"step": step + 1}, partial)
                partial.replace(path)
                figures = {name: float(loss.detach()) for name, loss in losses.items()}
                figures |= measure(mean.module) if measure else {}
                self._note(lesson, step + 1, time.monotonic() - began, figures)
        after = mean.module.state_dict()
        self.towers.load_state_dict({name: one.lerp(after[name], lesson.kept) for name, one in before.items()})

    def _groups(self, lesson: Lesson) -> list[dict[str, object]]:
        branch = [part for name, part in self.towers.branch.named_parameters() if not name.startswith("head")]
        for part in branch:
            part.requires_grad_(lesson.branch_rate > 0)
        rest = [self.towers.log_scale, *self.towers.branch.head.parameters(), *self.towers.text.parameters()]
        groups: list[dict[str, object]] = [{"params": rest, "lr": lesson.rate}]
        if lesson.branch_rate:
            groups.append({"params": branch, "lr": lesson.branch_rate})
        return groups

    def _pool(self) -> None:
        """Look at all views once, as the branch will not change in this lesson."""
        log.info("looking at %d views of %d pictures", self.lessons.views, self.lessons.maps.shape[1])
        views = self.lessons.maps[: self.lessons.views]
        self._pooled = np.stack([pool(self.towers, maps, self.lessons.steps, self.device) for maps in views])

    def _losses(self, lesson: Lesson, rng: np.random.Generator) -> dict[str, Tensor]:
        losses = self._text_losses(lesson.texts, rng)
        if lesson.pictures:
            losses |= self._pair_losses(lesson, rng)
        return losses

    def _text_losses(self, count: int, rng: np.random.Generator) -> dict[str, Tensor]:
        texts = self.lessons.texts
        chosen = texts.draw(count, rng)
        taught = torch.from_numpy(texts.taught[texts.meaning[chosen]]).to(self.device)
        found = F.normalize(self.towers.text(batch_of(texts.pieces, chosen, rng).to(self.device)), dim=1)
        # Translations of one caption mean the same: they are no mistakes for each other.
        same = torch.from_numpy(texts.meaning[chosen][:, None] == texts.meaning[chosen][None, :]).to(self.device)
        scores = TEACHER_SCALE * found @ taught.T
        aims = same / same.sum(1, keepdim=True)
        return {
            "teacher": 2 * (1 - (found * taught).sum(1)).mean(),
            "telling texts apart": 0.5 * F.cross_entropy(scores, aims),
        }

    def _pair_losses(self, lesson: Lesson, rng: np.random.Generator) -> dict[str, Tensor]:
        usable = self.lessons.captions.usable
        chosen = rng.choice(usable, min(lesson.pictures, len(usable)), replace=False)
        known = torch.from_numpy(WEIGHT * self.lessons.classes[chosen] @ self._names).to(self.device)
        seen = F.normalize(F.normalize(self._see(lesson, chosen, rng), dim=1) + known, dim=1)
        scale = self.towers.log_scale.exp().clamp(max=50)
        losses = {}
        for name, texts in self.lessons.captions.draw(chosen, rng).items():
            found = self.towers.text(batch_of(self.lessons.captions.pieces, texts, rng).to(self.device))
            losses[name] = CAPTION_WEIGHT * contrast(seen, F.normalize(found, dim=1), scale)
        return losses

    def _see(self, lesson: Lesson, chosen: Indices, rng: np.random.Generator) -> Tensor:
        views = rng.integers(self.lessons.views, size=len(chosen))
        if lesson.branch_rate:
            maps = in_full(self.lessons.maps[views, chosen], self.lessons.steps).to(self.device)
            with torch.autocast(self.device, torch.bfloat16):
                features = self.towers.branch.look(maps).mean((2, 3))
            features = features.float()
        else:
            features = torch.from_numpy(self._pooled[views, chosen].astype(np.float32)).to(self.device)
        middle = torch.from_numpy(self.lessons.middle[chosen]).to(self.device)
        branch = self.towers.branch
        return branch.head(F.dropout(branch.join(features, middle), lesson.drop))

    def _note(self, lesson: Lesson, step: int, seconds: float, figures: dict[str, float]) -> None:
        line = {"lesson": lesson.name, "step": step, "seconds": round(seconds)} | {
            name: round(value, 4) for name, value in figures.items()
        }
        log.info(" ".join(f"{name} {value}" for name, value in line.items()))
        path = self.work / f"{lesson.name}.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, line)
            if new:
                writer.writeheader()
            writer.writerow(line)

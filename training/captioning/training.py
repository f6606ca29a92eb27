"""How does the captioner learn to foresee each word that people wrote? Epochs that can be cut off and gone on with."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from captioning.material import Material
from captioning.network import Captioner
from captioning.words import END, Vocabulary

Numbers = list[int]
"""A caption as numbers of words."""


@dataclass(frozen=True)
class Stage:
    """One of the two ways of learning, and how long."""

    name: str
    epochs: int
    rate: float
    batch: int = 32
    """Pictures in a step; each comes with all of its captions."""
    warmup: int = 100
    """Steps until the rate is reached, from where it falls along a cosine."""
    smoothing: float = 0.1
    """Share of the probability that is spread over all words. Source: Szegedy et al., CVPR 2016, section 7."""
    decay: float = 1e-2
    averaged: float = 0.995
    """How much of the averaged weights a step keeps."""
    views: int = 4


class Trainer:
    """Runs the epochs of a stage; after each it writes down all that is needed to go on from there."""

    def __init__(
        self, network: Captioner, stage: Stage, material: Material, vocabulary: Vocabulary, work: Path
    ) -> None:
        self.network, self.stage, self.material, self.work = network, stage, material, work
        self.captions: list[list[Numbers]] = [
            [vocabulary.encode(tokens) for tokens in several] for several in material.captions
        ]
        self.unknown = vocabulary.unknown
        self.device = next(network.parameters()).device
        self.average = {name: value.clone() for name, value in network.state_dict().items()}
        groups = [
            {"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": stage.decay},
            {"params": [p for p in network.parameters() if p.ndim == 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=stage.rate, betas=(0.9, 0.98))
        self.steps_each = len(material) // stage.batch
        steps = max(1, stage.epochs * self.steps_each)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser,
            lambda step: (
                min(1, (step + 1) / stage.warmup) * 0.5 * (1.02 + 0.98 * math.cos(math.pi * min(1, step / steps)))
            ),
        )
        self.epoch = 0
        self._resume()

    @property
    def checkpoint(self) -> Path:
        """Where an unfinished stage is kept."""
        return self.work / f"{self.stage.name}.pt"

    def run(self) -> Iterator[dict[str, float]]:
        """Go through the epochs that are left; gives the figures of each."""
        while self.epoch < self.stage.epochs:
            random = np.random.default_rng([self.epoch, self.stage.epochs])
            torch.manual_seed(self.epoch)
            self.network.train()
            begun, figures = time.monotonic(), []
            for pictures in self._batches(random):
                maps = self.material.view(pictures, random.integers(0, self.stage.views, len(pictures)))
                figures.append(self._step(pictures, self._on_device(maps)))
            self.epoch += 1
            means = {name: float(np.mean([one[name] for one in figures])) for name in figures[0]}
            self._save()
            yield {"epoch": self.epoch, "seconds": round(time.monotonic() - begun, 1), **means}

    def averaged(self) -> Captioner:
        """Give the network with the averaged weights, ready to write."""
        made = Captioner(self.network.shape).to(self.device)
        made.load_state_dict(self.average)
        return made.eval()

    def _batches(self, random: np.random.Generator) -> list[np.ndarray]:
        """Put pictures whose longest captions are about as long into one batch: less is padded."""
        longest = [max(map(len, several)) for several in self.captions] + random.uniform(0, 4, len(self.captions))
        order = np.argsort(longest)[len(longest) % self.stage.batch :]
        batches = order.reshape(-1, self.stage.batch)
        return list(random.permutation(batches))

    def _step(self, pictures: np.ndarray, maps: Tensor) -> dict[str, float]:
        with torch.autocast(self.device.type, torch.bfloat16):
            loss, figures = self._loss(pictures, maps)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        step = self.schedule.last_epoch
        keep = min(self.stage.averaged, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        return figures

    def _loss(self, pictures: np.ndarray, maps: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Let the network foresee each word of what people wrote."""
        several = [self.captions[picture] for picture in pictures]
        length = max(len(numbers) for captions in several for numbers in captions)
        target = np.full((len(several), len(several[0]), length), self.unknown)
        given = np.full_like(target, END)
        for i, captions in enumerate(several):
            for j, numbers in enumerate(captions):
                target[i, j, : len(numbers)] = numbers
                given[i, j, 1 : len(numbers)] = numbers[:-1]
        counted = target != self.unknown
        logits = self.network(maps, self._on_device(given), self._on_device(counted))
        loss = F.cross_entropy(logits, self._on_device(target[counted]), label_smoothing=self.stage.smoothing)
        return loss, {"loss": loss.item()}

    def _on_device(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _save(self) -> None:
        state = {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        unfinished = self.checkpoint.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self.checkpoint)

    def _resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            self.average, self.epoch = state["average"], state["epoch"]

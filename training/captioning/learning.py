"""How is the whole network learnt? Both stages in turn, each watched on pictures kept from it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from captioning.critic import CriticTrainer
from captioning.material import Material
from captioning.measures import Cider
from captioning.network import Captioner, Shape
from captioning.training import Numbers, Stage, Trainer
from captioning.words import END, LONGEST, Vocabulary
from lite0 import load_lite0

DROPOUT = 0.35
"""Share of a layer's numbers that are hidden from the next, at random, while words are foreseen; half of it after."""

STAGES = (
    Stage("words", epochs=5, rate=2e-3),
    Stage("critic", epochs=4, rate=1e-4, warmup=50, averaged=0.98),
)


def learn(learnt: Material, watched: Material, vocabulary: Vocabulary, work: Path, epochs: Sequence[int]) -> Captioner:
    """Go through both stages, from where an earlier run was cut off; the averaged weights go from one to the next."""
    torch.manual_seed(0)
    cells, channels = learnt.maps.shape[2:]
    shape = Shape(cells=cells, channels=channels, words=len(vocabulary.words) + 1)
    network = Captioner(shape, DROPOUT).to("cuda" if torch.cuda.is_available() else "cpu")
    network.eyes.start_from(load_lite0())
    for stage, trainer_of, count in zip(STAGES, (Trainer, CriticTrainer), epochs, strict=True):
        trainer = trainer_of(network, replace(stage, epochs=count), learnt, vocabulary, work)
        for figures in trainer.run():
            figures["cider"] = watch(trainer.averaged(), watched, vocabulary)
            log_curve(work / "curves.jsonl", stage.name, figures)
            print(stage.name, figures, flush=True)
        network.load_state_dict(trainer.average)
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.p /= 2
    return network.cpu().eval()


@torch.no_grad()
def watch(network: Captioner, material: Material, vocabulary: Vocabulary) -> float:
    """Give CIDEr-D of captions written in haste."""
    device = next(network.parameters()).device
    cider = Cider(material.captions)
    maps = torch.from_numpy(material.view(range(len(material)))).to(device)
    written = [vocabulary.decode(numbers) for numbers in write_greedily(network, maps)]
    return float(np.mean([cider.score(picture, words) for picture, words in enumerate(written)]))


@torch.no_grad()
def write_greedily(network: Captioner, maps: Tensor) -> list[Numbers]:
    """Take the likeliest word each time: quick, to watch the training by."""
    scene, state = network.see(maps), network.begin(len(maps), 1)
    words, written = torch.full((len(maps), 1), END, device=maps.device), []
    for _ in range(LONGEST + 1):
        spoken, state = network.step(network.read(words), state, scene)
        words = network.speak(spoken).argmax(-1)
        written.append(words)
    return torch.cat(written, 1).tolist()


def log_curve(path: Path, stage: str, figures: dict[str, float]) -> None:
    """Add one line to the curves."""
    with path.open("a") as curves:
        curves.write(json.dumps({"stage": stage, **{name: round(value, 4) for name, value in figures.items()}}) + "\n")

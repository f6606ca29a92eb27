"""How does the captioner learn to please CIDEr-D? By what becomes of captions that it writes by chance."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from captioning.material import Material
from captioning.measures import Cider
from captioning.network import Captioner
from captioning.training import Numbers, Stage, Trainer
from captioning.words import END, LONGEST, Vocabulary


class CriticTrainer(Trainer):
    """Learns from its own captions: those that CIDEr-D likes better than their siblings become likelier.

    Source: Rennie et al., Self-critical Sequence Training (CVPR 2017); the mean of the siblings as baseline: Luo,
    A Better Variant of Self-Critical Sequence Training (2020), https://arxiv.org/abs/2003.09971.
    """

    siblings = 5
    temperature = 0.5
    """Of the probabilities that words are drawn by: smoothing has left a tenth of them to words that make no sense, and
    the surest way to fewer of these would be to write less."""

    def __init__(
        self, network: Captioner, stage: Stage, material: Material, vocabulary: Vocabulary, work: Path
    ) -> None:
        super().__init__(network, stage, material, vocabulary, work)
        # END counts as a word, or captions would learn to break off: `a man in a`.
        ended = [
            [[*numbers, END] if numbers[-1] != END else numbers for numbers in several] for several in self.captions
        ]
        self.cider = Cider(ended)

    def _loss(self, pictures: np.ndarray, maps: Tensor) -> tuple[Tensor, dict[str, float]]:
        sampled = sample(self.network, maps, self.siblings, self.temperature)
        rewards = np.array(
            [
                [self.cider.score(picture, _with_end(numbers)) / 100 for numbers in siblings]
                for picture, siblings in zip(pictures, sampled.tolist(), strict=True)
            ]
        )
        baseline = (rewards.sum(1, keepdims=True) - rewards) / (self.siblings - 1)
        advantage = self._on_device((rewards - baseline).astype(np.float32))
        given = torch.cat([torch.full_like(sampled[..., :1], END), sampled[..., :-1]], -1)
        counted = torch.cat([torch.ones_like(given[..., :1]), given[..., 1:]], -1) != END
        logits = self.network(maps, given, counted)
        chosen = -F.cross_entropy(logits / self.temperature, sampled[counted], reduction="none")
        loss = -(advantage[..., None].expand_as(sampled)[counted] * chosen).mean()
        return loss, {"loss": loss.item(), "reward": 100 * float(rewards.mean())}


def _with_end(numbers: Numbers) -> Numbers:
    return numbers[: numbers.index(END) + 1] if END in numbers else numbers


@torch.no_grad()
def sample(network: Captioner, maps: Tensor, siblings: int, temperature: float) -> Tensor:
    """Let the network write captions by chance; gives their numbers (pictures, siblings, length), END to the end."""
    scene, state = network.see(maps), network.begin(len(maps), siblings)
    words = torch.full((len(maps), siblings), END, device=maps.device)
    ended = torch.zeros_like(words, dtype=torch.bool)
    written = []
    for _ in range(LONGEST + 1):
        spoken, state = network.step(network.read(words), state, scene)
        logits = network.speak(spoken) / temperature
        noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_min(1e-20)))
        words = (logits + noise).argmax(-1).masked_fill(ended, END)
        written.append(words)
        ended = ended | (words == END)
        if ended.all():
            break
    return torch.stack(written, -1)

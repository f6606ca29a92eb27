"""What do class probabilities add to the vector of words? Names of what is recognised, as the text tower reads them.

So unseen words work: a picture of a lemon gets some of the vector of `lemon`, though no caption ever spoke of one.
Source: Norouzi et al., Zero-Shot Learning by Convex Combination of Semantic Embeddings (ICLR 2014), ConSE.
"""

from dataclasses import dataclass

import numpy as np

from lite0 import Lite0
from measures import Vectors, unit
from wording.lessons import Indices

WEIGHT = 0.4
"""Of what the classes add to the semantic vector, whose own length is 1."""


@dataclass(frozen=True)
class Knowledge:
    """Σ p(class) · vector of its name, times a weight, is added to the semantic vector."""

    names: Vectors
    temperature: float
    """The classifier's scores are divided by it before the softmax."""
    weight: float = WEIGHT

    def __call__(self, classes: Vectors) -> Vectors:
        """Give what probabilities of classes add."""
        added: Vectors = self.weight * classes @ self.names
        return added


def stand_apart(names: Vectors) -> Vectors:
    """Take from the vectors of names what all of them share."""
    return unit(names - names.mean(axis=0))


def class_scores(trunk: Lite0, pooled: Vectors) -> Vectors:
    """Give what the trunk's own classifier thinks of its features."""
    scores: Vectors = pooled @ trunk._fc.weight.detach().numpy().T + trunk._fc.bias.detach().numpy()
    return scores


def softmax(scores: Vectors) -> Vectors:
    """Turn scores into probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Vectors = powers / powers.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(scores: Vectors, wanted: Indices) -> float:
    """Find what the classifier's scores are best divided by, so that its probabilities are honest.

    Source: Guo et al., On Calibration of Modern Neural Networks (ICML 2017); searched on a grid.
    """
    grid = np.exp(np.linspace(np.log(0.3), np.log(3), 100))
    rows = np.arange(len(wanted))
    return float(min(grid, key=lambda one: -np.log(softmax(scores / one)[rows, wanted] + 1e-12).mean()))

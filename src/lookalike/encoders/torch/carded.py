"""How does a file of safetensors become an encoder by the card beside it? A network of timm, pooled as the card says.

That is how SSCD comes in: its authors publish files that can carry code, which people convert themselves.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from lookalike.disk import expand_home
from lookalike.encoders.card import Architecture
from lookalike.encoders.checkpoint import Checkpoint, read_checkpoint
from lookalike.encoders.torch.encoder import TorchEncoder
from lookalike.encoders.torch.files import example_of, fill_module, measure_dim
from lookalike.encoders.torch.timm import make_network
from lookalike.encoders.torch.towers import Towers
from lookalike.errors import BadInput
from lookalike.models.hub import refuse_unsafe
from lookalike.models.network import Engine
from lookalike.models.preprocessing import Preprocessing
from lookalike.models.safetensors import read_header

_LEAST = 1e-6
"""Source: github.com/facebookresearch/sscd-copy-detection, sscd/models/gem_pooling.py"""


class _Pooled(torch.nn.Module):
    """A network's map, its generalised mean, and a layer behind it; each if asked for."""

    def __init__(self, backbone: Any, wanted: Architecture) -> None:
        super().__init__()
        self.backbone, self._power = backbone, wanted.power
        self.fc = torch.nn.Linear(backbone.num_features, wanted.projection) if wanted.projection else None

    def forward(self, pixels: Any) -> Any:
        if self._power is None:
            found = self.backbone(pixels)
        else:
            # Source: Radenović et al., arXiv:1711.02512, equation 3
            map_ = self.backbone.forward_features(pixels).clamp(min=_LEAST)
            found = map_.pow(self._power).mean((2, 3)).pow(1 / self._power)
        return found if self.fc is None else self.fc(found)


def load_carded(rest: str, engine: Engine = "auto") -> TorchEncoder:
    """Load `photo.safetensors` by the card beside it, `photo.toml` or `photo.json`, with its section [torch].

    Raises:
        BadInput: another kind of file, a card that is wrong, or a file that is not the one of the card.
        NotFound: the weights or the card are not there.
    """
    refuse_unsafe(rest)
    if not rest.endswith(".safetensors"):
        raise BadInput(f"The model {rest[:200]!r} is no .safetensors file.", "Convert it to safetensors.")
    try:
        path = expand_home(rest).absolute()
    except (OSError, ValueError) as error:
        raise BadInput(f"The model's path {rest[:200]!r} is no path: {error}.", "Write another.") from None
    checkpoint = read_checkpoint(path.parent, path.name)
    name = f"torch:{path}"
    (space,) = checkpoint.card.spaces(name).values()
    return TorchEncoder(name, _read_towers(path, checkpoint), engine, space)


def _read_towers(path: Path, checkpoint: Checkpoint) -> Towers:
    card = checkpoint.card
    if card.torch is None:
        raise BadInput(f"The card of {path.name} has no section [torch].", 'Add it: architecture = "resnet50".')
    module = _Pooled(make_network(card.torch.architecture, {}), card.torch)
    read_header(path)
    try:
        weights = load(checkpoint.contents[path.name])
    except (SafetensorError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {str(error)[:200]}.", "Get it again.") from None
    start = card.torch.prefix
    own = {key.removeprefix(start): tensor for key, tensor in weights.items() if key.startswith(start)}
    fill_module(module.backbone, own, path.name)
    if module.fc is not None:
        layer = {key.removeprefix("fc."): tensor for key, tensor in own.items() if key.startswith("fc.")}
        fill_module(module.fc, layer, path.name)
    wanted = {key: value for key, value in asdict(card.input).items() if key not in {"layout", "dtype"}}
    input_ = Preprocessing(**wanted)
    dim = measure_dim(module, example_of(input_))
    if dim != card.heads[0].dim:
        raise BadInput(f"{path.name} gives vectors of {dim} numbers, and its card says {card.heads[0].dim}.", "")
    return Towers(
        model=card.name,
        module=module.eval(),
        input=input_,
        space=card.heads[0].space,
        dim=dim,
        sums=card.files,
        calibration=card.heads[0].calibration,
    )

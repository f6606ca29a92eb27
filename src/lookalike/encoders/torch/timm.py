"""How are checkpoints of timm loaded? Their networks without the classifier, pooled as they were trained."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import timm

from lookalike.encoders.torch.encoder import TorchEncoder, make_encoder
from lookalike.encoders.torch.files import (
    example_of,
    fill_module,
    make_module,
    measure_dim,
    read_tree,
    read_weights,
    split_revision,
)
from lookalike.encoders.torch.towers import Towers
from lookalike.errors import BadInput
from lookalike.models.hub import Snapshot, fetch_repository
from lookalike.models.network import Engine, brief
from lookalike.models.preprocessing import read_timm

_LISTED = "`lookalike encoders` lists some; https://huggingface.co/timm has all."
WEIGHTS = "model.safetensors"
WANTED = ("config.json", WEIGHTS)
_OURS = {"pretrained", "checkpoint_path", "num_classes", "cache_dir", "pretrained_cfg", "pretrained_cfg_overlay"}
"""Arguments of networks that a checkpoint has no say in: some of them fetch files."""


def load_timm(rest: str, engine: Engine = "auto") -> TorchEncoder:
    """Load `resnet50.a1_in1k`, `resnet50@a1_in1k`, or `org/model[@revision]` from the hub.

    Raises:
        BadInput: a network that timm does not know, or a broken checkpoint; NotFound and others as `fetch_repository`.
    """
    repo, revision = find_repo(rest)
    snapshot = fetch_repository(repo, revision, WANTED)
    return make_encoder(f"timm:{repo}@{snapshot.commit}", read_towers(snapshot), engine)


def find_repo(rest: str) -> tuple[str, str]:
    """Give the repository and revision of a name.

    What has a slash is a repository. Else it is a network of timm and the tag of its weights, or timm's own choice.

    Raises:
        BadInput: timm has no such network, or none with such weights.
    """
    name, part = split_revision(rest, usual="")
    if "/" in name:
        return name, part or "main"
    network, dot, tag = name.partition(".")
    if not timm.is_model(network):
        near = ", ".join(timm.list_models(f"*{network[:60]}*")[:5])
        raise BadInput(f"timm has no network {network[:100]!r}.", f"Did you mean one of: {near}." if near else _LISTED)
    commit = part if dot else "main"
    tags = timm.list_pretrained(f"{network}.*") or timm.list_pretrained(network)
    chosen = f"{network}.{tag or part}" if tag or part else _usual(network)
    if chosen not in tags:
        raise BadInput(f"timm has no weights {chosen!r}.", f"Choose one of: {', '.join(tags[:12])}.")
    return f"timm/{chosen}", commit or "main"


def read_towers(snapshot: Snapshot) -> Towers:
    """Load a checkpoint of timm that lies on this machine. Raises as `load_timm` does."""
    tree = read_tree(snapshot, "config.json")
    described = tree.get("pretrained_cfg", tree)
    if not isinstance(described, dict):
        raise BadInput(f"config.json of {snapshot.repo} describes no checkpoint.", "Choose another.")
    input_ = read_timm(described, f"{snapshot.repo}/config.json")
    architecture = str(tree.get("architecture") or described.get("architecture"))
    make = partial(make_network, architecture, tree.get("model_args") or {})
    network = make_module(make, snapshot.path / WEIGHTS, snapshot.repo)
    fill_module(network, read_weights(snapshot.path / WEIGHTS), snapshot.repo)
    return Towers(
        model=snapshot.repo.rpartition("/")[2],
        module=network,
        input=input_,
        space="visual",
        dim=measure_dim(network, example_of(input_)),
        sums={name: snapshot.files[name] for name in ("config.json", WEIGHTS)},
    )


def make_network(architecture: str, arguments: Mapping[str, Any]) -> Any:
    """Make a network of timm with no weights and no classifier.

    Raises:
        BadInput: timm has none of this name, or it does not take these arguments.
    """
    if not timm.is_model(architecture):
        raise BadInput(
            f"timm has no network {architecture[:100]!r}.", "A newer timm may have it: `pip install -U timm`."
        )
    own = {key: value for key, value in arguments.items() if key not in _OURS}
    try:
        return timm.create_model(architecture, pretrained=False, num_classes=0, **own).eval()
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise BadInput(f"timm cannot make {architecture} as it is described: {brief(error)}.") from None


def _usual(network: str) -> str:
    tag = timm.get_pretrained_cfg(network, allow_unregistered=False)
    return f"{network}.{tag.tag}" if tag and tag.tag else network

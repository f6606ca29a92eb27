"""How does a registered encoder work? Its files come from the registry, and what loads them is what made them."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lookalike.disk import expand_home
from lookalike.encoders import Encoder, load_encoder
from lookalike.encoders.card import write_card
from lookalike.encoders.checkpoint import read_checkpoint
from lookalike.encoders.graphs import read_graph
from lookalike.encoders.onnx import OnnxEncoder, make_encoder
from lookalike.encoders.torch import require_torch
from lookalike.encoders.torch.languages import languages_of
from lookalike.errors import BadInput
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.files import is_file, read_file
from lookalike.models.hub import Snapshot, find_repository
from lookalike.models.network import Engine
from lookalike.models.registry import Manifest, Registered, fetch_registered
from lookalike.models.registry.manifest import make_manifest, sums_of

_TOWERS = {
    "hf": "lookalike.encoders.torch.transformers",
    "open_clip": "lookalike.encoders.torch.open_clip",
    "timm": "lookalike.encoders.torch.timm",
    "sentence-transformers": "lookalike.encoders.torch.sentence",
}
"""Families whose checkpoints are the files `WANTED` of a repository, read by `read_towers`."""

_GRAPH = "onnx:hf:"
"""What the names of encoders begin with that run a hub's graph."""

_RUN = "lookalike.encoders.torch.encoder"

_DIGITS = 12
"""Of the digest, in the names of spaces."""


def load_registered(rest: str, engine: Engine = "auto") -> Encoder:
    """Load `models:/name@alias` or `models:/name/version` from the registry that the environment names.

    Its name, which galleries keep, says the version, too: `mlflow:models:/name/3@alias`. Its spaces are named for the
    model and for what it is made of, so that versions with other vectors never meet in one space.

    Raises:
        BadInput, NotFound, LoginNeeded, NotAllowed, TooLarge, Unreachable, MachineError, MissingExtra: as
            `fetch_registered` says, and as those that load such encoders from elsewhere.
    """
    found = fetch_registered(rest, "encoder")
    family = found.manifest.family
    if family in _TOWERS:
        return _from_towers(found, engine)
    if family == "onnx":
        return _from_onnx(found, engine)
    raise BadInput(f"{found.address} is of a family {family!r} that is not known here.", "Upgrade Lookalike.")


def _from_onnx(found: Registered, engine: Engine) -> OnnxEncoder:
    checkpoint = read_checkpoint(found.path, found.manifest.entry)
    named = replace(checkpoint.card, name=_word(found.address.name), version=found.manifest.digest[:_DIGITS])
    safe: Engine = "onnxruntime" if engine == "auto" else engine
    return make_encoder(f"mlflow:{found.address}", replace(checkpoint, card=named), safe)


def _from_towers(found: Registered, engine: Engine) -> Encoder:
    require_torch(found.manifest.family)
    read_towers = import_module(_TOWERS[found.manifest.family]).read_towers
    snapshot = Snapshot(
        repo=found.address.name,
        path=found.path,
        commit=str(found.address.version),
        files=found.manifest.files,
    )
    towers = read_towers(snapshot)
    if towers.words and found.manifest.origin:  # what the languages follow from is not the name in the registry
        words = replace(towers.words, languages=languages_of(found.manifest.origin))
        towers = replace(towers, words=words)
    encoder: Encoder = import_module(_RUN).make_encoder(f"mlflow:{found.address}", towers, engine)
    return encoder


def registrable(name: str) -> tuple[Manifest, Mapping[str, bytes | Path]]:
    """Give an encoder as the registry keeps it, with its files; one of the hub is fetched for that.

    Raises:
        BadInput: it is made of more than one repository, or of a file that may not be registered.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable, MissingExtra: as `load_encoder` says.
    """
    family, _, rest = name.partition(":")
    if family in ("mini", "onnx") and not rest.startswith("hf:"):
        return _files_of_onnx(name)
    if family not in {"onnx", *_TOWERS}:
        fix = "Export it to ONNX, and register that."
        raise BadInput(f"Encoders like {name!r} cannot be registered as they are.", fix)
    made = load_encoder(name).name
    if made.startswith(_GRAPH):
        return _files_of_graph(made)
    loaded = made.partition(":")[2]
    repo, _, commit = loaded.rpartition("@")
    wanted = import_module(_TOWERS[family]).WANTED
    snapshot = find_repository(repo, commit, wanted) if "+" not in loaded else None
    if snapshot is None:
        what = f"{name} is not the files of one repository of the hub."
        raise BadInput(what, f"Name one, like {family}:org/model; or export it to ONNX, and register that.")
    described = make_manifest("encoder", family, f"{family}:{loaded}", snapshot.files)
    return described, {file: snapshot.path / file for file in snapshot.files}


def _files_of_onnx(name: str) -> tuple[Manifest, Mapping[str, bytes | Path]]:
    folder: Traversable = files("lookalike.encoders") / "mini"
    model = "mini.onnx"
    if name != "mini":
        path = expand_home(name.partition(":")[2]).absolute()
        folder, model = path.parent, path.name
    checkpoint = read_checkpoint(folder, model)
    stem = model.removesuffix(".onnx")
    card = next(one for one in (f"{stem}.toml", f"{stem}.json") if is_file(folder, one))
    contents = {card: read_file(folder, card, MAX_CARD_BYTES), **checkpoint.contents}
    return make_manifest("encoder", "onnx", name, sums_of(contents), entry=model), contents


def _files_of_graph(made: str) -> tuple[Manifest, Mapping[str, bytes | Path]]:
    """Give the files of a hub's graph, with the card that was made of its descriptions."""
    checkpoint = read_graph(made)
    card = f"{checkpoint.model.removesuffix('.onnx')}.json"
    contents = {card: write_card(checkpoint.card), **checkpoint.contents}
    return make_manifest("encoder", "onnx", made, sums_of(contents), entry=checkpoint.model), contents


def _word(name: str) -> str:
    """Make a model's name fit for a space."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "-" for c in name.lower()).lstrip("_.-")[:64]

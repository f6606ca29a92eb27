"""How does a repository with ONNX graphs become an encoder? By a card that is made of its own descriptions.

Such repositories hold what Transformers wrote (config.json, preprocessor_config.json, tokenizer.json) and the graphs of
the towers, as Transformers.js wants them: onnx/vision_model.onnx with onnx/text_model.onnx, or onnx/model.onnx.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from lookalike.encoders.card import Card, Head, NetworkInput, Text, read_card
from lookalike.encoders.checkpoint import Checkpoint, read_checkpoint
from lookalike.encoders.onnx import OnnxEncoder, make_encoder
from lookalike.encoders.tokens import with_small_letters
from lookalike.encoders.torch import require_torch
from lookalike.encoders.torch.languages import languages_of
from lookalike.encoders.torch.towers import WITH_WORDS, word
from lookalike.errors import BadInput, NotFound
from lookalike.models.cards import MAX_CARD_BYTES, telling_wrong
from lookalike.models.engines import start_network
from lookalike.models.files import MAX_MODEL_BYTES, read_file
from lookalike.models.hub import Snapshot, fetch_repository, list_files
from lookalike.models.hub.converted import find_converted, forget_conversion, known_conversion
from lookalike.models.network import Engine, Port
from lookalike.models.preprocessing import Preprocessing, read_transformers

if TYPE_CHECKING:
    from lookalike.encoders import Encoder

_PICTURES, _WORDS = "onnx/vision_model.onnx", "onnx/text_model.onnx"
_ALONE = "onnx/model.onnx"
_DESCRIPTIONS = ("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json")
_MAX_DESCRIPTION_BYTES = 64_000_000
_VECTORS = ("image_embeds", "text_embeds", "pooler_output")
"""Outputs that are vectors, the best first."""


_NAME = re.compile(r"(?P<repo>[^/@]+/[^/@]+)(?:@(?P<revision>refs/pr/\d+|[^/]+))?/(?P<graph>.+\.onnx)")


def load_hf(rest: str, engine: Engine = "auto") -> "Encoder":
    """Load `org/model[@revision]`: by its ONNX graph where it has one, else with PyTorch.

    Without a revision, one that has only pickles is taken as the hub itself has converted it to safetensors.

    Raises:
        BadInput: what is there cannot be used; NotFound and others as `fetch_repository`.
        MissingExtra: it has no graph, and PyTorch is not installed.
    """
    repo, _, revision = rest.partition("@")
    if not revision and (converted := known_conversion(repo)):
        rest, revision = f"{repo}@{converted}", converted
    commit, names = list_files(repo, revision or "main")
    graph = _graph_of(repo, commit, names)
    is_whole = bool(graph) or any(name.endswith(".safetensors") for name in names)
    if is_whole and not revision:
        forget_conversion(repo)
    if graph:
        return _load(repo, revision or "main", graph, engine)
    require_torch("hf")
    from lookalike.encoders.torch.transformers import load_transformers

    if not is_whole and not revision:
        rest = f"{repo}@{find_converted(repo) or 'main'}"
    return load_transformers(rest, engine)


def _graph_of(repo: str, commit: str, names: Collection[str]) -> str:
    """Name the graph for pictures that a model can be loaded from; empty where it has none."""
    if _PICTURES in names and _WORDS in names:
        return _PICTURES
    return _ALONE if _ALONE in names and not _has_words(repo, commit) else ""


def _has_words(repo: str, commit: str) -> bool:
    """Tell whether a model has a tower for words, so that its one graph wants pictures and words at once."""
    snapshot = fetch_repository(repo, commit, ["config.json"])
    return _read_tree(snapshot, "config.json").get("model_type") in WITH_WORDS


def load_graph(rest: str, engine: Engine = "auto") -> OnnxEncoder:
    """Load `org/model[@revision]/folder/graph.onnx`.

    A card beside the graph counts, if there is one; else the repository must be one as Transformers describes it.

    Raises:
        BadInput: the graph, or what describes it, cannot be used; NotFound and others as `fetch_repository`.
    """
    found = _NAME.fullmatch(rest)
    if not found:
        fix = "Write it like onnx:hf:org/model/onnx/vision_model.onnx."
        raise BadInput(f"{rest[:200]!r} names no graph of a repository.", fix)
    return _load(found["repo"], found["revision"] or "main", found["graph"], engine)


def read_graph(name: str) -> Checkpoint:
    """Give what an encoder is made of that was loaded from a hub's graph, by its own name. Raises as `load_graph`."""
    found = _NAME.fullmatch(name.removeprefix("onnx:hf:"))
    if not found:
        raise BadInput(f"{name[:200]!r} names no graph of a repository.", "Give the name that its encoder has.")
    return _fetch(found["repo"], found["revision"] or "main", found["graph"])[1]


def _load(repo: str, revision: str, graph: str, engine: Engine) -> OnnxEncoder:
    snapshot, checkpoint = _fetch(repo, revision, graph)
    safe: Engine = "onnxruntime" if engine == "auto" else engine
    return make_encoder(f"onnx:hf:{repo}@{snapshot.commit}/{graph}", checkpoint, safe)


def _fetch(repo: str, revision: str, graph: str) -> tuple[Snapshot, Checkpoint]:
    path = PurePosixPath(graph)
    commit, names = list_files(repo, revision)
    card = next((name for ending in (".toml", ".json") if (name := str(path.with_suffix(ending))) in names), "")
    if card:
        described = fetch_repository(repo, commit, [card])
        files_ = read_card(read_file(described.path, card, MAX_CARD_BYTES), card).files
        snapshot = fetch_repository(repo, revision, [card, *(str(path.parent / name) for name in files_)])
        return snapshot, read_checkpoint(snapshot.path / path.parent, path.name)
    words = graph.replace("vision_model", "text_model") if "vision_model" in path.name else ""
    graphs = [name for one in (graph, words) for name in (one, f"{one}_data") if one and name in names]
    if graph not in graphs:
        raise NotFound(f"{repo} has no graph {graph!r}.", "Name one of its .onnx files, with its folder.")
    snapshot = fetch_repository(repo, revision, [*_DESCRIPTIONS, *graphs])
    return snapshot, _Described(snapshot, graph, words if words in graphs else "").checkpoint()


@dataclass(frozen=True, slots=True)
class _Described:
    """A repository as Transformers describes it."""

    snapshot: Snapshot
    graph: str
    words: str
    """The graph for words; empty where there is none."""

    def checkpoint(self) -> Checkpoint:
        """Read the graphs and make their card."""
        config = self._tree("config.json")
        kind = config.get("model_type")
        if self.words and kind not in WITH_WORDS:
            known = ", ".join(WITH_WORDS)
            raise BadInput(
                f"{self.snapshot.repo} is a model of the kind {str(kind)[:60]!r}.", f"Choose one of: {known}."
            )
        read = read_transformers(
            self._tree("preprocessor_config.json"), f"{self.snapshot.repo}/preprocessor_config.json"
        )
        contents = self._contents()
        model = PurePosixPath(self.graph).name
        head = self._head(contents, model, config)
        with telling_wrong(f"{self.snapshot.repo} cannot be used", "Choose another repository."):
            card = self._card(config, contents, read, head)
        made = Checkpoint(card=card, model=model, contents=contents)
        small = self.words and self._tree("tokenizer_config.json").get("do_lower_case") is True
        return _as_trained(made) if small else made

    def _contents(self) -> dict[str, bytes]:
        names = [name for name in self.snapshot.files if name.endswith((".onnx", "_data"))]
        names += ["tokenizer.json"] if self.words else []
        contents: dict[str, bytes] = {}
        for name in names:
            left = MAX_MODEL_BYTES - sum(map(len, contents.values()))
            contents[PurePosixPath(name).name] = read_file(self.snapshot.path, name, left)
        return contents

    def _card(self, config: Mapping[str, Any], contents: Mapping[str, bytes], read: Preprocessing, head: Head) -> Card:
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
        return Card(
            name=word(self.snapshot.repo.rpartition("/")[2]),
            version=hashlib.sha256("".join(sorted(sums.values())).encode()).hexdigest()[:12],
            input=NetworkInput(**asdict(read)),
            heads=(head,),
            text=self._text(config, contents) if self.words else None,
            files=sums,
        )

    def _head(self, contents: Mapping[str, bytes], model: str, config: Mapping[str, Any]) -> Head:
        output, port = _vector(start_network(contents, model, "cpu").outputs, model)
        return Head(output=output, space="semantic" if self.words else "visual", dim=_dim(output, port, config, model))

    def _text(self, config: Mapping[str, Any], contents: Mapping[str, bytes]) -> Text:
        model, text = PurePosixPath(self.words).name, config.get("text_config")
        length = text.get("max_position_embeddings") if isinstance(text, Mapping) else None
        fill = WITH_WORDS[str(config.get("model_type"))]
        return Text(
            model=model,
            tokenizer="tokenizer.json",
            output=_vector(start_network(contents, model, "cpu").outputs, model)[0],
            space="semantic",
            max_pieces=length if isinstance(length, int) and 0 < length <= 4_096 else 64 if fill else 77,
            pad=self._pad(),
            fill=fill,
            languages=languages_of(self.snapshot.repo),
        )

    def _pad(self) -> int:
        """Find the number of the piece that fills short texts up."""
        wanted = self._tree("tokenizer_config.json").get("pad_token")
        content = wanted.get("content") if isinstance(wanted, Mapping) else wanted
        pieces = self._tree("tokenizer.json").get("added_tokens")
        for piece in pieces if isinstance(pieces, list) else []:
            if isinstance(piece, Mapping) and piece.get("content") == content and isinstance(piece.get("id"), int):
                return int(piece["id"])
        what = f"The tokenizer of {self.snapshot.repo} names no piece that fills short texts up."
        raise BadInput(what, "Choose another repository.")

    def _tree(self, name: str) -> dict[str, Any]:
        return _read_tree(self.snapshot, name)


def _as_trained(checkpoint: Checkpoint) -> Checkpoint:
    """Have its tokenizer make letters small, as that of the weights does; its pictures keep their space."""
    name, card = "tokenizer.json", checkpoint.card
    tokenizer = with_small_letters(name, checkpoint.contents[name])
    if tokenizer == checkpoint.contents[name]:
        return checkpoint
    (space,) = card.spaces("").values()
    files = {**card.files, name: hashlib.sha256(tokenizer).hexdigest()}
    contents = {**checkpoint.contents, name: tokenizer}
    return replace(checkpoint, card=replace(card, files=files, alike=space.digest), contents=contents)


def _read_tree(snapshot: Snapshot, name: str) -> dict[str, Any]:
    try:
        tree = json.loads(read_file(snapshot.path, name, _MAX_DESCRIPTION_BYTES))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} of {snapshot.repo} cannot be read: {str(error)[:200]}.") from None
    if not isinstance(tree, dict):
        raise BadInput(f"{name} of {snapshot.repo} describes nothing.", "Choose another repository.")
    return tree


def _vector(outputs: Mapping[str, Port], model: str) -> tuple[str, Port]:
    found = next((name for name in _VECTORS if name in outputs), None)
    if found is None:
        what = f"The graph {model} gives {', '.join(outputs)[:200]}, and none of {', '.join(_VECTORS)}."
        raise BadInput(what, "Export it with one of these outputs, or write a card beside it.")
    return found, outputs[found]


def _dim(output: str, port: Port, config: Mapping[str, Any], model: str) -> int:
    """Find how long the vectors are: the graph says it, or the description."""
    vision = config.get("vision_config")
    inner = vision if isinstance(vision, Mapping) else config
    sides: Sequence[int | None] = port.shape or ()
    said = [sides[-1] if sides else None]
    said += [config.get("projection_dim")] if output.endswith("_embeds") else [inner.get("hidden_size")]
    found = next((one for one in said if isinstance(one, int) and 0 < one <= 8_192), None)
    if found is None:
        raise BadInput(f"Nothing says how long the vectors of {model} are.", "Write a card beside it.")
    return found

"""How does an encoder of PyTorch become ONNX graphs that need no PyTorch? Traced, made smaller, and compared."""

import hashlib
import json
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from pydantic import TypeAdapter

from lookalike.disk import held_alone
from lookalike.encoders import Encoder, TextEncoder, load_encoder
from lookalike.encoders.card import Card, Head, NetworkInput, Text, read_card
from lookalike.encoders.exported import export_folder
from lookalike.encoders.torch.encoder import TorchEncoder
from lookalike.encoders.torch.files import example_of
from lookalike.encoders.torch.quantise import quantise
from lookalike.encoders.torch.towers import Words, word
from lookalike.errors import BadInput, NotFound
from lookalike.models.cards import MAX_CARD_BYTES, telling_wrong
from lookalike.models.files import read_file
from lookalike.models.network import brief
from lookalike.models.writing import telling_disk
from lookalike.types import Pixels

LEAST_COSINE = {False: 0.9999, True: 0.99}
"""How near every vector must stay to the original's: as it is, and in 8 bits."""

TEXTS = (
    "a dog",
    "two children playing football on a beach at sunset",
    "red car",
    "snow-covered mountains behind a lake",
    "the menu of a restaurant, handwritten in white chalk on a blackboard beside the door",
)

_EXPORT = ".export-"
_SMALL = "-int8"
"""Behind the name of what was made smaller."""
_OPSET = 17
_MAX_WHOLE_BYTES = 1_900_000_000
"""A graph with more keeps its weights in a file beside it. Source: protobuf ends at 2 GiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Graphs that were written, and verified."""

    path: Path
    """Of the graph for pictures; `onnx:` and this loads them."""
    card: Card
    bytes: int
    """Of all files together."""
    cosine: float
    """The least of a picture's two vectors, the original's and that of the graph."""
    text_cosine: float | None
    """The same for texts; None where it knows no words."""


def export_encoder(
    encoder: Encoder, folder: Path, pictures: Sequence[Pixels], *, int8: bool = False, licence: str = ""
) -> Exported:
    """Write an encoder's graphs and their card into a folder, and compare them with it on pictures.

    Nothing is left there if they differ by too much.

    Raises:
        BadInput: it is no encoder of PyTorch, cannot be traced, or its vectors would be others; no pictures are given;
            or another version lies there.
        MachineError: the folder cannot be written.
    """
    if not isinstance(encoder, TorchEncoder):
        raise BadInput(f"{encoder.name} is a graph already.", "Use it as it is: it needs no PyTorch.")
    if not pictures:
        raise BadInput("An exported encoder is compared on pictures, and there are none.", "Give some.")
    with telling_disk(folder), _workshop(folder) as made:
        if not int8:  # it will have the original's spaces; of one in 8 bits the name is known only when it is made
            _refuse_another(encoder, folder / f"{word(encoder.towers.model)}.onnx", encoder)
        path = _write(encoder, Path(made), pictures, int8=int8, licence=licence)
        exported = load_encoder(f"onnx:{path}")
        cosine, text_cosine = _compare(encoder, exported, pictures)
        least = LEAST_COSINE[int8]
        if min(cosine, 1.0 if text_cosine is None else text_cosine) < least:
            found = " and ".join(f"{one:.4f}" for one in (cosine, text_cosine) if one is not None)
            what = f"The graph of {encoder.name} gives other vectors: cosine {found}, not {least} at the least."
            raise BadInput(what, "Export it without int8." if int8 else "Use it with PyTorch.")
        if int8:
            _refuse_another(encoder, folder / path.name, exported)
        files = sorted(Path(made).iterdir(), key=lambda file: file.suffix == ".json")  # the card comes last
        bytes_ = sum(file.stat().st_size for file in files)
        for file in files:
            file.replace(folder / file.name)
    card: Card = exported.card  # type: ignore[attr-defined] # every encoder of a graph has one
    return Exported(path=folder / path.name, card=card, bytes=bytes_, cosine=cosine, text_cosine=text_cosine)


def _refuse_another(encoder: Encoder, path: Path, made: Encoder) -> None:
    """Leave a graph alone that galleries may have been filled with, and that this one is no other copy of.

    Raises:
        BadInput: another version lies there, by its card.
    """
    card = f"{path.name.removesuffix('.onnx')}.json"
    try:
        held = read_card(read_file(path.parent, card, MAX_CARD_BYTES), card).spaces("").keys()
    except (BadInput, NotFound):
        return  # nothing that could be used
    if held != made.spaces.keys():
        what = f"{path} is another version of {encoder.name}, and galleries may need it."
        fix = "Delete it first, but only if no gallery was filled with it; else export into another folder with --to."
        raise BadInput(what, fix)


@contextmanager
def _workshop(folder: Path) -> Iterator[str]:
    """Give a place to write in, within the folder; one export at a time, and what killed ones left goes first.

    The lock is elsewhere, so that the folder holds nothing but what was exported.
    """
    export_folder().mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    with held_alone(export_folder() / ".lock"):
        for left in folder.glob(f"{_EXPORT}*"):
            shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_EXPORT, dir=folder) as made:
            yield made


def _write(encoder: TorchEncoder, folder: Path, pictures: Sequence[Pixels], *, int8: bool, licence: str) -> Path:
    """Write graphs, tokenizer and card; gives the graph for pictures."""
    towers, stem = encoder.towers, word(encoder.towers.model) + (_SMALL if int8 else "")
    path = folder / f"{stem}.onnx"
    with _to_place(path) as made:
        _trace(towers.module, example_of(towers.input), made, ("pixels", "vector"), {0: "n"})
        if int8:
            quantise(made, [encoder.prepared([picture]) for picture in pictures[::2]])  # all of them judge it
    if towers.words:
        _write_words(towers.words, folder, stem, int8=int8)
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    with telling_wrong(f"No card can describe {encoder.name}", "Use it with PyTorch."):
        card = _card(encoder, stem, files, licence)
    if not int8:  # its vectors belong beside the original's, as is verified before anybody gets it
        card = replace(card, alike=next(iter(encoder.spaces.values())).digest)
    tree = {key: value for key, value in TypeAdapter(Card).dump_python(card, mode="json").items() if value is not None}
    (folder / f"{stem}.json").write_text(json.dumps(tree, indent=1), "utf-8")
    return path


def _write_words(words: Words, folder: Path, stem: str, *, int8: bool) -> None:
    pieces = words.pieces
    tokens = torch.from_numpy(pieces.start().cut(["a"]))
    sides = {0: "n"} if pieces.fill else {0: "n", 1: "length"}
    with _to_place(folder / f"{stem}-text.onnx") as made:
        _trace(words.module, tokens, made, ("pieces", "text"), sides)
        if int8:
            quantise(made, [])
    (folder / f"{stem}-tokenizer.json").write_bytes(pieces.tokenizer)


def _card(encoder: TorchEncoder, stem: str, files: Mapping[str, str], licence: str) -> Card:
    (space,), towers = encoder.spaces.values(), encoder.towers
    head = Head(output="vector", space=towers.space, dim=space.dim, calibration=space.calibration)
    text = None
    if towers.words:
        pieces = towers.words.pieces
        text = Text(
            model=f"{stem}-text.onnx",
            tokenizer=f"{stem}-tokenizer.json",
            space=towers.space,
            max_pieces=pieces.max_pieces,
            pad=pieces.pad,
            fill=pieces.fill,
            languages=towers.words.languages,
            calibration=towers.words.calibration,
        )
    name, _, version = space.name.partition("/")[0].partition("@")
    if stem.endswith(_SMALL):  # its vectors follow from the pictures that it was made smaller with, too
        name, version = word(stem), hashlib.sha256("".join(sorted(files.values())).encode()).hexdigest()[:12]
    return Card(
        name=name,
        version=version,
        input=NetworkInput(**asdict(towers.input)),
        heads=(head,),
        text=text,
        files=dict(files),
        licence=licence,
        source=encoder.name,
    )


def _trace(module: Any, example: Any, path: Path, names: tuple[str, str], sides: dict[int, str]) -> None:
    """Write a module as a graph with one input and one output; `sides` of the input may have any length.

    Raises:
        BadInput: it cannot be traced.
    """
    taken, given = names
    module = deepcopy(module).to("cpu")  # the encoder goes on with its own
    twice = torch.cat([example, example])  # so that nothing takes the number of things for a constant
    try:
        # The exporter of torch.export takes ten times as long for the same graphs, and a package more.
        with _quiet(), _in_plain_steps(), torch.inference_mode():
            torch.onnx.export(
                module,
                (twice,),
                str(path),
                dynamo=False,
                opset_version=_OPSET,
                input_names=[taken],
                output_names=[given],
                dynamic_axes={taken: sides, given: {0: "n"}},
            )
    except Exception as error:  # noqa: BLE001 - its errors share no base
        reason = f"{type(error).__name__}: {brief(error)}"
        raise BadInput(f"The network cannot be written as a graph: {reason}.", "Use it with PyTorch.") from None


@contextmanager
def _to_place(path: Path) -> Iterator[Path]:
    """Give a path to write a graph to, in a folder of its own, and then put it in its place.

    Of one that is too long the exporter puts each weight into a file beside it, under names that two graphs may share.
    They come into one file with the graph's name.
    """
    with TemporaryDirectory(prefix=_EXPORT, dir=path.parent) as folder:
        made = Path(folder) / path.name
        yield made
        if sum(file.stat().st_size for file in made.parent.iterdir()) <= _MAX_WHOLE_BYTES:
            made.replace(path)
        else:
            onnx.save_model(onnx.load(made), path, save_as_external_data=True, location=f"{path.name}.data")


def _compare(one: Encoder, other: Encoder, pictures: Sequence[Pixels]) -> tuple[float, float | None]:
    """Give the least cosines of two encoders' vectors: of pictures, and of texts where both know words."""
    (vectors,), (others,) = one.encode(pictures).values(), other.encode(pictures).values()
    texts = None
    if isinstance(one, TextEncoder) and isinstance(other, TextEncoder):
        texts = _least_cosine(one.encode_text(TEXTS), other.encode_text(TEXTS))
    return _least_cosine(vectors, others), texts


def _least_cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float((one * other).sum(axis=1).min())


@contextmanager
def _in_plain_steps() -> Iterator[None]:
    """Have torch compute attention in steps that graphs know, not in one of its own."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hear nothing of what tracing may get wrong: the graph is compared with the network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

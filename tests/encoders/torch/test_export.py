"""Are exported graphs the encoders that they were made of, and is nothing left of one that is not?"""

import json

import numpy as np
import onnx
import pytest
import torch
import torch_checkpoints as checkpoints

from lookalike import load_encoder
from lookalike.encoders import TextEncoder
from lookalike.encoders.torch import export, open_clip, sentence, timm, transformers
from lookalike.encoders.torch.encoder import make_encoder
from lookalike.encoders.torch.export import TEXTS, export_encoder
from lookalike.errors import BadInput
from lookalike.testing import draw_picture

pytestmark = pytest.mark.torch

PICTURES = [draw_picture(seed, (90, 70)) for seed in range(9)]
UNSEEN = [draw_picture(seed, (70, 110)) for seed in range(20, 26)]


def encoder_of(read, write, folder, *arguments):
    folder.mkdir()
    write(folder, *arguments)
    return make_encoder(f"hf:org/{folder.name}@{'1' * 40}", read(checkpoints.snapshot_of(folder, f"org/{folder.name}")))


@pytest.fixture
def clip(tmp_path):
    return encoder_of(transformers.read_towers, checkpoints.write_clip, tmp_path / "clip")


def cosines(one, other) -> np.ndarray:
    (vectors,), (others,) = one.encode(UNSEEN).values(), other.encode(UNSEEN).values()
    return (vectors * others).sum(axis=1)


def test_a_graph_has_the_vectors_and_the_space_of_its_original(clip, tmp_path):
    (tmp_path / "made/.export-killed").mkdir(parents=True)
    (tmp_path / "made/.export-killed/half.onnx").write_bytes(b"left by one that was killed")
    made = export_encoder(clip, tmp_path / "made", PICTURES, licence="MIT")
    exported = load_encoder(f"onnx:{made.path}")
    assert cosines(clip, exported).min() > 0.99999
    assert isinstance(exported, TextEncoder)
    np.testing.assert_allclose(exported.encode_text(TEXTS), clip.encode_text(TEXTS), atol=1e-4)
    (space,), (original,) = exported.spaces.values(), clip.spaces.values()
    assert (space.name, space.digest, space.dim) == (original.name, original.digest, original.dim)
    assert (made.card.licence, made.card.source) == ("MIT", clip.name)
    assert made.bytes == sum(file.stat().st_size for file in (tmp_path / "made").iterdir())


def test_attention_of_several_heads_becomes_a_graph_too(tmp_path):
    tree = checkpoints.CLIP_BY_OPEN_CLIP
    heads = {**tree, "vision_cfg": {**tree["vision_cfg"], "width": 128}}  # torch has a quick way for even numbers
    encoder = encoder_of(open_clip.read_towers, checkpoints.write_open_clip, tmp_path / "heads", heads)
    assert export_encoder(encoder, tmp_path / "made", PICTURES).cosine > 0.9999


@pytest.mark.parametrize("family", ["clip", "timm", "words"])
def test_eight_bits_are_nearly_the_same_and_have_a_space_of_their_own(family, tmp_path):
    if family == "clip":
        encoder = encoder_of(transformers.read_towers, checkpoints.write_clip, tmp_path / "clip")
    elif family == "timm":
        encoder = encoder_of(timm.read_towers, checkpoints.write_timm, tmp_path / "timm")
    else:
        pictures = encoder_of(sentence.read_towers, checkpoints.write_sentence_clip, tmp_path / "pictures").towers
        join = lambda snapshot: sentence.join_towers(snapshot, pictures)  # noqa: E731
        encoder = encoder_of(join, checkpoints.write_sentence_words, tmp_path / "words")
    made = export_encoder(encoder, tmp_path / "made", PICTURES, int8=True)
    exported = load_encoder(f"onnx:{made.path}")
    assert cosines(encoder, exported).min() > 0.99
    assert 0.99 < made.cosine < 0.999999, "8 bits cannot be the very same"
    assert not exported.spaces.keys() & encoder.spaces.keys()
    (digest,), (original,) = ({s.digest for s in one.spaces.values()} for one in (exported, encoder))
    assert digest != original


def test_convolutions_become_a_quarter_of_their_size(tmp_path):
    encoder = encoder_of(timm.read_towers, checkpoints.write_timm, tmp_path / "timm")
    whole = export_encoder(encoder, tmp_path / "whole", PICTURES)
    small = export_encoder(encoder, tmp_path / "small", PICTURES, int8=True)
    assert small.bytes < whole.bytes / 3


def test_what_was_made_smaller_with_other_pictures_is_another_version_and_replaces_none(tmp_path):
    encoder = encoder_of(timm.read_towers, checkpoints.write_timm, tmp_path / "timm")
    first = export_encoder(encoder, tmp_path / "made", PICTURES, int8=True)
    again = export_encoder(encoder, tmp_path / "made", PICTURES, int8=True)
    assert again.card == first.card
    others = [picture // 3 for picture in UNSEEN]
    with pytest.raises(BadInput, match="another version"):
        export_encoder(encoder, tmp_path / "made", others, int8=True)
    assert load_encoder(f"onnx:{first.path}").card == first.card
    second = export_encoder(encoder, tmp_path / "beside", others, int8=True)
    assert (second.card.name, second.path.name) == (first.card.name, first.path.name)
    assert second.card.version != first.card.version


def test_another_version_is_refused_before_anything_is_made_where_its_name_is_known(clip, tmp_path, monkeypatch):
    made = export_encoder(clip, tmp_path / "made", PICTURES)
    card = made.path.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | {"version": "another"}))
    monkeypatch.setattr(torch.onnx, "export", None)
    with pytest.raises(BadInput, match="another version") as refused:
        export_encoder(clip, tmp_path / "made", PICTURES)
    assert "only if no gallery" in refused.value.fix
    assert [file.suffix for file in (tmp_path / "made").iterdir()].count(".json") == 2, "the tokenizer and the card"


def test_a_graph_that_moves_the_vectors_is_refused_and_nothing_is_left(clip, tmp_path, monkeypatch):
    monkeypatch.setitem(export.LEAST_COSINE, True, 0.999999)
    with pytest.raises(BadInput, match=r"cosine .* not 0\.999999"):
        export_encoder(clip, tmp_path / "made", PICTURES, int8=True)
    assert list((tmp_path / "made").iterdir()) == []


def test_a_long_graph_keeps_its_weights_in_a_file_beside_it(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "_MAX_WHOLE_BYTES", 1_000)
    made = export_encoder(clip, tmp_path / "made", PICTURES)
    assert f"{made.path.name}.data" in made.card.files
    assert made.path.stat().st_size < 60_000
    assert cosines(clip, load_encoder(f"onnx:{made.path}")).min() > 0.99999


@pytest.fixture
def long_graphs(monkeypatch):
    """Have torch's exporter do what it does past 2 GiB: it puts each weight into a file that is called like it."""
    whole = torch.onnx.export

    def export_in_parts(module, arguments, path, **options):
        whole(module, arguments, path, **options)
        graph = onnx.load(path)
        onnx.save_model(graph, path, save_as_external_data=True, all_tensors_to_one_file=False, size_threshold=0)

    monkeypatch.setattr(torch.onnx, "export", export_in_parts)
    monkeypatch.setattr(export, "_MAX_WHOLE_BYTES", 1_000)


@pytest.mark.usefixtures("long_graphs")
@pytest.mark.parametrize("int8", [False, True], ids=["whole", "int8"])
def test_a_long_graph_that_comes_in_parts_leaves_none_of_them(clip, tmp_path, int8):
    made = export_encoder(clip, tmp_path / "made", PICTURES, int8=int8)
    graphs = (made.path.name, made.card.text.model)
    files = {*graphs, *(f"{name}.data" for name in graphs), made.card.text.tokenizer}
    assert {*made.card.files} == files
    assert {file.name for file in (tmp_path / "made").iterdir()} == files | {f"{made.path.stem}.json"}
    assert cosines(clip, load_encoder(f"onnx:{made.path}")).min() > export.LEAST_COSINE[int8]


def test_what_is_a_graph_already_is_not_exported(tmp_path):
    with pytest.raises(BadInput, match="already"):
        export_encoder(load_encoder("mini", "onnxruntime"), tmp_path, PICTURES)


def test_an_export_without_pictures_is_refused(clip, tmp_path):
    with pytest.raises(BadInput, match="none"):
        export_encoder(clip, tmp_path, [])


def test_what_no_card_can_say_is_refused_with_the_key(clip, tmp_path):
    with pytest.raises(BadInput, match=r"No card can describe hf:org/clip@1+: licence: must have 2000 characters"):
        export_encoder(clip, tmp_path / "made", PICTURES, licence="long" * 1_000)
    assert not list((tmp_path / "made").iterdir())


def test_a_card_names_the_space_of_its_graph(tmp_path):
    checkpoints.write_sscd(tmp_path)
    encoder = load_encoder(f"torch:{tmp_path / 'sscd.safetensors'}")
    made = export_encoder(encoder, tmp_path / "made", PICTURES)
    assert list(load_encoder(f"onnx:{made.path}").spaces) == list(encoder.spaces) == ["sscd@1/copy"]

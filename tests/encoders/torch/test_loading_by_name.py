"""Does a name find its checkpoint on the hub, and is it found again by what a gallery keeps?"""

import pytest
import torch_checkpoints as checkpoints
from hub_server import COMMIT, Repository, ask_only, serving_hub

from lookalike import load_encoder
from lookalike.encoders import TextEncoder
from lookalike.encoders.torch import open_clip
from lookalike.encoders.torch.encoder import make_encoder

pytestmark = pytest.mark.torch

REPOSITORIES = {
    "org/clip": checkpoints.write_clip,
    "timm/resnet10t.c3_in1k": checkpoints.write_timm,
    "laion/CLIP-ViT-B-32-laion2B-s34B-b79K": checkpoints.write_open_clip,
    "timm/ViT-B-32-SigLIP2-256": lambda folder: checkpoints.write_open_clip(folder, checkpoints.SIGLIP_BY_OPEN_CLIP),
    "sentence-transformers/clip-ViT-B-32": checkpoints.write_sentence_clip,
    "sentence-transformers/clip-ViT-B-32-multilingual-v1": checkpoints.write_sentence_words,
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    served = {}
    for repo, write in REPOSITORIES.items():
        folder = tmp_path_factory.mktemp("repository")
        write(folder)
        files = [path for path in folder.rglob("*") if path.is_file()]
        served[repo] = Repository({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
    with serving_hub(served) as running:
        yield running


MULTILINGUAL = "sentence-transformers/clip-ViT-B-32-multilingual-v1"

NAMES = {
    "hf:org/clip": f"hf:org/clip@{COMMIT}",
    "timm:resnet10t": f"timm:timm/resnet10t.c3_in1k@{COMMIT}",
    "open_clip:ViT-B-32/laion2b_s34b_b79k": f"open_clip:ViT-B-32/laion2b_s34b_b79k@{COMMIT}",
    "open_clip:timm/ViT-B-32-SigLIP2-256": f"open_clip:timm/ViT-B-32-SigLIP2-256@{COMMIT}",
    "sentence-transformers:clip-ViT-B-32": f"sentence-transformers:sentence-transformers/clip-ViT-B-32@{COMMIT}",
    "sentence-transformers:clip-ViT-B-32-multilingual-v1": (
        f"sentence-transformers:{MULTILINGUAL}@{COMMIT}+sentence-transformers/clip-ViT-B-32@{COMMIT}"
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_pinned_and_loads_the_same_again_without_a_hub(hub, tmp_path, monkeypatch, name):
    ask_only(hub, tmp_path, monkeypatch)
    encoder = load_encoder(name)
    assert encoder.name == NAMES[name]
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_encoder(encoder.name).spaces == encoder.spaces


def test_words_in_many_languages_stand_beside_the_pictures_that_belong_to_them(hub, tmp_path, monkeypatch):
    ask_only(hub, tmp_path, monkeypatch)
    encoder = load_encoder("sentence-transformers:clip-ViT-B-32-multilingual-v1")
    pictures = load_encoder("sentence-transformers:clip-ViT-B-32")
    assert isinstance(encoder, TextEncoder)
    assert {"de", "cs", "zh"} < set(encoder.languages)
    assert encoder.fit == pictures.fit
    assert encoder.spaces.keys() != pictures.spaces.keys(), "words of another training need a space of their own"


def test_a_tokenizer_may_lie_in_a_repository_of_its_own(hub, tmp_path, monkeypatch):
    ask_only(hub, tmp_path / "home", monkeypatch)
    folder = tmp_path / "model"
    folder.mkdir()
    checkpoints.write_open_clip(folder, checkpoints.SIGLIP_BY_OPEN_CLIP)
    whole = make_encoder("x", open_clip.read_towers(checkpoints.snapshot_of(folder, "org/model")))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    other = make_encoder("x", open_clip.read_towers(checkpoints.snapshot_of(folder, "org/model")))
    assert isinstance(whole, TextEncoder)
    assert isinstance(other, TextEncoder)
    assert (whole.encode_text(["a red ball"]) == other.encode_text(["a red ball"])).all()


def test_a_checkpoint_without_a_description_is_what_the_library_knows(tmp_path):
    checkpoints.write_open_clip(tmp_path, checkpoints.CLIP_BY_OPEN_CLIP)
    described = open_clip.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))
    (tmp_path / "open_clip_config.json").unlink()
    known = {"resize_mode": "squash", "interpolation": "bilinear", "mean": (0.5, 0.5, 0.5), "std": None}
    snapshot = checkpoints.snapshot_of(tmp_path, "org/model")
    towers = open_clip.read_towers(snapshot, checkpoints.CLIP_BY_OPEN_CLIP, known)
    assert (towers.input.fit, towers.input.filter, towers.input.mean) == ("squash", "bilinear", (0.5, 0.5, 0.5))
    assert towers.input.std == described.input.std
    assert towers.dim == described.dim

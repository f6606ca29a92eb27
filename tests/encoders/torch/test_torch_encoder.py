"""Does an encoder of PyTorch keep the contract of all encoders, and share its space with nothing else?"""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch_checkpoints as checkpoints

from lookalike.encoders.torch import open_clip, transformers
from lookalike.encoders.torch.encoder import TorchEncoder, make_encoder
from lookalike.errors import BadInput, MissingExtra
from lookalike.testing import EncoderContract, TextEncoderContract, draw_picture

pytestmark = pytest.mark.torch


def written(name: str, tmp_path_factory: pytest.TempPathFactory, *arguments):
    folder = tmp_path_factory.mktemp(name)
    getattr(checkpoints, f"write_{name}")(folder, *arguments)
    return checkpoints.snapshot_of(folder, f"org/{name}")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return written("clip", tmp_path_factory)


class TestClip(TextEncoderContract):
    @pytest.fixture(autouse=True)
    def _snapshot(self, clip):
        self.snapshot = clip

    def load(self):
        return make_encoder("hf:org/clip", transformers.read_towers(self.snapshot))


class TestSiglipOfOpenClip(TextEncoderContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _snapshot(cls, tmp_path_factory):
        cls.snapshot = written("open_clip", tmp_path_factory, checkpoints.SIGLIP_BY_OPEN_CLIP)

    def load(self):
        return make_encoder("open_clip:org/siglip", open_clip.read_towers(self.snapshot))


class TestDinov3(EncoderContract):
    """Of more pixels a side than those below which nobody counts its operations."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _snapshot(cls, tmp_path_factory):
        cls.snapshot = written("dinov3", tmp_path_factory, 144)

    def load(self):
        return make_encoder("hf:org/dinov3", transformers.read_towers(self.snapshot))


class TestDinov2(EncoderContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _snapshot(cls, tmp_path_factory):
        cls.snapshot = written("dinov2", tmp_path_factory)

    def load(self):
        return make_encoder("hf:org/dinov2", transformers.read_towers(self.snapshot))


def space_of(towers):
    return towers.made_space("hf:org/model")


def test_another_commit_of_the_same_files_has_the_same_space(clip):
    moved = replace(clip, commit="1" * 40)
    assert space_of(transformers.read_towers(moved)) == space_of(transformers.read_towers(clip))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_other_files_make_another_space(clip, name):
    changed = replace(clip, files={**clip.files, name: "0" * 64})
    assert space_of(transformers.read_towers(changed)).digest != space_of(transformers.read_towers(clip)).digest


def test_another_cut_makes_another_space(clip):
    towers = transformers.read_towers(clip)
    other = replace(towers, input=replace(towers.input, filter="bilinear"))
    assert space_of(other).name != space_of(towers).name


def test_siglip_says_itself_how_sure_it_is(tmp_path):
    checkpoints.write_siglip(tmp_path)
    towers = transformers.read_towers(checkpoints.snapshot_of(tmp_path, "google/siglip2-base-patch16-256"))
    encoder = make_encoder("hf:x", towers)
    np.testing.assert_allclose(encoder.text_calibration, (np.exp(4.7), -12.9), rtol=1e-5)
    assert {"de", "ja"} < set(encoder.languages)


def test_a_network_that_gives_no_numbers_is_refused(clip):
    towers = transformers.read_towers(clip)
    with torch.no_grad():
        towers.module.model.visual_projection.weight.fill_(float("nan"))
    with pytest.raises(BadInput, match="not finite"):
        TorchEncoder("hf:org/clip", towers).encode([draw_picture(1)])


def test_a_call_takes_one_thread(clip):
    make_encoder("hf:org/clip", transformers.read_towers(clip))
    assert torch.get_num_threads() == 1


def test_a_device_that_is_not_there_is_missing(clip):
    towers = transformers.read_towers(clip)
    assert make_encoder("hf:org/clip", towers, "cpu").device == "cpu"
    if torch.cuda.is_available():
        assert make_encoder("hf:org/clip", towers, "cuda").device == "cuda"
    else:
        with pytest.raises(MissingExtra, match="graphics card"):
            make_encoder("hf:org/clip", towers, "cuda")

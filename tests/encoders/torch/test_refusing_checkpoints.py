"""Is a checkpoint that is broken, deceitful or unknown refused with words, and does nothing in it ever run?"""

import json
import pickle
import re
import struct
from pathlib import Path

import pytest
import torch
import torch_checkpoints as checkpoints
from hub_server import Repository, ask_only, serving_hub
from safetensors.torch import load_file, save_file

from lookalike import load_encoder
from lookalike.encoders.torch import open_clip, require_torch, sentence, timm, transformers
from lookalike.encoders.torch.files import refuse_endless
from lookalike.errors import BadInput, MissingExtra, NotFound

pytestmark = pytest.mark.torch


def refused(read, folder: Path, *arguments) -> str:
    with pytest.raises(BadInput) as caught:
        read(checkpoints.snapshot_of(folder, "org/model"), *arguments)
    return str(caught.value)


def change_json(path: Path, **changes: object) -> None:
    checkpoints.write_json(path, json.loads(path.read_text()) | changes)


@pytest.fixture
def clip(tmp_path):
    checkpoints.write_clip(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "llama"}, "'llama'"),
        ({"model_type": None}, "None"),
        ({"model_type": ["clip"]}, "kind"),
        ({"vision_config": {"image_size": 64, "patch_size": 8, "hidden_size": 32}}, "cannot be loaded|do not fit"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(clip, changes, said):
    change_json(clip / "config.json", **changes)
    with pytest.raises(BadInput, match=said):
        transformers.read_towers(checkpoints.snapshot_of(clip, "org/model"))


def test_a_missing_weight_is_never_made_up(clip):
    weights = load_file(clip / "model.safetensors")
    save_file({key: weights[key] for key in weights if "visual_projection" not in key}, clip / "model.safetensors")
    assert "visual_projection" in refused(transformers.read_towers, clip)


def test_a_program_in_a_repository_does_not_run(clip):
    (clip / "model.py").write_text(f"open({str(clip / 'ran')!r}, 'w')")
    change_json(clip / "config.json", auto_map={"AutoModel": "model.Model", "AutoConfig": "model.Config"})
    change_json(clip / "tokenizer_config.json", auto_map={"AutoTokenizer": ["model.Tokenizer", None]})
    transformers.read_towers(checkpoints.snapshot_of(clip, "org/model"))
    assert not (clip / "ran").exists()
    change_json(clip / "config.json", model_type="strange")
    assert "a program of its own (trust_remote_code), which is not run" in refused(transformers.read_towers, clip)


@pytest.mark.parametrize(
    "data", [pickle.dumps({"a": 1}), b"", struct.pack("<Q", 1 << 60) + b"{}", b"\x02" + bytes(7) + b"{}"]
)
def test_what_only_calls_itself_safetensors_is_refused(clip, data):
    (clip / "model.safetensors").write_bytes(data)
    assert re.search("safetensors|missing", refused(transformers.read_towers, clip))


def test_a_model_that_wants_pictures_of_any_shape_is_refused(clip):
    change_json(clip / "preprocessor_config.json", do_center_crop=False)
    assert "keeps the shape" in refused(transformers.read_towers, clip)


def test_another_size_than_the_networks_is_refused(clip):
    change_json(clip / "preprocessor_config.json", size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64})
    assert "fails on 3 × 64 × 64" in refused(transformers.read_towers, clip)


def test_a_network_that_timm_does_not_know_is_refused_with_what_is_like_it():
    with pytest.raises(BadInput, match="resnet50"):
        timm.find_repo("esnet5")
    with pytest.raises(BadInput, match="a1_in1k"):
        timm.find_repo("resnet50@nothing")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("resnet50", ("timm/resnet50.a1_in1k", "main")),
        ("resnet50@a1_in1k", ("timm/resnet50.a1_in1k", "main")),
        ("resnet50.a1_in1k", ("timm/resnet50.a1_in1k", "main")),
        ("resnet50.a1_in1k@abc", ("timm/resnet50.a1_in1k", "abc")),
        ("org/own@abc", ("org/own", "abc")),
    ],
)
def test_a_name_of_timm_is_a_repository(name, found):
    assert timm.find_repo(name) == found


def test_arguments_of_a_checkpoint_fetch_nothing(tmp_path):
    checkpoints.write_timm(tmp_path)
    change_json(tmp_path / "config.json", model_args={"pretrained": True, "checkpoint_path": "/etc/passwd"})
    timm.read_towers(checkpoints.snapshot_of(tmp_path, "org/model"))
    change_json(tmp_path / "config.json", model_args={"depths": 9})
    assert "cannot make" in refused(timm.read_towers, tmp_path)


def test_a_border_around_pictures_is_refused(tmp_path):
    checkpoints.write_timm(tmp_path, crop_mode="border")
    assert "'border'" in refused(timm.read_towers, tmp_path)


@pytest.mark.parametrize("name", ["ViT-B-32/nothing", "ViT-B-32"])
def test_a_tag_that_open_clip_does_not_know_is_refused(name):
    with pytest.raises(BadInput, match="laion2b_s34b_b79k"):
        load_encoder(f"open_clip:{name}")


@pytest.mark.parametrize("key", ["hf_model_name", "embed_cls"])
def test_words_of_other_libraries_are_refused_by_open_clip(tmp_path, key):
    checkpoints.write_open_clip(tmp_path)
    tree = json.loads((tmp_path / "open_clip_config.json").read_text())
    tree["model_cfg"]["text_cfg"][key] = "xlm-roberta-base"
    checkpoints.write_json(tmp_path / "open_clip_config.json", tree)
    assert key in refused(open_clip.read_towers, tmp_path)


def test_a_way_to_prepare_texts_that_is_not_done_here_is_refused(tmp_path):
    text = {**checkpoints.SIGLIP_BY_OPEN_CLIP["text_cfg"], "tokenizer_kwargs": {"strip_sep_token": True}}
    checkpoints.write_open_clip(tmp_path, checkpoints.SIGLIP_BY_OPEN_CLIP | {"text_cfg": text})
    assert "strip_sep_token" in refused(open_clip.read_towers, tmp_path)


def test_words_without_pictures_are_refused_and_the_way_is_named(tmp_path):
    checkpoints.write_sentence_words(tmp_path)
    assert "WORDS+PICTURES" in refused(sentence.read_towers, tmp_path)


def test_a_part_of_its_own_making_is_refused(tmp_path):
    checkpoints.write_sentence_clip(tmp_path)
    checkpoints.write_json(tmp_path / "modules.json", [{"type": "os.system", "path": "0_CLIPModel"}])
    assert "program of its own" in refused(sentence.read_towers, tmp_path)


@pytest.mark.parametrize("name", ["sscd.pt", "sscd.pth", "sscd.bin", "sscd.torchscript.pt"])
def test_what_can_carry_code_is_refused_unread(name):
    with pytest.raises(BadInput, match="is a p"):
        load_encoder(f"torch:{name}")


def write_changed_sscd(folder: Path, **changes: object) -> str:
    checkpoints.write_sscd(folder)
    change_json(folder / "sscd.json", **changes)
    return f"torch:{folder / 'sscd.safetensors'}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"torch": None}, "no section .torch."),
        ({"torch": {"architecture": "resnet10t", "prefix": "backbone."}}, "512 numbers, and its card says 24"),
        ({"torch": {"architecture": "resnet10t"}}, "missing"),
        ({"torch": {"architecture": "no_such_network"}}, "no_such_network"),
        ({"torch": {"architecture": "../evil"}}, "torch.architecture"),
        ({"heads": [{"output": "v", "space": "copy", "dim": 25}]}, "says 25"),
        ({"files": {"sscd.safetensors": "0" * 64}}, "has sha256"),
    ],
)
def test_a_card_that_does_not_fit_its_weights_is_refused(tmp_path, changes, said):
    with pytest.raises(BadInput, match=said):
        load_encoder(write_changed_sscd(tmp_path, **changes))


def test_weights_that_are_not_there_are_not_found(tmp_path):
    with pytest.raises(NotFound):
        load_encoder(f"torch:{tmp_path / 'nothing.safetensors'}")


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr("lookalike.models.packages.find_spec", lambda name: None if name == "timm" else object())
    with pytest.raises(MissingExtra, match=r"need timm.*lookalike\[torch\]"):
        require_torch("timm")


def test_weights_only_as_pickles_are_refused_by_every_family(tmp_path, monkeypatch):
    files = {"config.json": b"{}", "open_clip_config.json": b"{}", "modules.json": b"[]", "pytorch_model.bin": b"x"}
    with serving_hub({"org/model": Repository(files)}) as hub:
        ask_only(hub, tmp_path, monkeypatch)
        for family in ("hf", "timm", "open_clip", "sentence-transformers"):
            with pytest.raises(BadInput, match="can carry code"):
                load_encoder(f"{family}:org/model")
        assert not hub.asked_for(".bin")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("layers", 10**9, "asks for 1,000,000,001 layers"), ("width", 200_000, "asks for .* numbers, and has")],
)
def test_a_network_without_end_is_refused_before_it_takes_memory(tmp_path, key, value, said):
    checkpoints.write_open_clip(tmp_path)
    tree = json.loads((tmp_path / "open_clip_config.json").read_text())
    tree["model_cfg"]["vision_cfg"][key] = value
    checkpoints.write_json(tmp_path / "open_clip_config.json", tree)
    assert re.search(said, refused(open_clip.read_towers, tmp_path))


def test_a_deep_network_of_transformers_is_refused(clip):
    change_json(clip / "config.json", text_config={"num_hidden_layers": 10**9})
    assert "num_hidden_layers" in refused(transformers.read_towers, clip)


def test_the_words_of_sentence_transformers_are_held_to_the_same_limits(tmp_path):
    checkpoints.write_sentence_words(tmp_path)
    change_json(tmp_path / "config.json", n_layers=10**9)
    with pytest.raises(BadInput, match="asks for 1,000,000,000 n_layers"):
        sentence.join_towers(checkpoints.snapshot_of(tmp_path, "org/model"), None)


@pytest.mark.parametrize("part", ["text_config", "vision_config"])
def test_weights_that_are_missing_are_not_made_up_in_any_size(clip, part):
    weights = load_file(clip / "model.safetensors")
    tower = part.removesuffix("_config")
    save_file({key: weights[key] for key in weights if f"{tower}_model" not in key}, clip / "model.safetensors")
    tree = json.loads((clip / "config.json").read_text())
    change_json(clip / "config.json", **{part: tree[part] | {"hidden_size": 200_000}})
    assert re.search("asks for .* numbers, and has", refused(transformers.read_towers, clip))


def test_other_shapes_are_refused_with_words_of_our_own(clip):
    tree = json.loads((clip / "config.json").read_text())
    change_json(clip / "config.json", vision_config=tree["vision_config"] | {"patch_size": 4})
    assert "another shape" in refused(transformers.read_towers, clip)


def test_a_mask_without_end_is_refused_before_it_takes_memory(tmp_path):
    checkpoints.write_open_clip(tmp_path)
    tree = json.loads((tmp_path / "open_clip_config.json").read_text())
    tree["model_cfg"]["text_cfg"] |= {"context_length": 50_000}
    checkpoints.write_json(tmp_path / "open_clip_config.json", tree)
    assert re.search("asks for 2,5.* numbers, and has", refused(open_clip.read_towers, tmp_path))


def test_no_program_of_a_hub_computes_a_network(clip, monkeypatch):
    change_json(clip / "config.json", attn_implementation="kernels-community/flash-attn")
    asked = []
    monkeypatch.setattr("transformers.modeling_utils.lazy_import_flash_attention", lambda *a, **_: asked.append(a))
    transformers.read_towers(checkpoints.snapshot_of(clip, "org/model"))
    assert not asked


def test_quantised_weights_are_refused(clip):
    change_json(clip / "config.json", quantization_config={"quant_method": "fp8"})
    assert "quantised" in refused(transformers.read_towers, clip)


@pytest.mark.parametrize("name", ["../other.safetensors", "/etc/passwd", "pytorch_model.bin"])
def test_weights_in_other_places_are_refused(clip, name):
    tree = {"metadata": {"total_size": 1}, "weight_map": {"logit_scale": name}}
    checkpoints.write_json(clip / "model.safetensors.index.json", tree)
    assert name in refused(transformers.read_towers, clip)


@pytest.mark.parametrize("name", ["other.safetensors.index.json", "adapter_model.bin"])
@pytest.mark.parametrize("part", ["", "vision_config"])
def test_a_description_names_no_other_weights(clip, name, part):
    weights = load_file(clip / "model.safetensors")
    for pickled in ("weights.txt", "adapter_model.bin"):
        torch.save(weights, clip / pickled)
    listed = {"metadata": {}, "weight_map": dict.fromkeys(weights, "weights.txt")}
    checkpoints.write_json(clip / "other.safetensors.index.json", listed)
    tree = json.loads((clip / "config.json").read_text())
    (tree[part] if part else tree)["transformers_weights"] = name
    checkpoints.write_json(clip / "config.json", tree)
    assert f"said to lie in '{name}'" in refused(transformers.read_towers, clip)


@pytest.mark.parametrize("name", ["hf-hub:org/evil", "local-dir:/tmp"])
def test_open_clip_fetches_no_part_by_itself(tmp_path, name):
    checkpoints.write_open_clip(tmp_path)
    tree = json.loads((tmp_path / "open_clip_config.json").read_text())
    tree["model_cfg"]["vision_cfg"] |= {"timm_model_name": name}
    checkpoints.write_json(tmp_path / "open_clip_config.json", tree)
    assert "which timm has not" in refused(open_clip.read_towers, tmp_path)


def test_pieces_of_single_pixels_are_refused_before_they_take_hours():
    small = {"embed_dim": 8, "num_heads": 1, "depth": 1, "patch_size": 1, "img_size": 2_048}
    with torch.device("meta"):
        network = timm.make_network("vit_tiny_patch16_224", small | {"pos_embed": "none", "global_pool": "avg"})
    with pytest.raises(BadInput, match="operations for one picture"):
        refuse_endless(network, torch.empty(1, 3, 2_048, 2_048, device="meta"))


@pytest.mark.parametrize("length", ["many", 10**9, 0, [1]])
def test_texts_of_any_length_are_refused(tmp_path, length):
    checkpoints.write_sentence_words(tmp_path)
    checkpoints.write_json(tmp_path / "sentence_bert_config.json", {"max_seq_length": length or -1})
    with pytest.raises(BadInput, match="pieces, not 1 to"):
        sentence.join_towers(checkpoints.snapshot_of(tmp_path, "org/model"), None)

"""Do captioners of the hub write what their own library writes with them, and is nothing believed that could harm?"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from hub_server import Repository, ask_only, serving_hub
from PIL import Image
from safetensors.torch import load_file, save_file
from tiny_captioners import SIZE, WORDS, write_captioner

from lookalike.captioners import Captioner, Generation, load_captioner
from lookalike.captioners.repositories import is_fetched
from lookalike.captioners.transformers import TransformersCaptioner, as_caption
from lookalike.config import load_settings
from lookalike.errors import BadInput, MachineError, MissingExtra
from lookalike.library import Lookalike
from lookalike.models.hub import staying_offline
from lookalike.testing import CaptionerContract, ColourEncoder, draw_picture
from lookalike.types import Outcome

pytestmark = pytest.mark.torch

KINDS = ("blip", "florence2", "vision-encoder-decoder")
PICTURES = [draw_picture(seed, size) for seed, size in enumerate([(48, 36), (33, 90), (120, 121)])]


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> dict[str, Path]:
    """Write one captioner of each kind."""
    return {kind: write_captioner(kind, tmp_path_factory.mktemp(kind)) for kind in KINDS}


@pytest.fixture
def copied(checkpoints, tmp_path):
    """Give a copy of a captioner's folder, to spoil."""

    def copy(kind: str = "blip") -> Path:
        return Path(shutil.copytree(checkpoints[kind], tmp_path / "copy"))

    return copy


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Contract(CaptionerContract):
    kind: str

    @pytest.fixture(autouse=True)
    def _take(self, checkpoints):
        self.folder = checkpoints[self.kind]

    def load(self) -> Captioner:
        return TransformersCaptioner(self.kind, self.folder, Generation(max_tokens=6, beams=2))


class TestBlip(Contract):
    kind = "blip"


class TestFlorence2(Contract):
    kind = "florence2"


class TestVisionEncoderDecoder(Contract):
    kind = "vision-encoder-decoder"


def reference(kind: str, folder: Path, beams: int) -> list[str]:
    """What a user of Transformers would write by its own documentation."""
    described = json.loads((folder / "preprocessor_config.json").read_text())
    described.pop("image_seq_length", None)
    processor = transformers.models.blip.image_processing_pil_blip.BlipImageProcessorPil(**described)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    names = {"blip": "Blip", "florence2": "Florence2"}
    name = f"{names[kind]}ForConditionalGeneration" if kind in names else "VisionEncoderDecoderModel"
    model = getattr(transformers, name).from_pretrained(folder).eval()
    pixels = processor([Image.fromarray(picture) for picture in PICTURES], return_tensors="pt")["pixel_values"]
    given = {}
    if kind == "florence2":
        ids = tokenizer("<image><image><s>What does the image describe?</s>", add_special_tokens=False)["input_ids"]
        given["input_ids"] = torch.tensor([ids] * len(PICTURES))
    made = model.generate(pixel_values=pixels, num_beams=beams, max_new_tokens=9, early_stopping=beams > 1, **given)
    return [text.strip() for text in tokenizer.batch_decode(made, skip_special_tokens=True)]


@pytest.mark.filterwarnings("ignore")  # what the library says to who uses it so
@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_captions_are_those_of_the_library_that_the_checkpoint_comes_from(checkpoints, kind, beams):
    captioner = TransformersCaptioner(kind, checkpoints[kind], Generation(beams=beams, max_tokens=9))
    found = [caption.text for caption in captioner.caption(PICTURES)]
    assert found == reference(kind, checkpoints[kind], beams)
    assert len(set(found)) > 1, "the picture plays a part"


def test_pictures_become_the_numbers_that_the_library_makes_of_them(checkpoints):
    described = json.loads((checkpoints["blip"] / "preprocessor_config.json").read_text())
    processor = transformers.models.blip.image_processing_pil_blip.BlipImageProcessorPil(**described)
    expected = processor([Image.fromarray(picture) for picture in PICTURES], return_tensors="np")["pixel_values"]
    found = TransformersCaptioner("blip", checkpoints["blip"]).prepare(PICTURES)
    assert found.shape == (3, 3, SIZE, SIZE)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_sentences_are_as_long_as_they_may_be_at_most(checkpoints):
    short = TransformersCaptioner("blip", checkpoints["blip"], Generation(max_tokens=3, batch=2)).caption(PICTURES)
    assert all(1 <= len(caption.text.split()) <= 3 for caption in short)
    assert {word for caption in short for word in caption.text.split()} <= set(WORDS)


def test_what_a_checkpoint_says_of_generation_cannot_take_any_time(copied):
    folder = copied()
    path = folder / "generation_config.json"
    hostile = {"num_return_sequences": 40, "num_beams": 40, "min_new_tokens": 50_000, "max_length": 100_000}
    path.write_text(json.dumps(json.loads(path.read_text()) | hostile))
    (found,) = TransformersCaptioner("blip", folder, Generation(max_tokens=4)).caption(PICTURES[:1])
    assert len(found.text.split()) <= 4


def test_a_checkpoint_that_lacks_weights_is_refused(copied):
    folder = copied()
    weights = load_file(folder / "model.safetensors")
    gone = next(name for name in weights if name.startswith("vision_model"))
    save_file({name: tensor for name, tensor in weights.items() if name != gone}, folder / "model.safetensors")
    with pytest.raises(BadInput, match="lacks 1 of its weights"):
        TransformersCaptioner("blip", folder)


def test_a_picture_is_described_without_the_pooler_of_its_encoder(copied):
    folder = copied("vision-encoder-decoder")
    expected = TransformersCaptioner("vit", folder, Generation(max_tokens=4)).caption(PICTURES)
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith("encoder.pooler.")}
    assert len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert TransformersCaptioner("vit", folder, Generation(max_tokens=4)).caption(PICTURES) == expected


def test_a_graphics_card_that_was_asked_for_must_be_there(checkpoints, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingExtra, match="no graphics card"):
        TransformersCaptioner("blip", checkpoints["blip"], Generation(engine="cuda"))


def test_the_processor_is_taken_where_it_was_asked_for(checkpoints, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    captioner = TransformersCaptioner("blip", checkpoints["blip"], Generation(engine="cpu", max_tokens=3))
    assert captioner.caption(PICTURES[:1])


def test_the_processor_is_taken_on_macs(checkpoints, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    captioner = TransformersCaptioner("blip", checkpoints["blip"], Generation(max_tokens=3))
    assert captioner.caption(PICTURES[:1])


def test_a_full_graphics_card_is_not_blamed_on_the_model(checkpoints, monkeypatch):
    captioner = TransformersCaptioner("blip", checkpoints["blip"])

    def fill(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(captioner._writer._model, "generate", fill)
    with pytest.raises(MachineError, match="too little memory for blip"):
        captioner.caption(PICTURES[:1])


def test_a_captioner_larger_than_its_weights_is_refused_before_it_takes_memory(copied):
    folder = copied()
    tree = json.loads((folder / "config.json").read_text())
    tree["text_config"]["vocab_size"] = 10**9
    (folder / "config.json").write_text(json.dumps(tree))
    with pytest.raises(BadInput, match=r"asks for .* numbers, and has"):
        TransformersCaptioner("blip", folder)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("model.safetensors", b"\xff" * 100, "no sound safetensors"),
        ("model.safetensors", b"", "no sound safetensors"),
        ("config.json", b'{"model_type": "clip"}', "a model of type 'clip'"),
        ("config.json", b'{"model_type": ["blip"]}', "a model of type"),
        ("config.json", b"[1]", "no JSON object"),
        ("config.json", b"{", "cannot be read"),
        (
            "config.json",
            b'{"model_type": "blip", "text_config": {"num_hidden_layers": 10000000}}',
            "asks for 10,000,000",
        ),
        ("preprocessor_config.json", b'{"size": 10}', "cannot be followed"),
        ("tokenizer.json", b"{}", "cannot be loaded"),
    ],
)
def test_a_broken_checkpoint_is_refused_with_the_reason(copied, name, data, reason):
    folder = copied()
    (folder / name).write_bytes(data)
    with pytest.raises(BadInput, match=reason):
        TransformersCaptioner("blip", folder)


def test_a_program_in_a_repository_is_never_run(copied, tmp_path):
    folder = copied()
    (folder / "modeling.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling.Model", "AutoConfig": "modeling.Config"}
    (folder / "config.json").write_text(json.dumps(config))
    assert TransformersCaptioner("blip", folder, Generation(max_tokens=3)).caption(PICTURES[:1])
    assert not (tmp_path / "ran").exists()


def test_the_prompt_of_a_picture_has_room_within_limits(copied):
    folder = copied("florence2")
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"image_seq_length": 10**9}))
    with pytest.raises(BadInput, match="1000000000 tokens"):
        TransformersCaptioner("florence2", folder)


def test_a_captioner_comes_from_a_hub_and_says_which_commit_it_is(checkpoints, tmp_path, monkeypatch):
    with serving_hub({"org/blip": Repository(files_of(checkpoints["blip"]))}) as hub:
        ask_only(hub, tmp_path, monkeypatch)
        first = load_captioner("hf:org/blip", generation=Generation(max_tokens=4))
        commit = hub.repositories["org/blip"].commit
        assert first.name == f"hf:org/blip@{commit}"
        asked = len(hub.asked)
        again = load_captioner(first.name, generation=Generation(max_tokens=4))
        assert len(hub.asked) == asked, "what is here is not asked for"
    assert again.caption(PICTURES) == first.caption(PICTURES)


def test_where_there_are_only_pickles_the_hubs_own_conversion_is_taken(checkpoints, tmp_path, monkeypatch):
    files = files_of(checkpoints["vision-encoder-decoder"])
    pickled = {name: data for name, data in files.items() if not name.endswith(".safetensors")}
    pickled["pytorch_model.bin"] = b"pickle"
    pull = Repository(files, commit="fedcba9876543210fedcba9876543210fedcba98")
    with serving_hub({"nlpconnect/vit-gpt2-image-captioning": Repository(pickled, pulls={7: pull})}) as hub:
        ask_only(hub, tmp_path, monkeypatch)
        captioner = load_captioner("hf:nlpconnect/vit-gpt2-image-captioning", generation=Generation(max_tokens=4))
        assert captioner.name.endswith(pull.commit)
        assert not hub.asked_for("pytorch_model.bin")
        hub.asked.clear()
        assert is_fetched("nlpconnect/vit-gpt2-image-captioning")
        with staying_offline():
            again = load_captioner("hf:nlpconnect/vit-gpt2-image-captioning", generation=Generation(max_tokens=4))
        assert again.name == captioner.name
        assert not hub.asked
    assert captioner.caption(PICTURES)[0].text


def test_a_conversion_by_a_stranger_is_passed_over(checkpoints, tmp_path, monkeypatch):
    pull = Repository(files_of(checkpoints["blip"]), commit="fedcba9876543210fedcba9876543210fedcba98")
    pickled = Repository({"config.json": b"{}", "pytorch_model.bin": b""}, pulls={7: pull}, pulled_by="mallory")
    with serving_hub({"org/blip": pickled}) as hub:
        ask_only(hub, tmp_path, monkeypatch)
        with pytest.raises(BadInput, match="can carry code"):
            load_captioner("hf:org/blip")


def test_florence_2_is_taken_in_the_form_that_needs_no_program_of_its_own(checkpoints, tmp_path, monkeypatch):
    repository = Repository(files_of(checkpoints["florence2"]))
    with serving_hub({"florence-community/Florence-2-base": repository}) as hub:
        ask_only(hub, tmp_path, monkeypatch)
        captioner = load_captioner("hf:microsoft/Florence-2-base", generation=Generation(max_tokens=4))
    assert captioner.caption(PICTURES)[0].text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("a dog on the beach.", "a dog on the beach"),
        ("  A green car\n parked . ", "A green car parked"),
        ("bell\x07 and \u202eback", "bell and back"),
        ("...", ""),
        ("x" * 5_000, "x" * 1_000),
    ],
)
def test_a_caption_is_one_plain_line(said, text):
    assert as_caption(said, np.log(np.array([0.5, 0.5], np.float32))).text == text


def test_the_confidence_is_the_mean_probability_of_tokens_and_padding_does_not_count():
    rows = np.array([np.log(0.5), np.log(0.125), 0.0, -np.inf], np.float32)
    assert as_caption("a dog", rows).confidence == pytest.approx(0.25)
    assert as_caption("", rows).confidence == 0.0


def test_pictures_are_captioned_and_then_found_by_a_picture_put_into_words(checkpoints, tmp_path, monkeypatch):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(6):
        Image.fromarray(draw_picture(seed, (96, 72))).save(folder / f"{seed}.png")
    home, query = tmp_path / "home", tmp_path / "query.png"
    Image.fromarray(draw_picture(2, (96, 72))).rotate(180).save(query)
    with serving_hub({"org/blip": Repository(files_of(checkpoints["blip"]))}) as hub:
        ask_only(hub, home, monkeypatch)
        settings = load_settings(captioner="hf:org/blip", captions=True, caption_tokens=8, workers=1)
        with Lookalike(tmp_path / "new.gallery", ColourEncoder(), settings=settings) as library:
            assert {one.outcome for one in library.index(folder)} == {Outcome.ADDED}
            records = library.gallery.scan().records
            assert {one.caption_source for one in records} == {library.captioner.name}
            pixels = [draw_picture(int(Path(one.path).stem), (96, 72)) for one in records]
            assert [one.caption for one in records] == [one.text for one in library.captioner.caption(pixels)]
            said = library.caption(query).caption.text
            assert said
            for mode in ("caption", "all"):
                answer = library.search(query, mode=mode)
                assert answer.description.startswith(said)
                assert not any("cannot be" in remark for remark in answer.remarks)
                assert answer.hits

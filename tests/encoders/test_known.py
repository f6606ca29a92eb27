"""Is what the table says about encoders well-formed, and true where it can be checked here?"""

import re
from importlib.resources import files

import pytest

from lookalike.encoders import FAMILIES, PATHLESS_FAMILIES
from lookalike.encoders.card import read_card
from lookalike.encoders.known import known, known_encoders


@pytest.mark.parametrize("one", known_encoders(), ids=lambda one: one.name)
def test_every_row_is_complete(one):
    assert one.name.partition(":")[0] in FAMILIES
    assert one.title
    assert one.licence
    assert re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{5}", one.paper)
    assert 64 <= one.dim <= 4_096
    assert 64 <= one.side <= 1_024
    assert known_encoders()[0].ms <= one.ms < 60_000, "mini comes first, and is the quickest"
    assert one.repo or one.name == "mini" or one.name.startswith("torch:")


def test_names_and_titles_are_unique():
    assert len({one.name for one in known_encoders()}) == len({one.title for one in known_encoders()})
    assert len({one.name for one in known_encoders()}) == len(known_encoders())


def test_the_row_of_mini_is_what_its_card_says():
    folder = files("lookalike.encoders") / "mini"
    card = read_card(folder.joinpath("mini.toml").read_bytes(), "mini.toml")
    row = known("mini")
    assert row is not None
    assert card.text is not None
    assert row.words == ", ".join(card.text.languages)
    assert (row.side, row.dim) == (card.input.size, next(one.dim for one in card.heads if one.space == "semantic"))
    assert row.mb == round(sum(len(folder.joinpath(name).read_bytes()) for name in card.files) / 1e6)
    said = ("non-commercial research", "Flickr8k", "Multi30k")
    assert all(word in card.licence and word in row.licence for word in said)


def test_a_revision_behind_the_name_does_not_matter():
    found = known("hf:facebook/dinov2-base@0123456")
    assert found is not None
    assert found.title == "DINOv2 B/14"
    assert known("hf:somebody/else") is None


@pytest.mark.parametrize(
    "wanted",
    [
        *(
            "CLIP ViT-B/32",
            "CLIP ViT-L/14",
            "multilingual",
            "SigLIP 2 B/32",
            "SigLIP 2 B/16",
            "So400m",
            "DINOv2",
            "DINOv3",
        ),
        *("Core S", "Core B", "Core L", "SSCD", "EfficientNet-B0", "EfficientNet-B4", "ResNet-50", "ResNet-152"),
        *("MobileNetV3", "ConvNeXt"),
    ],
)
def test_what_people_ask_for_is_in_the_table(wanted):
    assert any(wanted in f"{one.title} {one.about} {one.name}" for one in known_encoders())


def test_families_that_callers_over_the_network_may_name_are_families_and_those_of_files_are_none():
    assert FAMILIES.keys() - PATHLESS_FAMILIES == {"onnx", "torch"}
    assert FAMILIES.keys() >= PATHLESS_FAMILIES

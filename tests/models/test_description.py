"""Is a description refused that asks for an endless network, and no other?"""

import json

import pytest

from lookalike.errors import BadInput
from lookalike.models.description import parse_description


@pytest.mark.parametrize(
    "tree",
    [
        {"num_hidden_layers": 1_000_000_000},
        {"vision_config": {"depths": [2, 2, 10_000]}},
        {"text_config": {"num_attention_heads": 501}},
    ],
)
def test_a_description_that_asks_for_what_nobody_has_is_refused(tree):
    with pytest.raises(BadInput, match="asks for"):
        parse_description(json.dumps(tree).encode(), "config.json")


def test_the_names_of_classes_ask_for_nothing():
    classes = {"head cabbage": 936, "tape player": 848}  # of ImageNet
    tree = {"num_hidden_layers": 12, "label2id": classes, "id2label": {str(n): name for name, n in classes.items()}}
    assert parse_description(json.dumps(tree).encode(), "config.json") == tree

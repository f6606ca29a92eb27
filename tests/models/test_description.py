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
        {"depths": [500] * 11},
        {"depths": [[0] * 2_000] * 3, "hidden_sizes": [1] * 6_000},
        {"num_experts": 1_000_000_000},
        {"num_block_repeats": [2, 2], "depth_coefficient": 1e9},
        {"num_hidden_layers": float("inf")},
        {"num_hidden_layers": 10**400},
    ],
)
def test_a_description_that_asks_for_what_nobody_has_is_refused(tree):
    with pytest.raises(BadInput, match="asks for"):
        parse_description(json.dumps(tree).encode(), "config.json")


def test_what_networks_of_many_parts_have_is_taken():
    tree = {
        "depths": [3, 27, 3],
        "depth_coefficient": 3.1,
        "layer_norm_eps": 1e-6,
        "num_query_heads": [16] * 48,
        "num_local_experts": 128,
        "shared_expert_intermediate_size": 5_632,
        "head_bias": float("nan"),
    }
    assert parse_description(json.dumps(tree).encode(), "config.json").keys() == tree.keys()


def test_the_names_of_classes_ask_for_nothing():
    classes = {"head cabbage": 936, "tape player": 848}  # of ImageNet
    tree = {"num_hidden_layers": 12, "label2id": classes, "id2label": {str(n): name for name, n in classes.items()}}
    assert parse_description(json.dumps(tree).encode(), "config.json") == tree

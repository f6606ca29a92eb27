"""Does a repository with ONNX graphs become an encoder, by its own descriptions or by a card?"""

import json

import numpy as np
import onnx
import pytest
from hub_server import COMMIT, Repository, ask_only, serving_hub
from networks import DIM, SIDE, count_pieces, draw_network, draw_text_network, make_card, make_tokenizer
from onnx import TensorProto, helper

from lookalike.encoders import TextEncoder, load_encoder
from lookalike.errors import BadInput, MissingExtra, NotFound
from lookalike.models.hub import following
from lookalike.testing.pictures import draw_picture

pytestmark = pytest.mark.slow

PREPROCESSOR = {
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 3,
    "do_normalize": True,
    "image_mean": [0.4, 0.4, 0.4],
    "image_std": [0.2, 0.2, 0.2],
}


def renamed(network: bytes, old: str, new: str) -> bytes:
    """Give a network whose output has another name."""
    model = onnx.load_from_string(network)
    for node in model.graph.node:
        node.output[:] = [new if name == old else name for name in node.output]
    for output in model.graph.output:
        output.name = new if output.name == old else output.name
    return model.SerializeToString()


def with_mask(network: bytes) -> bytes:
    """Give a network for texts that also takes a mask, and counts for nothing where it is not all ones."""
    model = onnx.load_from_string(renamed(network, "text", "plain"))
    graph = model.graph
    graph.input.append(helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["n", "length"]))
    graph.node.extend(
        [
            helper.make_node("ReduceMin", ["attention_mask"], ["least"], axes=[1], keepdims=1),
            helper.make_node("Cast", ["least"], ["whole"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["plain", "whole"], ["text"]),
        ]
    )
    graph.output[0].name = "text"
    return model.SerializeToString()


def make_files(kind="siglip", picture_output="image_embeds", **changes):
    tokenizer = make_tokenizer()
    words = with_mask(draw_text_network(count_pieces(tokenizer)))
    files = {
        "config.json": json.dumps({"model_type": kind, "text_config": {"max_position_embeddings": 12}}).encode(),
        "preprocessor_config.json": json.dumps(PREPROCESSOR).encode(),
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": json.dumps({"pad_token": {"content": "<pad>"}}).encode(),
        "onnx/vision_model.onnx": draw_network(outputs=(picture_output,)),
        "onnx/text_model.onnx": renamed(words, "text", "pooler_output"),
    }
    return {name: data for name, data in (files | changes).items() if data is not None}


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Give a function that puts a repository on a hub, and asks that hub only."""
    with serving_hub({}) as hub:
        ask_only(hub, tmp_path / "home", monkeypatch)

        def put(files):
            hub.repositories["org/graphs"] = Repository(files)
            return hub

        yield put


@pytest.fixture
def pictures():
    return [draw_picture(seed, (SIDE, SIDE)) for seed in range(3)]


def test_a_repository_as_transformers_describes_it_is_loaded_by_its_graphs(serve, pictures):
    serve(make_files())
    encoder = load_encoder("hf:org/graphs")
    assert encoder.name == f"onnx:hf:org/graphs@{COMMIT}/onnx/vision_model.onnx"
    assert isinstance(encoder, TextEncoder)
    ((name, vectors),) = encoder.encode(pictures).items()
    assert name.startswith("graphs@")
    assert name.endswith("/semantic")
    assert vectors.shape == (3, DIM)
    assert encoder.encode_text(["red ball", "a dog"]).shape == (2, DIM)
    assert np.isfinite(encoder.encode_text([""])).all()


def test_it_knows_the_languages_that_its_authors_name(serve):
    hub = serve(make_files())
    hub.repositories["org/siglip2-graphs"] = hub.repositories["org/graphs"]
    assert load_encoder("hf:org/graphs").languages == ("en",)
    assert {"de", "fr", "cs"} <= {*load_encoder("hf:org/siglip2-graphs").languages}


@pytest.mark.parametrize("own", [{"type": "NFKC"}, None])
def test_letters_are_made_small_where_the_tokenizer_is_said_to_and_does_not(own, serve):
    tree = json.loads(make_tokenizer()) | {"normalizer": own}
    files = make_files(**{"tokenizer.json": json.dumps(tree).encode()})
    serve(files)
    before = load_encoder("hf:org/graphs")
    told = {"pad_token": "<pad>", "do_lower_case": True}
    hub = serve(files | {"tokenizer_config.json": json.dumps(told).encode()})
    hub.repositories["org/small"] = hub.repositories["org/graphs"]
    after = load_encoder("hf:org/small")
    small, capitals = ["red ball"], ["Red BALL"]
    assert not np.allclose(before.encode_text(small), before.encode_text(capitals), atol=1e-3)
    assert np.array_equal(after.encode_text(small), after.encode_text(capitals))
    assert np.array_equal(after.encode_text(small), before.encode_text(small))
    (one,), (other,) = before.spaces.values(), after.spaces.values()
    assert (one.digest, one.name.split("@")[1]) == (other.digest, other.name.split("@")[1])


def test_its_vectors_are_those_of_the_graph_on_prepared_pixels(serve, pictures):
    import onnxruntime

    files = make_files()
    serve(files)
    (vectors,) = load_encoder("hf:org/graphs").encode(pictures).values()
    session = onnxruntime.InferenceSession(files["onnx/vision_model.onnx"], providers=["CPUExecutionProvider"])
    numbers = (np.stack(pictures).astype(np.float32) / 255 - 0.4) / 0.2
    (wanted,) = session.run(None, {"picture": numbers.transpose(0, 3, 1, 2)})
    assert np.allclose(vectors, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-3)


def test_the_name_of_an_encoder_loads_it_again_without_the_hub(serve, pictures):
    hub = serve(make_files())
    first = load_encoder("hf:org/graphs")
    hub.asked.clear()
    again = load_encoder(first.name)
    assert not hub.asked
    assert again.spaces == first.spaces
    for one, other in zip(first.encode(pictures).values(), again.encode(pictures).values(), strict=True):
        assert np.array_equal(one, other)


def test_a_graph_for_pictures_alone_knows_no_words(serve, pictures):
    network = draw_network(outputs=("pooler_output",))
    serve(
        make_files(
            "dinov2", **{"onnx/model.onnx": network, "onnx/vision_model.onnx": None, "onnx/text_model.onnx": None}
        )
    )
    encoder = load_encoder("hf:org/graphs")
    assert not isinstance(encoder, TextEncoder)
    assert [name.rpartition("/")[2] for name in encoder.spaces] == ["visual"]


def test_a_graph_that_wants_pictures_and_words_at_once_is_left_to_torch(serve, monkeypatch):
    monkeypatch.setattr("lookalike.models.packages.find_spec", lambda _: None)
    both = {"onnx/model.onnx": b"both", "onnx/vision_model.onnx": None, "onnx/text_model.onnx": None}
    serve(make_files("clip", **both, **{"model.safetensors": b"x"}))
    with pytest.raises(MissingExtra):
        load_encoder("hf:org/graphs")


def test_another_file_of_a_repository_may_be_named(serve, pictures):
    serve(make_files(**{"onnx/vision_model_quantized.onnx": draw_network(outputs=("image_embeds",), scale=2)}))
    encoder = load_encoder("onnx:hf:org/graphs@main/onnx/vision_model_quantized.onnx")
    assert encoder.name.endswith("/onnx/vision_model_quantized.onnx")
    assert not isinstance(encoder, TextEncoder)


def test_a_card_beside_the_graph_counts_more_than_descriptions(serve, pictures):
    network = {"colours.onnx": draw_network()}
    card = json.dumps(make_card(network)).encode()
    hub = serve(
        {"models/colours.onnx": network["colours.onnx"], "models/colours.json": card, "other.safetensors": b"x"}
    )
    encoder = load_encoder("onnx:hf:org/graphs/models/colours.onnx")
    assert [*encoder.spaces] == ["colours@1/colour"]
    assert not hub.asked_for("other.safetensors")


COLOURS = draw_network()


@pytest.mark.parametrize(
    ("name", "files"),
    [
        (
            "hf:org/graphs",
            {
                "config.json": b'{"model_type": "dinov2"}',
                "preprocessor_config.json": json.dumps(PREPROCESSOR).encode(),
                "onnx/model.onnx": draw_network(outputs=("pooler_output",)),
            },
        ),
        (
            "onnx:hf:org/graphs/colours.onnx",
            {"colours.onnx": COLOURS, "colours.json": json.dumps(make_card({"colours.onnx": COLOURS})).encode()},
        ),
    ],
)
def test_what_worked_still_does_when_a_newer_version_comes_only_in_part(serve, monkeypatch, name, files):
    def stop(step):
        if step.file.endswith(".onnx"):
            raise KeyboardInterrupt

    hub = serve(files)
    before = load_encoder(name)
    hub.repositories["org/graphs"] = Repository(
        {path: data + b" " if path.endswith(".json") else data for path, data in files.items()}, commit="f" * 40
    )
    with pytest.raises(KeyboardInterrupt), following(stop, refresh=True):
        load_encoder(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_encoder(name).name == before.name


def test_a_file_that_the_card_does_not_vouch_for_is_refused(serve):
    card = json.dumps(make_card({"colours.onnx": b"another"})).encode()
    serve({"colours.onnx": draw_network(), "colours.json": card})
    with pytest.raises(BadInput, match="its card says"):
        load_encoder("onnx:hf:org/graphs/colours.onnx")


def test_what_has_no_graph_needs_torch(serve, monkeypatch):
    monkeypatch.setattr("lookalike.models.packages.find_spec", lambda _: None)
    serve({"config.json": b"{}", "model.safetensors": b"x"})
    with pytest.raises(MissingExtra, match=r"torch"):
        load_encoder("hf:org/graphs")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"config.json": b"[]"}, "describes nothing"),
        ({"config.json": b"{"}, "cannot be read"),
        ({"config.json": b'{"model_type": "blip"}'}, "'blip'"),
        ({"tokenizer_config.json": b'{"pad_token": "<none>"}'}, "no piece that fills"),
        ({"onnx/vision_model.onnx": draw_network(outputs=("logits",))}, "none of image_embeds"),
        ({"onnx/vision_model.onnx": b"no graph"}, "cannot be loaded"),
        ({"preprocessor_config.json": b'{"do_resize": false}'}, "cannot be followed"),
        ({"tokenizer.json": b'{"added_tokens": [{"content": "<pad>", "id": -1}]}'}, "used: pad: must be 0 or more"),
    ],
)
def test_a_repository_that_cannot_be_used_says_why(serve, changes, reason):
    serve(make_files(**changes))
    with pytest.raises(BadInput, match=reason):
        load_encoder("hf:org/graphs")


@pytest.mark.parametrize("name", ["onnx:hf:org/graphs", "onnx:hf:model.onnx", "onnx:hf:org/graphs@main"])
def test_a_name_without_a_graph_shows_how_to_write_one(name):
    with pytest.raises(BadInput, match="names no graph") as caught:
        load_encoder(name)
    assert "onnx:hf:org/model/onnx/vision_model.onnx" in caught.value.fix


def test_a_graph_that_is_not_there_is_named(serve):
    serve(make_files())
    with pytest.raises(NotFound, match=r"no graph 'onnx/other\.onnx'"):
        load_encoder("onnx:hf:org/graphs/onnx/other.onnx")

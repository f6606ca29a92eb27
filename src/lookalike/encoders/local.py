"""Which graphs lie on this machine? That of `mini`, and those with a card beside them."""

from importlib.resources import files

from lookalike.disk import expand_home
from lookalike.encoders.checkpoint import read_checkpoint
from lookalike.encoders.onnx import OnnxEncoder, make_encoder
from lookalike.errors import BadInput
from lookalike.models.hub import refuse_unsafe
from lookalike.models.network import Engine


def load_mini(rest: str = "", engine: Engine = "auto") -> OnnxEncoder:
    """Load the encoder that ships with Lookalike; `rest` is what stands after `mini:` and must be empty.

    Raises:
        BadInput: something stands there.
        MissingExtra: as `OnnxEncoder` says.
    """
    if rest:
        raise BadInput(f"There is no encoder 'mini:{rest}'.", "Write `mini`.")
    return make_encoder("mini", read_checkpoint(files("lookalike.encoders") / "mini", "mini.onnx"), engine)


def load_onnx(rest: str, engine: Engine = "auto") -> OnnxEncoder:
    """Load the encoder of an ONNX file by the card beside it: `photo.onnx` with `photo.toml` or `photo.json`.

    `hf:org/model[@revision]/onnx/vision_model.onnx` is a file of a repository, as `graphs.load_graph` says.

    It runs on ONNX Runtime, unless `engine` is `openvino`: that one has crashed on damaged models, which the other
    refused.

    Raises:
        BadInput: no ONNX file, a card that is wrong, or a file that is not the one of the card.
        NotFound: the model, its card or another file of the card is not there.
        MissingExtra: as `OnnxEncoder` says.
    """
    if rest.startswith("hf:"):
        from lookalike.encoders.graphs import load_graph

        return load_graph(rest.removeprefix("hf:"), engine)
    refuse_unsafe(rest)
    if not rest.endswith(".onnx"):
        what = f"The model {rest!r} is no .onnx file."
        raise BadInput(what, "Export it to ONNX.")
    try:
        path = expand_home(rest).absolute()
    except (OSError, ValueError) as error:
        raise BadInput(f"The model's path {rest!r} is no path: {error}.", "Write another.") from None
    safe: Engine = "onnxruntime" if engine == "auto" else engine
    return make_encoder(f"onnx:{path}", read_checkpoint(path.parent, path.name), safe)

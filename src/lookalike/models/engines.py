"""Which engine runs a network from outside? One seam for two: OpenVINO where it is installed, else ONNX Runtime."""

from collections.abc import Mapping
from importlib.util import find_spec

from lookalike.errors import BadInput, MissingExtra
from lookalike.models.network import Engine, Network


def start_network(contents: Mapping[str, bytes], model: str, engine: Engine = "auto") -> Network:
    """Load a network, `contents[model]`, which may refer to `contents` and to no other file.

    With `auto`, what OpenVINO cannot run is left to ONNX Runtime, which has the last word on what is broken. Only
    models that came with Lookalike should be left to `auto`: OpenVINO may crash on damaged ones.

    Raises:
        BadInput: the model is broken, or reaches outside these files.
        MissingExtra: the engine that was asked for is not installed.
    """
    if engine == "openvino" and not has_openvino():
        what = "The engine OpenVINO is not installed."
        raise MissingExtra(what, "Run `pip install openvino`, or set engine to auto or onnxruntime.")
    if engine in ("auto", "openvino") and has_openvino():
        from lookalike.models.with_openvino import OpenvinoNetwork

        try:
            return OpenvinoNetwork(contents, model)
        except BadInput:
            if engine == "openvino":
                raise
    from lookalike.models.with_onnxruntime import OnnxruntimeNetwork

    return OnnxruntimeNetwork(contents, model, engine)


def has_openvino() -> bool:
    """Tell whether OpenVINO is installed, without loading it."""
    return find_spec("openvino") is not None

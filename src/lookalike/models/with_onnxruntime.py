"""How does ONNX Runtime run a model from outside? On the caller's thread or a better device, opening no file itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as engine

from lookalike.errors import BadInput
from lookalike.models.network import Port, brief, refuse_model
from lookalike.models.providers import PROVIDERS, choose_devices, device_of, offered_devices

_ERRORS = (
    engine.EPFail,
    engine.EngineError,
    engine.Fail,
    engine.InvalidArgument,
    engine.InvalidGraph,
    engine.InvalidProtobuf,
    engine.NoModel,
    engine.NoSuchFile,
    engine.NotImplemented,
    engine.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises on models and inputs it cannot use; its own classes share no base."""

_DTYPES = {"tensor(float)": "float32", "tensor(double)": "float64"}


class OnnxruntimeNetwork:
    """A network in ONNX Runtime. Raises as `start_network` does."""

    engine = "onnxruntime"

    def __init__(self, contents: Mapping[str, bytes], model: str, engine: str = "onnxruntime") -> None:
        self._model = model
        names, others = list(contents), list(contents.values())
        options = session_options()
        # With this table the engine takes weights that a model keeps in other files from here, and opens no file.
        options.add_external_initializers_from_files_in_memory(names, others, [len(data) for data in others])
        try:
            # Its fallback would try the same again, and print that it does.
            providers = [PROVIDERS[device] for device in choose_devices(engine, contents[model], offered_devices())]
            self._session = onnxruntime.InferenceSession(contents[model], options, providers, enable_fallback=0)
            self.device = device_of(self._session.get_providers())
            self.inputs = _ports(self._session.get_inputs())
            self.outputs = _ports(self._session.get_outputs())
        except _ERRORS as error:
            raise refuse_model(model, brief(error)) from None

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Compute these outputs.

        Raises:
            BadInput: the network fails on this.
        """
        try:
            return list(self._session.run(list(outputs), dict(feeds)))
        except _ERRORS as error:
            raise BadInput(f"The model {self._model} failed: {brief(error)}.", "Check its card.") from None


def session_options() -> onnxruntime.SessionOptions:
    """Give the settings for one thread a call: several threads that each run a session beat one that runs them all."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options


def _ports(found: Iterable[Any]) -> dict[str, Port]:
    return {
        one.name: Port(
            _DTYPES.get(one.type, one.type.removeprefix("tensor(").removesuffix(")")),
            tuple(side if isinstance(side, int) else None for side in one.shape),
        )
        for one in found
    }

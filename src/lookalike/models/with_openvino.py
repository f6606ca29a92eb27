"""How does OpenVINO run a model from outside? On the caller's thread, reporting nothing to anyone, opening no file."""

import io
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock, Semaphore
from typing import Any

import numpy as np

from lookalike.errors import BadInput
from lookalike.models.compiled import keep, kept, key_of
from lookalike.models.network import Port, brief, refuse_model
from lookalike.threads import usable_cores

_REPORTING = ("openvino.tools.ovc", "openvino_telemetry")
"""`import openvino` loads these, which report to Google Analytics, write to ~/intel, and fork."""

_DTYPES = {"u8": "uint8", "i32": "int32", "i64": "int64", "f16": "float16", "f32": "float32", "f64": "float64"}

_OPTIONS = {
    "NUM_STREAMS": 1,  # with one stream and one thread, the caller's thread does the work
    "INFERENCE_NUM_THREADS": 1,
    "ENABLE_CPU_PINNING": False,
    # Else it calculates with bfloat16 where the processor can, which moved the copy vector by 0.012.
    "INFERENCE_PRECISION_HINT": "f32",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
}

_importing = Lock()


class OpenvinoNetwork:
    """A network in OpenVINO. Raises as `start_network` does.

    A compiled network runs one call at a time, so there are copies of it: as many as there were calls at once, and
    never more than cores.
    """

    engine, device = "openvino", "cpu"

    def __init__(self, contents: Mapping[str, bytes], model: str) -> None:
        self._model = model
        self._turns = Semaphore(usable_cores())
        network = contents[model]
        # Weights in other files are given by their `location`; OpenVINO would look for them beside the program.
        if b"location" in network:
            raise refuse_model(model, "it keeps weights in other files", "Set engine to auto or onnxruntime.")
        try:
            self._compiled, first = _compile(network)
            if not first.outputs:  # what is no model at all may look like an empty one
                raise refuse_model(model, "it has no outputs")
            self.inputs = {_name(one): _port(one) for one in first.inputs}
            self.outputs = {name: _port(one) for one in first.outputs for name in one.get_names()}
            self._idle = deque([_Copy(first)])
        except BadInput:
            raise
        except Exception as error:  # noqa: BLE001 - its errors share no base below this
            raise refuse_model(model, brief(error)) from None

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Compute these outputs.

        Raises:
            BadInput: the network fails on this.
        """
        with self._turns:
            try:
                copy = self._idle.pop()
            except IndexError:
                copy = _Copy(_core().import_model(self._compiled, "CPU", _OPTIONS))
            try:
                return copy.run(outputs, feeds)
            except Exception as error:  # noqa: BLE001 - as above
                raise BadInput(f"The model {self._model} failed: {brief(error)}.", "Check its card.") from None
            finally:
                self._idle.append(copy)


class _Copy:
    """A compiled network and the memory that one call needs."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        self._request.infer(dict(feeds), share_inputs=True)
        return [self._request.get_tensor(name).data.copy() for name in outputs]


def import_openvino() -> Any:
    """Import OpenVINO without what reports on its users; a program that imported it before made its own choice."""
    with _importing:
        blocked = [name for name in _REPORTING if name not in sys.modules]
        sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type] # None makes an import fail
        try:
            import openvino
        finally:
            for name in blocked:
                del sys.modules[name]
    return openvino


@cache
def _core() -> Any:
    return import_openvino().Core()


def _compile(network: bytes) -> tuple[bytes, Any]:
    """Give a compiled network twice: as bytes to make copies from, and ready to run."""
    core = _core()
    key = key_of(network, import_openvino().__version__, *_processor(core), *map(str, _OPTIONS.items()))
    compiled = kept(key)
    if compiled is not None:
        return compiled, core.import_model(compiled, "CPU", _OPTIONS)
    ready = core.compile_model(_read(network), "CPU", _OPTIONS)
    compiled = ready.export_model().getvalue()
    keep(key, compiled)
    return compiled, ready


def _processor(core: Any) -> list[str]:
    names = ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")
    return [str(core.get_property("CPU", name)) for name in names]


def _read(network: bytes) -> Any:
    """Read ONNX, and nothing else: left to itself, OpenVINO would take six other formats, too."""
    from openvino.frontend import FrontEndManager

    reader = FrontEndManager().load_by_framework("onnx")
    return reader.convert(reader.load(io.BytesIO(network)))


def _name(found: Any) -> str:
    """Give an input's own name: it also has those of copies that were optimised away."""
    own: str = found.get_node().get_friendly_name()
    return own if own in found.get_names() else found.get_any_name()


def _port(found: Any) -> Port:
    kind = found.get_element_type().get_type_name()
    shape = found.get_partial_shape()
    sides = None if shape.rank.is_dynamic else tuple(side.get_length() if side.is_static else None for side in shape)
    return Port(_DTYPES.get(kind, kind), sides)

"""On what does ONNX Runtime run a network? On the best device that its package and the machine offer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import onnxruntime

from lookalike.errors import MissingExtra

Device = Literal["cpu", "cuda", "coreml", "openvino"]

PROVIDERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    # With TensorFloat-32, vectors of a graphics card and of a processor would differ in the third digit.
    "cuda": ("CUDAExecutionProvider", {"use_tf32": 0}),
    "coreml": ("CoreMLExecutionProvider", {"ModelFormat": "MLProgram"}),
    "openvino": ("OpenVINOExecutionProvider", {"precision": "FP32", "num_of_threads": 1}),
    "cpu": ("CPUExecutionProvider", {}),
}
"""Device → the provider and its options, the best first. Source: https://onnxruntime.ai/docs/execution-providers/"""

_PACKAGES = {
    "cuda": "onnxruntime-gpu",
    "coreml": "onnxruntime",
    "openvino": "onnxruntime-openvino",
    "cpu": "onnxruntime",
}
"""Which package from PyPI brings a provider; of these, only one may be installed."""

_IN_8_BITS = (b"QLinear", b"DynamicQuantizeLinear", b"MatMulInteger", b"ConvInteger", b"DequantizeLinear")
"""Names of operators that calculate with 8-bit numbers, which only processors are quick at."""


def offered_devices() -> list[str]:
    """Name the devices that the installed package can use, the best first; whether one is there shows when it runs."""
    available = set(onnxruntime.get_available_providers())
    return [device for device, (provider, _) in PROVIDERS.items() if provider in available]


def choose_devices(engine: str, network: bytes, offered: Sequence[str]) -> list[str]:
    """Choose for an engine (`cpu`, `cuda`, `coreml`, or `onnxruntime` for the best), with the processor as the last.

    Networks with 8-bit numbers stay on the processor, if nobody asks for another device.

    Raises:
        MissingExtra: the device that was asked for cannot be used here.
    """
    if engine in PROVIDERS:
        if engine not in offered:
            what = f"ONNX Runtime as it is installed cannot use {engine}; it can use {', '.join(offered)}."
            raise MissingExtra(what, f"Install {_PACKAGES[engine]} in its place, or set engine to auto.")
        chosen = [engine]
    else:
        in_8_bits = len(offered) > 1 and any(name in network for name in _IN_8_BITS)
        chosen = ["cpu"] if in_8_bits else list(offered)
    return [*(device for device in chosen if device != "cpu"), "cpu"]


def device_of(providers: Sequence[str]) -> str:
    """Name the device on which a session runs, by the providers that it has taken."""
    return next((device for device, (provider, _) in PROVIDERS.items() if provider in providers), "cpu")

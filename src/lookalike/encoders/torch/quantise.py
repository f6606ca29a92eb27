"""How do a graph's weights become 8 bits? Multiplications on the fly, convolutions by what pictures make of them."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

_MANY = 4
"""Convolutions: those that cut a picture into patches are fewer, and stay as they are."""


def quantise(path: Path, batches: Sequence[np.ndarray]) -> None:
    """Replace a graph by one in 8 bits; `batches` are inputs to measure by, float32 (n, 3, size, size).

    Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    """
    graph = onnx.load(path)
    convolutions = sum(node.op_type == "Conv" for node in graph.graph.node)
    with _quiet():
        if convolutions < _MANY:
            quantize_dynamic(
                graph,
                path,
                op_types_to_quantize=["MatMul", "Gemm", "Gather"],
                weight_type=QuantType.QInt8,
                per_channel=True,
            )
        else:
            quantize_static(
                graph,
                path,
                _Pictures(graph.graph.input[0].name, batches),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )


class _Pictures(CalibrationDataReader):
    def __init__(self, name: str, batches: Sequence[np.ndarray]) -> None:
        self._feeds = iter([{name: batch} for batch in batches])

    def get_next(self) -> Any:
        return next(self._feeds, None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Have the package advise nobody to do this or that before."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)

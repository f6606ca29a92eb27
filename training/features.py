"""What does an exported network say of pictures? Runs the file itself, so that figures are the file's."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

from lite0 import SIZE
from lookalike.decode import Fit
from lookalike.decode.pixels import fit_pixels
from lookalike.models.with_onnxruntime import session_options
from lookalike.types import Pixels
from measures import Vectors
from network_file import FEATURES, PIXELS, normalise

FIT = Fit(size=SIZE, mode="squash")
"""How `mini` has its pictures cut; why, see training/mini.md."""


class Features:
    """Cuts pictures and gives their pooled features, from the 32-bit file or the 8-bit one."""

    def __init__(self, path: Path) -> None:
        self._session = onnxruntime.InferenceSession(path, session_options(), providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, pictures: Sequence[Pixels], fit: Fit) -> Vectors:
        """Give (n, 1280) features."""
        with ThreadPoolExecutor(2) as threads:
            return np.concatenate(list(threads.map(lambda picture: self._one(picture, fit), pictures)))

    def _one(self, picture: Pixels, fit: Fit) -> Vectors:
        batch = fit_pixels(picture, fit)[None]
        given = batch if self._input == PIXELS else normalise(batch)
        features: Vectors = self._session.run([FEATURES], {self._input: given})[0]
        return features

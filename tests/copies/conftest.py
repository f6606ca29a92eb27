"""Pictures with as much to see as photographs have."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from lookalike.types import Grey

DrawBusy = Callable[..., Grey]


@pytest.fixture(scope="session")
def draw_busy() -> DrawBusy:
    """Draw the grey picture of a seed: some hundred discs and boxes of any size, softly lit."""

    def draw(seed: int, size: tuple[int, int] = (320, 240)) -> Grey:
        random = np.random.default_rng(seed)
        width, height = size
        scene = np.full((height, width), 128, np.uint8)
        for _ in range(width * height // 400):
            x, y = (int(random.integers(limit)) for limit in size)
            radius, shade = int(2 + random.exponential(width / 45)), int(random.integers(256))
            if random.random() < 0.5:
                cv2.circle(scene, (x, y), radius, shade, -1, cv2.LINE_AA)
            else:
                box = cv2.boxPoints(((x, y), (radius * 2.0, radius * random.uniform(0.5, 2)), random.uniform(0, 90)))
                cv2.fillConvexPoly(scene, box.astype(np.int32), shade, cv2.LINE_AA)
        light = np.linspace(0.6, 1.0, width) * np.linspace(1.0, 0.7, height)[:, None]
        return np.clip(cv2.GaussianBlur(scene, (0, 0), 0.8) * light, 0, 255).astype(np.uint8)

    return draw

"""Do 1,480 odd, broken and hostile files pass without a crash, a hang, or more memory than allowed?"""

import sys
import time
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from lookalike.decode import DecodePool, Fit
from lookalike.errors import TooLarge, UnreadableImage


class MemoryWatch(Thread):
    """Notes the highest memory of any worker of this process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self.done = Event()

    def run(self) -> None:
        while not self.done.wait(0.02):
            for child in psutil.Process().children():
                try:
                    lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
                except OSError:
                    continue
                peak = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
                self.peak_bytes = max(self.peak_bytes, int(peak.split()[1]) * 1_024)


@pytest.mark.slow
@pytest.mark.parametrize("fit", [Fit(size=224, mode="crop", margin=0.875), Fit(size=1_024)], ids=lambda fit: fit.mode)
def test_every_messy_file_is_decoded_or_refused_with_a_reason(messy_images: Path, fit: Fit) -> None:
    files = sorted(path for path in messy_images.rglob("*") if path.is_file())
    assert len(files) > 1_400
    watch = MemoryWatch()
    watch.start()
    decoded = 0
    with DecodePool(2) as pool:
        for path in files:
            begun = time.monotonic()
            for source in (path, path.read_bytes()):
                future = pool.submit(source, fit)
                reason = future.exception(timeout=30)
                assert reason is None or isinstance(reason, UnreadableImage | TooLarge), f"{path}: {reason!r}"
                decoded += reason is None
            assert time.monotonic() - begun < 10, path
    watch.done.set()
    watch.join()
    assert decoded > 2 * 600
    if sys.platform == "linux":
        assert 0 < watch.peak_bytes < 1 << 30

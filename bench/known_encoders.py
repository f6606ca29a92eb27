"""Is what the table of well-known encoders says true, and what does a picture cost with each of them?

The values of weights make no difference to the length of vectors, the side of pictures, the size of files and the time
of a network. So each repository is written at its real size with random weights (`made_up_checkpoints.py`), loaded by
its name as anybody would, and measured: processor time of one core, in 32 bits, the median of the rounds, in which
`mini` takes its turn beside each. Needs the extra `torch`, 10 GB of memory and 5 GB of disk for the largest of them:
.venv-torch/bin/python bench/known_encoders.py
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

from lookalike.encoders import Encoder, known, load_encoder
from lookalike.encoders.known import KnownEncoder, known_encoders
from lookalike.testing import draw_picture
from lookalike.types import Pixels
from report import Table, processor, record

TABLE = Path(known.__file__).with_suffix(".toml")
BATCHES = (1, 8)
LONG_S = 0.5
"""Where one picture takes longer, larger batches are no quicker, and are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was measured of a row."""

    dim: int
    side: int
    mb: int
    ms: list[float]
    """Of a picture, for each size of batch that was tried."""
    times: float
    """As many as `mini` needs, in the last of them."""


def main() -> None:
    """Measure, print, and exit with 1 where the table says something else; with --write correct it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="rows of the table, else all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="a folder with room for the largest")
    parser.add_argument("--write", action="store_true", help="write what is found into known.toml")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    columns = [*(f"ms, batch of {batch}" for batch in BATCHES), "times `mini`"]
    table = Table(["encoder", "dim", "side", "MB", *columns, "the table said"])
    mini, wrong = load_encoder("mini", "cpu"), 0
    for one in known_encoders():
        if arguments.names and one.name not in arguments.names:
            continue
        found = measure(one, mini, arguments.rounds, arguments.work)
        said = " ".join(f"{key} {getattr(one, key)}" for key in ("dim", "side", "mb") if differs(one, found, key))
        wrong += bool(said)
        shown = [f"{ms:.1f}" for ms in found.ms] + ["–"] * (len(BATCHES) - len(found.ms))
        table.row(one.name, str(found.dim), str(found.side), str(found.mb), *shown, f"{found.times:.1f}", said or "so")
        print(f"{one.name}: {found}", file=sys.stderr, flush=True)
        if arguments.write:
            write(one.name, found)
    table.print()
    if arguments.record:
        record("Well-known encoders", table)
    sys.exit(bool(wrong) and not arguments.write)


def differs(one: KnownEncoder, found: Found, key: str) -> bool:
    """Tell whether the table says something else."""
    return bool(getattr(one, key) != getattr(found, key))


def measure(one: KnownEncoder, mini: Encoder, rounds: int, work: Path | None) -> Found:
    """Write a checkpoint, load it by its name, and measure it."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        cache = Path(folder)
        os.environ["HF_HUB_CACHE"] = folder
        if one.name == "mini":
            encoder, size = mini, 1e6 * one.mb  # a test holds this to the files
        else:
            from made_up_checkpoints import weight_bytes, write_checkpoint

            encoder = load_encoder(write_checkpoint(one, cache), "cpu")
            size = weight_bytes(cache)
        ms, times = speed(encoder, mini, rounds)
    dims = {space.dim for space in encoder.spaces.values()}
    dim = one.dim if one.dim in dims else dims.pop()
    return Found(dim=dim, side=encoder.fit.size, mb=round(size / 1e6), ms=ms, times=times)


def speed(encoder: Encoder, mini: Encoder, rounds: int) -> tuple[list[float], float]:
    """Give the processor time of a picture in batches of each size, and how many times that of `mini` the last is."""
    found: list[float] = []
    for batch in BATCHES:
        jobs = [partial(one.encode, drawn(one.fit.size, batch)) for one in (encoder, mini)]
        taken = [[processor_time(job) for job in jobs] for _ in range(rounds + 1)][1:]  # the first is to warm up
        own, other = map(median, zip(*taken, strict=True))
        found.append(1e3 * own / batch)
        if own > LONG_S:
            break
    return found, own / other


def drawn(side: int, count: int) -> list[Pixels]:
    """Draw some pictures of one size."""
    return [draw_picture(seed, (side, side)) for seed in range(count)]


def processor_time(work: Callable[[], object]) -> float:
    """Give the seconds that all threads of this process spend on something."""
    before = time.process_time()
    work()
    return time.process_time() - before


def write(name: str, found: Found) -> None:
    """Put what was found into a row of the table, and above it what it was found on."""
    text = TABLE.read_text("utf-8")
    head, _, rest = text.partition(f'name = "{name}"\n')
    row, mark, after = rest.partition("[[encoder]]")
    for key, value in (("dim", found.dim), ("side", found.side), ("mb", found.mb), ("ms", f"{found.ms[-1]:.1f}")):
        row = re.sub(rf"^{key} = .*$", f"{key} = {value}", row, flags=re.MULTILINE)
    engines = f"PyTorch {version('torch').partition('+')[0]}, mini by ONNX Runtime {version('onnxruntime')}"
    on = f'measured_on = "one core of an {processor()}, {datetime.now(UTC):%Y-%m-%d}; {engines}"'
    text = re.sub(r"^measured_on = .*$", on, f'{head}name = "{name}"\n{row}{mark}{after}', flags=re.MULTILINE)
    TABLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

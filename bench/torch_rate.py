"""How much does Lookalike add to a network of PyTorch, and what does its graph gain, in 32 and in 8 bits?

Networks have their real size and random weights, which take as long as trained ones. Bare: the network alone on a
batch that is ready. Encoder: pixels in, unit vectors out. Graphs are those that `lookalike encoders export` writes.
Rounds of the candidates alternate, so that a busy machine slows all of them; the least of the rounds is given, in
milliseconds a picture, on one thread. Needs the extra `torch`: .venv-torch/bin/python bench/torch_rate.py
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from lookalike.encoders import Encoder, load_encoder
from lookalike.encoders.torch.encoder import TorchEncoder
from lookalike.encoders.torch.export import LEAST_COSINE, export_encoder
from lookalike.encoders.torch.files import example_of, measure_dim
from lookalike.encoders.torch.towers import Towers
from lookalike.errors import BadInput
from lookalike.models.preprocessing import Preprocessing
from lookalike.testing import draw_picture
from report import Table, record

NETWORKS = ("vit_base_patch32_clip_224", "resnet50", "vit_small_patch14_dinov2")
BATCHES = (8, 32)


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=NETWORKS, help="of timm")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", action="store_true", help="append the tables to docs/benchmarks.md")
    arguments = parser.parse_args()
    table = Table(["network", "batch", "bare", "encoder", "added", "graph", "int8 graph", "cosine of int8"])
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.networks:
            measure_network(name, Path(folder), arguments.rounds, table)
    print(f"\n{table}")
    if arguments.record:
        record("Encoding with PyTorch, a picture", table)


def measure_network(name: str, folder: Path, rounds: int, table: Table) -> None:
    """Add a row for each size of batch."""
    encoder = make_encoder(name)
    pictures = [draw_picture(seed, (encoder.fit.size,) * 2) for seed in range(max(BATCHES))]
    graph, _ = export(encoder, folder / f"{name}-32", pictures, int8=False)
    small, cosine = export(encoder, folder / f"{name}-8", pictures, int8=True)
    for batch in BATCHES:
        numbers = torch.from_numpy(encoder.prepared(pictures[:batch])).contiguous(memory_format=torch.channels_last)
        jobs: list[Callable[[], object]] = [partial(run_bare, encoder, numbers)]
        jobs += [partial(one.encode, pictures[:batch]) for one in (encoder, graph, small) if one]
        bare, own, *others = (1e3 * seconds / batch for seconds in alternate(jobs, rounds))
        shown = [f"{ms:.1f} ms" for ms in others]
        table.row(
            name, str(batch), f"{bare:.1f} ms", f"{own:.1f} ms", f"{100 * (own / bare - 1):.1f} %", *shown,
            *([] if small else ["–"]), f"{cosine:.4f}",
        )  # fmt: skip


def make_encoder(name: str) -> TorchEncoder:
    """Make an encoder of a network of timm with random weights."""
    import timm

    torch.manual_seed(0)
    module = timm.create_model(name, num_classes=0, **({"img_size": 224} if name.endswith("dinov2") else {})).eval()
    input_ = Preprocessing(size=224, fit="squash", mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    dim = measure_dim(module, example_of(input_))
    towers = Towers(model=name, module=module, input=input_, space="visual", dim=dim, sums={})
    return TorchEncoder(f"timm:{name}", towers)


def export(encoder: TorchEncoder, folder: Path, pictures: list, *, int8: bool) -> tuple[Encoder | None, float]:
    """Give the encoder of the graph and its least cosine; none where 8 bits are too few for random weights."""
    LEAST_COSINE[True] = 0.9
    try:
        made = export_encoder(encoder, folder, pictures, int8=int8)
    except BadInput as error:
        print(error)
        return None, float("nan")
    return load_encoder(f"onnx:{made.path}"), made.cosine


def run_bare(encoder: TorchEncoder, numbers: torch.Tensor) -> torch.Tensor:
    """Run the network alone."""
    with torch.inference_mode():
        return encoder.towers.module(numbers)


def alternate(jobs: list[Callable[[], object]], rounds: int) -> list[float]:
    """Give the least seconds of each job."""
    taken: list[list[float]] = [[] for _ in jobs]
    for job in jobs:
        job()
    for _ in range(rounds):
        for job, seconds in zip(jobs, taken, strict=True):
            start = time.process_time()
            job()
            seconds.append(time.process_time() - start)
    return [min(seconds) for seconds in taken]


if __name__ == "__main__":
    main()

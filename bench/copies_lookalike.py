"""What does Lookalike answer, driven as its users drive it? It indexes and searches, each in a process of its own.

    python bench/copies_lookalike.py index PICTURES GALLERY LIMIT
    python bench/copies_lookalike.py serve QUERIES GALLERY 0

Names of queries come on stdin, a line each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from edited_copies.material import Material, Part
from edited_copies.peers import TOP, Found
from lookalike.config import load_settings
from lookalike.library import Lookalike
from lookalike.search.searcher import COPY_SUFFIX
from lookalike.types import Hit, Tier
from real_photos import spread

_SAMPLE = 600
"""Pictures indexed with and without the copy engine, to see what it adds; of every kind as many as its share is."""
_RANKS = {Tier.IDENTICAL: 3.0, Tier.EDITED: 2.0, Tier.SIMILAR: 0.0}
_SHARING = 1.0
"""Added to the confidence, so that pairs of all queries rank as each answer's hits do: by tier first, and of what is
merely similar first what shares a region."""


@dataclass(frozen=True)
class Served:
    """What Lookalike answered, and what it cost."""

    answers: list[list[Found]]
    regions: list[dict[str, Part]]
    """Of every query: file → the best matched region."""
    sharing: list[list[str]]
    """Of every query: files said to share a region and no more."""
    costs: dict[str, float]


def run_lookalike(made: Material, work: Path) -> Served:
    """Index and search, each in a process of its own."""
    with tempfile.TemporaryDirectory(dir=work) as temporary:
        gallery = Path(temporary) / "bench.gallery"
        indexed = _child("index", made.gallery, gallery)
        costs = {"index_cpu_s": indexed["cpu_s"], "index_s": indexed["s"], "bytes": indexed["bytes"]}
        costs |= added_cost(made.gallery, Path(temporary))
        served = _child("serve", made.queries, gallery, stdin="\n".join(one.file for one in made.asked))
    answers = [[Found(hit["file"], hit["score"], hit["accepted"]) for hit in hits] for hits in served["hits"]]
    regions = [{hit["file"]: _part(hit["region"]) for hit in hits if hit["region"]} for hits in served["hits"]]
    sharing = [[hit["file"] for hit in hits if hit["shares"]] for hits in served["hits"]]
    taken = np.array(served["seconds"]) * 1e3
    p50, p95 = np.percentile(taken, [50, 95])
    costs |= {"p50": p50, "p95": p95, "open_s": served["open_s"], "memory": served["memory"]}
    return Served(answers, regions, sharing, costs)


def added_cost(pictures: Path, work: Path) -> dict[str, float]:
    """Index a sample with and without features, and give what they and the copy vector add to a picture."""
    count = min(_SAMPLE, sum(1 for _ in pictures.iterdir()))
    with_, without = (
        _child("index", pictures, work / f"{features}.gallery", limit=count, features=features)
        for features in ("fast", "none")
    )
    return {
        "added_cpu_ms": (with_["cpu_s"] - without["cpu_s"]) / count * 1e3,
        "added_of": count,
        "added_bytes": (with_["bytes"] - without["bytes"]) / count + with_["vector_bytes"],
    }


def _part(region: Sequence[Sequence[Sequence[float]]]) -> Part:
    query, image = (tuple((x, y) for x, y in polygon) for polygon in region)
    return Part(query, image)


def _child(name: str, pictures: Path, file: Path, stdin: str = "", limit: int = 0, features: str = "") -> dict:
    command = [sys.executable, __file__, name, str(pictures.resolve()), str(file.resolve()), str(limit)]
    environment = {"OPENBLAS_NUM_THREADS": "1"} | os.environ  # as the command `lookalike` does
    environment |= {"LOOKALIKE_FEATURES": features} if features else {}
    done = subprocess.run(
        command,
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    return json.loads(done.stdout)


def main() -> None:
    """Do one part of the work, and print what came of it as JSON."""
    part, pictures, gallery, limit = sys.argv[1:]
    with Lookalike(Path(gallery), settings=load_settings()) as library:
        work = _index if part == "index" else _serve
        done = work(library, Path(pictures), int(limit))
    # Closed, the gallery holds nothing twice any more: what is in its log has been merged.
    print(json.dumps(done | {"bytes": library.gallery_path.stat().st_size}))


def _index(library: Lookalike, pictures: Path, limit: int) -> dict:
    wanted: Path | list[Path] = spread(sorted(pictures.iterdir()), limit) if limit else pictures
    start, before = time.perf_counter(), _cpu_s()
    outcomes = [one.outcome for one in library.index(wanted)]
    assert all(outcome == "added" for outcome in outcomes), "a made picture was not taken in"
    seconds, cpu_s = time.perf_counter() - start, _cpu_s() - before
    vector_bytes = sum(2 * one.dim for name, one in library.gallery.spaces.items() if name.endswith(COPY_SUFFIX))
    return {"s": seconds, "cpu_s": cpu_s, "vector_bytes": vector_bytes}


def _serve(library: Lookalike, queries: Path, _: int) -> dict:
    names = sys.stdin.read().split("\n")
    start = time.perf_counter()
    library.search(queries / names[0])
    open_s = time.perf_counter() - start
    hits, seconds = [], []
    for name in names:
        start = time.perf_counter()
        answer = library.search(queries / name, TOP)
        seconds.append(time.perf_counter() - start)
        hits.append([_hit(hit) for hit in answer.hits])
    memory = psutil.Process().memory_info().rss
    return {"hits": hits, "seconds": seconds, "open_s": open_s, "memory": memory}


def _hit(hit: Hit) -> dict:
    regions = hit.evidence.regions
    shares = hit.evidence.relation == "shares_region"
    return {
        "file": Path(hit.record.path).name,
        "score": _RANKS[hit.tier] + shares * _SHARING + hit.confidence,
        "accepted": hit.tier is not Tier.SIMILAR,
        "shares": shares,
        "region": [regions[0].query, regions[0].image] if regions else None,
    }


def _cpu_s() -> float:
    """Give the CPU seconds of this process and of the decoders it started."""
    own = psutil.Process()
    return sum(one.cpu_times().user + one.cpu_times().system for one in (own, *own.children(recursive=True)))


if __name__ == "__main__":
    main()

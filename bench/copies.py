"""Does Lookalike find edited copies, and only those, and how do the usual hashes do on the same files?

The gallery holds at least 20,000 pictures: the sources that edited queries were made from, edited pictures whose
originals are queries, pictures that share a scene or a watermark with a query and are another picture, and distractors.
Lookalike is driven as its users drive it, `Lookalike.index` and `Lookalike.search`, in a process of its own; a hit of
tier `identical` or `edited` counts as accepted. Peers read the same files and compare with every signature; they accept
up to the distance that their authors name. See copies_edits.py, copies_pairs.py and copies_material.py for what is
asked, copies_measures.py for how it is judged, and copies_reviewed.py for copies that the labels do not know.

The packages that only this bench needs: augly, pdqhash, ImageHash, image-match and imagededup, the last two with
`--no-deps` (one pins an old scikit-image, the other wants torch for what is not used here), and what they import:
iopath, python-magic, regex, scikit-image, scikit-learn, PyWavelets, tqdm, matplotlib.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from copies_edits import GROUPS
from copies_material import Amounts, Asked, Material, Part, data_folder, material
from copies_measures import Marks, is_kept, is_unknown, mark, region_overlap
from copies_peers import TOP, Found, peers, run_peer
from copies_reviewed import with_reviewed
from lookalike.config import load_settings
from lookalike.library import Lookalike
from lookalike.search.searcher import COPY_SUFFIX
from lookalike.types import Hit, Tier
from report import Table, record

_QUICK = Amounts(gallery=1_500, sources=300, per_kind=2, unknown=100, strangers=60, companions=30, studio=160, pairs=6)
_SAMPLE = 600
"""Pictures indexed with and without the copy engine, to see what it adds."""
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


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        child(arguments)
        return
    amounts = _QUICK if arguments.quick else Amounts(gallery=arguments.gallery, per_kind=arguments.per_kind)
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        made = material(data_folder(), work, arguments.seed, amounts)
        made = replace(made, asked=with_reviewed(made.gallery.parent.name, made.asked))
        ours = run_lookalike(made, work)
        everyone, by_group = compare(made, ours, with_peers=not arguments.no_peers)
        show_mistakes(made, ours, made.gallery.parent / "mistakes.txt")
    details = detail(made.asked, ours)
    command = f"python bench/copies.py --seed {arguments.seed}" + (" --quick" if arguments.quick else "")
    for section, table in (
        ("Edited copies: all engines", everyone),
        ("Edited copies: success@1 by group", by_group),
        ("Edited copies: Lookalike", details),
    ):
        print(f"\n{section}\n\n{table}")
        if arguments.record:
            record(section, command, table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of what is made: pictures drawn, edits, pairs")
    parser.add_argument("--gallery", type=int, default=Amounts.gallery, help="pictures to search among")
    parser.add_argument("--per-kind", type=int, default=Amounts.per_kind, help="queries of every kind of edit")
    parser.add_argument("--work", type=Path, help="a folder for what is made, used again where the seed is the same")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK.gallery:,} pictures, 2 queries of every kind")
    parser.add_argument("--no-peers", action="store_true", help="Lookalike alone")
    parser.add_argument("--record", action="store_true", help="append the tables to docs/benchmarks.md")
    parser.add_argument("--child", choices=("index", "serve"), help=argparse.SUPPRESS)
    parser.add_argument("--pictures", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


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
    names = sorted(one.name for one in pictures.iterdir())
    count = min(_SAMPLE, len(names))
    with_, without = (
        _child("index", pictures, work / f"{features}.gallery", limit=count, features=features)
        for features in ("fast", "none")
    )
    return {
        "added_cpu_ms": (with_["cpu_s"] - without["cpu_s"]) / count * 1e3,
        "added_bytes": (with_["bytes"] - without["bytes"]) / count + with_["vector_bytes"],
    }


def _part(region: Sequence[Sequence[Sequence[float]]]) -> Part:
    query, image = (tuple((x, y) for x, y in polygon) for polygon in region)
    return Part(query, image)


def _child(name: str, pictures: Path, file: Path, stdin: str = "", limit: int = 0, features: str = "") -> dict:
    command = [sys.executable, __file__, "--child", name, "--pictures", str(pictures), "--file", str(file)]
    environment = os.environ | ({"LOOKALIKE_FEATURES": features} if features else {})
    done = subprocess.run(
        [*command, "--limit", str(limit)],
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    return json.loads(done.stdout)


def child(arguments: argparse.Namespace) -> None:
    """Do one part of the work, and print what came of it as JSON."""
    with Lookalike(arguments.file, settings=load_settings()) as library:
        work = _index if arguments.child == "index" else _serve
        done = work(library, arguments.pictures, arguments.limit)
    # Closed, the gallery holds nothing twice any more: what is in its log has been merged.
    print(json.dumps(done | {"bytes": library.gallery_path.stat().st_size}))


def _index(library: Lookalike, pictures: Path, limit: int) -> dict:
    wanted: Path | list[Path] = sorted(pictures.iterdir())[:limit] if limit else pictures
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


def compare(made: Material, ours: Served, *, with_peers: bool) -> tuple[Table, Table]:
    """Judge everyone by the same measures."""
    gallery = sorted(made.gallery.iterdir())
    queries = [made.queries / one.file for one in made.asked]
    marks: dict[str, Marks] = {"Lookalike": mark(made.asked, ours.answers)}
    added = f"{ours.costs['added_cpu_ms']:.1f} ms", f"{ours.costs['added_bytes']:,.0f}"
    costs = {"Lookalike": (*added, f"{ours.costs['p50']:.0f} ms")}
    for peer in peers() if with_peers else ():
        file = "".join(letter if letter.isalnum() else "-" for letter in peer.name)
        run = run_peer(peer, gallery, queries, made.gallery.parent / f"{file}.npz")
        marks[peer.name] = mark(made.asked, run.answers)
        costs[peer.name] = (f"{run.cpu_s * 1e3:.1f} ms", f"{run.size}", f"{np.median(run.seconds) * 1e3:.0f} ms")
    return _everyone(marks, costs), _by_group(marks, made.asked, ours)


def _everyone(marks: dict[str, Marks], costs: dict[str, tuple[str, ...]]) -> Table:
    headings = ["engine", "success@1", "macro", "worst group", "accepted", "false accepts", "µAP"]
    headings += [
        "scene called same",
        "chrome called same",
        "scene's copies kept",
        "CPU a picture",
        "bytes",
        "query p50",
    ]
    table = Table(headings)
    for name, one in marks.items():
        table.row(
            name,
            f"{one.success:.3f}",
            f"{one.macro:.3f}",
            f"{one.worst[1]:.2f} {one.worst[0]}",
            f"{one.kept:.3f}",
            f"{one.false_accepts} of {one.unknown}",
            f"{one.micro_ap:.3f}",
            *(f"{share:.1%}" for share in (one.scenes, one.chrome, one.scene_copies)),
            *costs[name],
        )
    return table


def _by_group(marks: dict[str, Marks], asked: Sequence[Asked], ours: Served) -> Table:
    table = Table(["group", "queries", *marks, "Lookalike accepts", "Lookalike's region, mean IoU"])
    for group in GROUPS:
        chosen = [n for n, one in enumerate(asked) if one.group == group]
        kept = np.mean([is_kept(asked[n], ours.answers[n]) for n in chosen])
        overlaps = [value for n in chosen for value in overlaps_of(asked[n], ours, n)]
        region = f"{np.mean(overlaps):.3f}" if overlaps else ""
        table.row(
            group, f"{len(chosen)}", *(f"{one.groups[group]:.2f}" for one in marks.values()), f"{kept:.2f}", region
        )
    return table


def overlaps_of(asked: Asked, ours: Served, number: int) -> list[float]:
    """Give the overlap of every true region whose picture was accepted."""
    accepted = {one.file for one in ours.answers[number] if one.accepted}
    return [
        region_overlap(part, ours.regions[number].get(file)) for file, part in asked.parts.items() if file in accepted
    ]


def detail(asked: Sequence[Asked], ours: Served) -> Table:
    """Give what only Lookalike answers, and its costs."""
    everything = list(zip(asked, ours.answers, ours.sharing, strict=True))
    several = [
        sum(one.file in query.truth and one.accepted for one in found) / len(query.truth)
        for query, found, _ in everything
        if len(query.truth) > 1
    ]
    unknown = [(query, found) for query, found, _ in everything if is_unknown(query)]
    edited = [found for query, found in unknown if query.kind != "as it is"]
    table, costs = Table(["measure", "value"]), ours.costs
    count = len(ours.answers)
    table.row("queries", f"{count:,}, of them {sum(one.sort == 'edit' for one in asked):,} edited copies")
    table.row("sources of a collage that were accepted", f"{np.mean(several):.3f}")
    table.row(
        "unknown pictures accepted, as they are / edited",
        " / ".join(
            f"{sum(any(one.accepted for one in found) for found in part)} of {len(part)}"
            for part in ([found for query, found in unknown if query.kind == "as it is"], edited)
        ),
    )
    for sort in ("scene", "chrome"):
        for kind in dict.fromkeys(one.kind for one in asked if one.sort == sort):
            chosen = [
                (query, found, shares)
                for query, found, shares in everything
                if query.kind == kind and query.sort == sort
            ]
            same = sum(any(one.accepted and one.file == query.shared for one in found) for query, found, _ in chosen)
            sharing = sum(query.shared in shares for query, _, shares in chosen)
            table.row(f"{kind}: called same / said to share a region", f"{same} / {sharing} of {len(chosen)}")
    table.row(
        "the copy engine adds to indexing",
        f"{costs['added_cpu_ms']:.1f} CPU ms, {costs['added_bytes']:,.0f} bytes a picture",
    )
    table.row(
        "indexing in all",
        f"{costs['index_cpu_s']:.0f} CPU s in {costs['index_s']:.0f} s, {costs['bytes'] / 1e6:.0f} MB",
    )
    table.row("first query after opening", f"{costs['open_s']:.2f} s")
    table.row("query, from the file to ten hits", f"p50 {costs['p50']:.0f} ms, p95 {costs['p95']:.0f} ms")
    table.row("resident memory after all queries", f"{costs['memory'] / 1e6:.0f} MB")
    return table


def show_mistakes(made: Material, ours: Served, path: Path) -> None:
    """Write down every query that went wrong, so that a person can look at it."""
    lines = []
    for asked, found in zip(made.asked, ours.answers, strict=True):
        wrong = [one.file for one in found if one.accepted and one.file not in asked.truth + asked.ignored]
        if wrong or (asked.truth and not is_kept(asked, found)):
            what = (asked.file, asked.sort, f"{asked.group}: {asked.kind}", f"truth {asked.truth}", f"wrong {wrong}")
            lines.append("\t".join((*what, f"first {found[:1]}")))
    path.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()

"""Does Lookalike find edited copies, and only those, and how do the usual hashes do on the same files?

The gallery holds at least 20,000 pictures: the sources that edited queries were made from, edited pictures whose
originals are queries, pictures that share a scene or a watermark with a query and are another picture, and distractors.
Lookalike is driven as its users drive it, `Lookalike.index` and `Lookalike.search`, in a process of its own; a hit of
tier `identical` or `edited` counts as accepted. Peers read the same files and compare with every signature; they accept
up to the distance that their authors name. In edited_copies/, kinds.py, pairs.py and material.py say what is asked,
measures.py how it is judged, and reviewed.py which copies the labels do not know.

The packages that only this bench needs, which `make bench-copies` installs: augly, pdqhash, ImageHash, image-match and
imagededup, the last two with `--no-deps` (one pins an old scikit-image, the other wants torch for what is not used
here), and what they import: iopath, python-magic, regex, scikit-image, scikit-learn, PyWavelets, tqdm, matplotlib.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bars import hold
from copies_lookalike import Served, run_lookalike
from edited_copies.kinds import GROUPS
from edited_copies.material import Amounts, Asked, Material, material
from edited_copies.measures import Marks, is_kept, is_unknown, mark, region_overlap
from edited_copies.peers import PACKAGES, peers, run_peer
from edited_copies.photos import photo_folder
from edited_copies.reviewed import with_reviewed
from report import Table, record

_QUICK = Amounts(gallery=1_200, sources=200, per_kind=2, unknown=60, strangers=40, companions=20, studio=100, pairs=4)


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    amounts = _QUICK if arguments.quick else Amounts(gallery=arguments.gallery, per_kind=arguments.per_kind)
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        made = material(photo_folder(), work, arguments.seed, amounts)
        made = replace(made, asked=with_reviewed(made))
        ours = run_lookalike(made, work)
        everyone, by_group = compare(made, ours, with_peers=not arguments.no_peers)
        show_mistakes(made, ours, made.gallery.parent / "mistakes.txt")
    details = detail(made.asked, ours)
    for section, table in (
        ("Edited copies: all engines", everyone),
        ("Edited copies: success@1 by group", by_group),
        ("Edited copies: Lookalike", details),
    ):
        print(f"\n{section}\n\n{table}")
        if arguments.record:
            record(section, table, peers=("augly", *(() if arguments.no_peers else PACKAGES)))
    if arguments.quick and arguments.seed == 1:
        marks = mark(made.asked, ours.answers)
        hold(
            {
                "copies: success@1": marks.success,
                "copies: macro": marks.macro,
                "copies: µAP": marks.micro_ap,
                "copies: false accepts / unknown": marks.false_accepts / marks.unknown,
            }
        )


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
    return parser.parse_args()


def compare(made: Material, ours: Served, *, with_peers: bool) -> tuple[Table, Table]:
    """Judge everyone by the same measures; of CPU a picture, ours is what copies add, the peers' includes decoding."""
    gallery = sorted(made.gallery.iterdir())
    queries = [made.queries / one.file for one in made.asked]
    marks: dict[str, Marks] = {"Lookalike": mark(made.asked, ours.answers)}
    added = f"{ours.costs['added_cpu_ms']:.1f} ms", f"{ours.costs['added_bytes']:,.0f}"
    costs = {"Lookalike": (*added, f"{ours.costs['p50']:.0f} ms")}
    for peer in peers() if with_peers else ():
        run = run_peer(peer, gallery, queries)
        marks[peer.name] = mark(made.asked, run.answers)
        costs[peer.name] = (f"{run.cpu_s * 1e3:.1f} ms", f"{run.size}", f"{np.median(run.seconds) * 1e3:.0f} ms")
    return _everyone(marks, costs), _by_group(marks, made.asked, ours)


def _everyone(marks: dict[str, Marks], costs: dict[str, tuple[str, ...]]) -> Table:
    headings = ["engine", "success@1", "macro", "worst group", "accepted", "false accepts", "µAP, ties false first"]
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
    collages = [(query, found, shares) for query, found, shares in everything if len(query.truth) > 1]
    sources = sum(len(query.truth) for query, _, _ in collages)
    accepted = sum(one.accepted for query, found, _ in collages for one in found if one.file in query.truth)
    cut = sum(file in query.truth for query, _, shares in collages for file in shares)
    unknown = [(query, found) for query, found, _ in everything if is_unknown(query)]
    edited = [found for query, found in unknown if query.kind != "as it is"]
    table, costs = Table(["measure", "value"]), ours.costs
    count = len(ours.answers)
    table.row("queries", f"{count:,}, of them {sum(one.sort == 'edit' for one in asked):,} edited copies")
    table.row(
        "sources of a collage that were accepted / said to share a region, which those cut by its frames do",
        f"{accepted} / {cut} of {sources}",
    )
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
        f"{costs['added_cpu_ms']:.1f} CPU ms, {costs['added_bytes']:,.0f} bytes a picture, "
        f"of {costs['added_of']:,} spread over all",
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
        wrong = [one.file for one in found if one.accepted and one.file not in (*asked.truth, *asked.ignored)]
        if wrong or (asked.truth and not is_kept(asked, found)):
            what = (asked.file, asked.sort, f"{asked.group}: {asked.kind}", f"truth {asked.truth}", f"wrong {wrong}")
            lines.append("\t".join((*what, f"first {found[:1]}")))
    path.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()

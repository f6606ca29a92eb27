"""Is anything that was acknowledged ever lost, or left half-written, by a kill, a cut of power or a full disk?

Pictures are put, described, replaced and deleted until disaster strikes. Then the gallery must open and hold exactly
what was acknowledged, perhaps with the one call that was under way: every record with its contents, embedding, words
and properties; its own check must find nothing, and it must take more. How each disaster is made, the modules of
`disasters` say: `kills`, `power_cuts`, `full_disks`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from disasters.full_disks import can_mount, on_a_small_disk
from disasters.kills import Kills
from disasters.losses import Losses
from disasters.power_cuts import PowerCuts
from report import Table, record


def main() -> None:
    """Break, open, compare; exit with 1 where anything is wrong."""
    arguments = parse_arguments()
    rounds, cuts, fills = (10, 20, 3) if arguments.quick else (arguments.rounds, arguments.cuts, arguments.fills)
    table = Table(["disaster", "times", "in the midst of calls", "calls acknowledged", "lost", "by half", "damaged"])
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        done = [
            kill(Path(work) / "killed.gallery", arguments.seed, rounds, table),
            cut(Path(work), arguments.seed, cuts, table),
            fill(arguments.seed, fills, table),
        ]
    table.print()
    if arguments.record:
        record("Durability: kills, power cuts, full disks", table)
    sys.exit(any(done))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="kills")
    parser.add_argument("--cuts", type=int, default=300, help="cuts of power")
    parser.add_argument("--fills", type=int, default=50, help="times that the disk is full")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="a folder on the disk to be tested")
    parser.add_argument("--quick", action="store_true", help="few of each, whatever the others say")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def kill(path: Path, seed: int, rounds: int, table: Table) -> bool:
    """Kill processes."""
    kills = Kills(path, seed)
    for number in range(rounds):
        kills.once(number)
        progress(number + 1, "kills")
    table.row("killed", f"{rounds}", f"{kills.inside}", f"{kills.acknowledged:,}", *told(kills.losses))
    return bool(kills.losses)


def cut(work: Path, seed: int, cuts: int, table: Table) -> bool:
    """Cut the power."""
    calls = max(40, cuts)
    power = PowerCuts(work, seed, calls)
    for number in power.run(cuts):
        progress(number, "cuts of power")
    table.row("power cut", f"{cuts}", f"{power.inside}", f"{power.acknowledged:,}", *told(power.losses))
    return bool(power.losses)


def fill(seed: int, fills: int, table: Table) -> bool:
    """Fill the disk."""
    if not can_mount():
        table.row("disk full", "0", "", "this system lets nobody mount a small disk", "", "", "")
        return False
    done = on_a_small_disk(fills, seed)
    losses = Losses(done["lost"], done["halves"], done["damaged"])
    table.row("disk full", f"{fills}", f"{done['refused']}", f"{done['acknowledged']:,}", *told(losses))
    return bool(losses)


def told(losses: Losses) -> tuple[str, str, str]:
    """Write what was broken."""
    return str(losses.lost), str(losses.halves), str(losses.damaged)


def progress(number: int, of: str) -> None:
    """Tell who waits."""
    if sys.stderr.isatty():
        print(f"\r{number} {of}", end="", file=sys.stderr)


if __name__ == "__main__":
    main()

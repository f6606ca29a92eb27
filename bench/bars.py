"""Is a ratio as good as it was? What a measurement found, beside its bar in bars.toml; behind it, the run fails.

BENCH_WITHOUT_VERDICT=1 shows the same and never fails: for machines that are busy or shared, as those of CI are.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from report import Table

FILE = Path(__file__).with_name("bars.toml")


@dataclass(frozen=True)
class Bar:
    """What a ratio must reach."""

    bar: float
    noise: float
    """How far it strays on a quiet machine, as a share of the bar."""
    better: Literal["higher", "lower"]

    @property
    def limit(self) -> float:
        """What is just not behind."""
        return self.bar * (1 - self.noise if self.better == "higher" else 1 + self.noise)

    def holds(self, found: float) -> bool:
        """Say whether a ratio is not behind by more than noise; what is not a number is behind."""
        return found >= self.limit if self.better == "higher" else found <= self.limit


def read_bars(path: Path = FILE) -> dict[str, Bar]:
    """Read the bars, by name."""
    bars = {name: Bar(**bar) for name, bar in tomllib.loads(path.read_text("utf-8")).items()}
    wrong = [name for name, bar in bars.items() if bar.better not in {"higher", "lower"} or not 0 <= bar.noise < 1]
    if wrong:
        raise SystemExit(f"{path}: these bars are neither higher nor lower, or their noise is no share: {wrong}")
    return bars


def hold(found: Mapping[str, float], path: Path = FILE) -> None:
    """Print each ratio beside its bar; exit with 1 if one is behind, or has no bar."""
    bars, table = read_bars(path), Table(["ratio", "found", "bar", "at least or at most", "verdict"])
    if without := found.keys() - bars.keys():
        raise SystemExit(f"{path} has no bar for: {'; '.join(sorted(without))}")
    behind = [name for name, value in found.items() if not bars[name].holds(value)]
    for name, value in found.items():
        sign = "≥" if bars[name].better == "higher" else "≤"
        verdict = "behind" if name in behind else "holds"
        table.row(name, f"{value:.3f}", f"{bars[name].bar:g}", f"{sign} {bars[name].limit:.3f}", verdict)
    print()
    table.print()
    if behind and not os.environ.get("BENCH_WITHOUT_VERDICT"):
        print(f"Behind its bar in {path.name}: {'; '.join(behind)}.", file=sys.stderr)
        sys.exit(1)

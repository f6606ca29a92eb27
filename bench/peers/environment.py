"""In which environment do peers run? In one of their own for each measurement, made from PyPI when it is first needed.

Versions are pinned, so that two runs compare the same. `.venv-peers` in the repository's folder holds them, or the
folder that BENCH_PEERS names; `make clean` takes it away.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from watching import watched

BENCH = Path(__file__).parent.parent
REQUIREMENTS = {
    "vectors": (
        *("numpy==2.4.6", "psutil==7.2.2"),
        *("faiss-cpu==1.15.1", "lancedb==0.40.0", "qdrant-edge-py==0.9.0", "chromadb==1.5.9", "usearch==2.26.6"),
        *("zvec==0.8.0", "DeepSearchLite==0.2.1"),
    ),
    "pictures": (
        *("numpy==2.4.6", "pillow==13.0.0", "onnxruntime==1.31.1", "DeepSearchLite==0.2.1"),
        *("PyWavelets==1.9.0", "scikit-learn==1.9.1", "scipy==1.17.1", "matplotlib==3.11.2", "tqdm==4.70.1"),
    ),
}
ALONE = {"pictures": ("imagededup==0.3.3.post2",)}
"""Packages installed without what they require: imagededup wants torch for networks that are not asked here."""


class PeerFailed(Exception):
    """A peer gives no figures; why, with the end of what it said. What others gave by then is worth telling."""


def python_of(group: str) -> Path:
    """Give the interpreter that has a group's packages; makes its environment where there is none, or an older one."""
    folder = Path(os.environ.get("BENCH_PEERS") or BENCH.parent / ".venv-peers") / group
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join((*REQUIREMENTS[group], *ALONE.get(group, ())))
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        print(f"Installing peers into {folder}, once.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS[group]], check=True)
        if group in ALONE:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *ALONE[group]], check=True)
        stamp.write_text(wanted, "utf-8")
    return python


def run_peer(group: str, module: str, *arguments: str, timeout_s: float = 3_600) -> dict[str, Any]:
    """Run a module of bench/ in a group's environment, and read the JSON that it writes to the file named last.

    `peak_bytes` is added: the most memory that it held.

    Raises:
        PeerFailed: it took too long, or failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        try:
            done = watched([python_of(group), "-m", module, *arguments, result], BENCH, timeout_s)
        except subprocess.TimeoutExpired as late:
            raise PeerFailed(f"{module} {' '.join(arguments)} took more than {timeout_s:,.0f} s") from late
        if done.returncode:
            raise PeerFailed(f"{module} {' '.join(arguments)} failed with {done.returncode}:\n{done.stderr[-2_000:]}")
        read: dict[str, Any] = json.loads(result.read_text("utf-8"))
        return read | {"peak_bytes": done.peak_bytes}

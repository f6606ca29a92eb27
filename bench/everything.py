"""Is everything as good as it was? All measurements in their short form, in a quarter of an hour.

Each runs even when one before has failed; at the end stands which did, and how long each took. What needs
photos, Chromium or packages that are not there is left out, and it says so.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from real_photos import tar_of
from report import Table

BENCH = Path(__file__).parent
SHORT = (
    "startup.py --quick",
    "encode_rate.py --rounds 2",
    "index_rate.py --pictures 400 --megapixels 0.2 2 --peers",
    "semantic.py --quick",
    "vector_search.py --quick --peers 'FAISS HNSW-SQ8' 'usearch f16'",
    "growth.py --quick",
    "durability.py --quick",
    "exchange_rate.py --records 10000",
    "http_latency.py --images 3000 --queries 20",
    "http_load.py --images 3000 --pictures 50 --seconds 2",
    "http_overload.py --images 3000 --pictures 50 --seconds 3",
    "http_endurance.py --images 3000 --pictures 50 --minutes 0.2",
    "http_fuzz.py --requests 1000",
    "copies_million.py --images 6000",
)
WITH_CHROMIUM = ("web_app.py --images 5000 --hits 1000 --pastes 3",)
WITH_MILVUS = ("on_milvus.py --records 5000 --queries 50", "on_engines.py --records 500", "on_full_milvus.py")
WITH_TORCH = (
    "torch_rate.py --rounds 2",
    "known_encoders.py --rounds 1 mini timm:efficientnet_b0@ra_in1k hf:facebook/dinov2-small",
)
WITH_PHOTOS = (
    "words.py",
    "words_million.py --records 20000",
    "copies.py --quick --no-peers",
    "duplicates.py --pictures 2000",
)


def main() -> None:
    """Run all, and exit with 1 where any failed."""
    table, failed = Table(["measurement", "took", "came to"]), False
    for script in wanted():
        print(f"\n== {script}\n", flush=True)
        began = time.monotonic()
        name, *arguments = shlex.split(script)
        code = subprocess.run([sys.executable, BENCH / name, *arguments], check=False).returncode
        table.row(script, f"{time.monotonic() - began:.0f} s", "its end" if code == 0 else f"exit code {code}")
        failed |= code != 0
    print()
    table.print()
    sys.exit(failed)


def wanted() -> list[str]:
    """Give what can be measured here, and say what cannot."""
    chromium = os.environ.get("LOOKALIKE_TEST_CHROMIUM") or shutil.which("chromium")
    scripts = list(SHORT)
    for more, is_there, why in (
        (WITH_CHROMIUM, chromium, "there is no Chromium"),
        (WITH_MILVUS, find_spec("milvus") and find_spec("pymilvus"), "the package `milvus` is not installed"),
        (WITH_TORCH, find_spec("timm"), "`timm` is not installed"),
        (WITH_PHOTOS, tar_of("openstax-photos"), "LOOKALIKE_TEST_DATA names no folder of photos"),
    ):
        if is_there:
            scripts += more
        else:
            print(f"Not measured, because {why}: {', '.join(more)}")
    return scripts


if __name__ == "__main__":
    main()

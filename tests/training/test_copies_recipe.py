"""Can the verdict on copies be made again from nothing but its recipe?"""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lookalike.copies.verdict import FITTED
from lookalike.testing import picture_bytes

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def write_photos(folder: Path, count: int) -> None:
    """Draw a set of pictures like the one that the recipe reads."""
    with tarfile.open(folder / "flickr8k-train.tar", "w") as archive:
        for seed in range(count):
            content = picture_bytes(seed, (224, 224), quality=95)
            member = tarfile.TarInfo(f"{seed:03}.jpg")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_the_recipe_writes_a_verdict_that_tells_copies_from_others(tmp_path: Path):
    write_photos(tmp_path, 40)
    out = tmp_path / "verdict.json"
    options = {"--data": tmp_path, "--out": out, "--copies": 1, "--sharing": 9, "--strangers": 6}
    command = [sys.executable, str(ROOT / "training" / "copies_verdict.py")]
    command += [str(part) for option in options.items() for part in option]
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert made.returncode == 0, made.stderr
    found, shipped = json.loads(out.read_text("utf-8")), json.loads(FITTED.read_text("utf-8"))
    assert found.keys() == shipped.keys()
    assert found["same"].keys() == shipped["same"].keys()
    assert found["same"]["brier"] < 0.2
    assert "stranger" in made.stdout

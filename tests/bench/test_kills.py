"""Is it seen when a program that is to be killed does not even live?"""

import os
from importlib import import_module

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")]


def test_a_program_that_ends_by_itself_is_damage(bench, tmp_path):
    kills = import_module("disasters.kills").Kills(tmp_path / "nowhere" / "killed.gallery", seed=0)
    (tmp_path / "nowhere").write_text("no folder")
    kills.once(0)
    assert kills.acknowledged == 0
    assert kills.losses.damaged

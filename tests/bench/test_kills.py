"""Is it seen when a program that is to be killed does not even live?"""

import os
from importlib import import_module

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")]


def test_a_program_that_ends_by_itself_is_damage_though_the_gallery_goes_on(bench, tmp_path, monkeypatch):
    module = import_module("disasters.kills")
    monkeypatch.setattr(module, "BENCH", tmp_path)  # where there is no such program
    kills = module.Kills(tmp_path / "killed.gallery", seed=0)
    kills.once(0)
    assert kills.acknowledged == 0
    assert kills.losses.damaged == 1

"""Lets tests import the modules of bench/, and only while they run."""

from pathlib import Path

import pytest


@pytest.fixture
def bench(monkeypatch):
    """Give the folder of the benches, and let what lies in it be imported."""
    folder = Path(__file__).parents[2] / "bench"
    if not folder.exists():
        pytest.skip("the benches are not here")
    monkeypatch.syspath_prepend(folder)
    return folder

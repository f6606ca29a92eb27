"""Is a work folder gone on with only by the settings that it was filled with?"""

from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_a_work_folder_keeps_to_its_settings(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "training")
    keep_to = import_module("work_folder").keep_to
    for _ in range(2):
        keep_to(tmp_path / "work", limit=None, share=1.0)
    with pytest.raises(SystemExit, match="give another --work"):
        keep_to(tmp_path / "work", limit=50, share=1.0)
    keep_to(tmp_path / "trial", limit=50, share=1.0)

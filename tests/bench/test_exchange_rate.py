"""Are exports and imports measured each in a process of its own?"""

import subprocess
import sys
from importlib import import_module

import pytest

pytestmark = pytest.mark.slow


def test_each_way_of_each_layout_has_a_process_of_its_own(bench, tmp_path, monkeypatch):
    module, begun = import_module("exchange_rate"), []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **how: begun.append(command) or run(command, **how))
    monkeypatch.setattr(module, "export", lambda *_: pytest.fail("the parent exports"))
    monkeypatch.setattr(sys, "argv", ["exchange_rate.py", "--records", "300", "--dim", "16", "--work", str(tmp_path)])
    module.main()
    assert [(command[3], command[5]) for command in begun] == [
        ("export", "parquet"),
        ("import", "parquet"),
        ("export", "clip-retrieval"),
        ("import", "clip-retrieval"),
    ]

"""Does a recorded table say by which command it came to be?"""

from importlib import import_module

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["bench/copies.py", "--seed", "2", "--gallery", "5000", "--record"], "--seed 2 --gallery 5000"),
        (["/a/bench/copies.py", "--quick", "--work=/data/x", "--per-kind", "3"], "--quick --per-kind 3"),
        (
            ["copies.py", "--work", "/data/x", "--record", "--encoder", "mini", "onnx:~/a b.onnx"],
            "--encoder mini 'onnx:~/a b.onnx'",
        ),
        (["bench/copies.py"], ""),
    ],
)
def test_the_command_is_given_as_it_was_written_but_for_where_it_worked(bench, tmp_path, monkeypatch, given, said):
    report = import_module("report")
    monkeypatch.setattr(report, "BENCHMARKS", tmp_path / "benchmarks.md")
    monkeypatch.setattr("sys.argv", given)
    table = report.Table(["measure", "value"])
    report.record("Copies", table)
    assert f": `{f'python bench/copies.py {said}'.strip()}`\n" in report.BENCHMARKS.read_text("utf-8")

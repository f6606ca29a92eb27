"""Does a measurement fail where it falls behind, and only there?"""

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench"
BARS = """
[a]
bar = 0.8
noise = 0.1
better = "higher"
[b]
bar = 10
noise = 0.2
better = "lower"
"""


def hold(tmp_path, found, *, bars=BARS, **environment):
    """Judge in a process of its own, as a measurement does."""
    (tmp_path / "bars.toml").write_text(bars)
    code = f"from pathlib import Path; from bars import hold; hold({found}, Path({str(tmp_path / 'bars.toml')!r}))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=BENCH,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"a": 0.73, "b": 11.9}, 0),
        ({"a": 0.71}, 1),
        ({"b": 12.1}, 1),
        ({"a": 5.0, "b": 0.0}, 0),
        ({"a": "float('nan')"}, 1),
    ],
)
def test_a_ratio_may_stray_by_noise_and_no_more(tmp_path, found, code):
    done = hold(tmp_path, str(found).replace('"', ""), PATH="")
    assert done.returncode == code, done.stderr
    assert ("behind" in done.stdout) is bool(code)
    if code:
        assert "Behind its bar in bars.toml" in done.stderr


@pytest.mark.slow
def test_without_a_verdict_it_is_said_and_does_not_fail(tmp_path):
    done = hold(tmp_path, {"a": 0.1}, BENCH_WITHOUT_VERDICT="1")
    assert done.returncode == 0
    assert "behind" in done.stdout


def test_every_bar_belongs_to_a_script_that_the_short_form_runs(bench):
    everything = import_module("everything")
    commands = [one for name, some in vars(everything).items() if name.isupper() and name != "BENCH" for one in some]
    run = {command.split()[0] for command in commands}
    assert {f"{name.partition(': ')[0]}.py" for name in import_module("bars").read_bars()} <= run


def test_the_short_form_holds_a_bar_for_each_that_the_long_one_holds(bench):
    everything, index_rate = import_module("everything"), import_module("index_rate")
    limits = ("limit", "limit of all parts")
    ratios = {f"rate / {limit}, {kept}": 1.0 for limit in limits for kept in index_rate.FEATURES.values()}
    short = [int(one.split()[2]) for one in everything.SHORT if one.startswith("index_rate.py")]
    bars = {name for name in import_module("bars").read_bars() if name.startswith("index_rate: rate / ")}
    of_short = {name for pictures in short for name in index_rate.judged(pictures, ratios, {})}
    of_long = index_rate.judged(5_000, ratios, {}).keys()
    assert bars == of_short | of_long
    assert {name.removesuffix(", short form") for name in of_short} == of_long


def test_every_bar_is_held_by_a_measurement_and_every_ratio_has_a_bar():
    bars = tomllib.loads((BENCH / "bars.toml").read_text("utf-8"))
    everything = "".join(path.read_text("utf-8") for path in BENCH.rglob("*.py"))
    for name, bar in bars.items():
        script, _, ratio = name.partition(": ")
        text = (BENCH / f"{script}.py").read_text("utf-8")
        assert "hold(" in text, name
        first, *others = re.split(", | of | / ", ratio)
        assert first in text, name
        assert all(part in everything for part in others), name
        assert bar.keys() == {"bar", "noise", "better"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        "startup.py --runs 1 --pictures 20",
        "growth.py --most 16000",
        "semantic.py --most 12",
    ],
)
def test_the_cheapest_measurements_run(tmp_path, script):
    name, *arguments = script.split()
    done = subprocess.run(
        [sys.executable, BENCH / name, *arguments],
        cwd=tmp_path,
        env=os.environ | {"BENCH_WITHOUT_VERDICT": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("|") > 10


@pytest.mark.parametrize("most", [4_000, 20_000_000])
def test_growth_is_not_measured_of_other_sizes_than_are_asked_for(bench, monkeypatch, capsys, most):
    growth = import_module("growth")
    monkeypatch.setattr(sys, "argv", ["growth.py", "--most", str(most)])
    with pytest.raises(SystemExit):
        growth.parse_arguments()
    assert "it takes 16,000 to 10,000,000" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["memory", "a query by vector", "a query by words"])
def test_what_grows_as_fast_as_the_gallery_is_behind(bench, what):
    assert not import_module("bars").read_bars()[f"growth: exponent of {what}"].holds(0.95)

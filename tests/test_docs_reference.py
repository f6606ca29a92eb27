"""Do the reference pages say what the program does?"""

import re
import shlex
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import typer.main

from lookalike.cli import app
from lookalike.config import Settings

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def generate():
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cli.md", "known-encoders.md", "settings.md", "http-api.md", "openapi.json"])
def test_the_page_is_what_the_program_says(generate, name):
    assert (DOCS / name).read_text("utf-8") == generate.PAGES[name](), "run `make docs`"


def test_every_verb_and_every_option_is_on_the_page():
    page = (DOCS / "cli.md").read_text("utf-8")
    for name, verb in typer.main.get_command(app).commands.items():
        section = page.partition(f"## lookalike {name}\n")[2].partition("\n## ")[0]
        assert verb.help.splitlines()[0][:60] in section
        for parameter in verb.params:
            assert all(spelling in section for spelling in parameter.opts if spelling.startswith("-")), parameter.name


def test_every_setting_is_explained():
    page = (DOCS / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert re.search(rf"^\| `{name}` \|.*\| `LOOKALIKE_{name.upper()}` \| \S", page, re.MULTILINE)
        assert field.description.endswith((".", ".`"))


def test_a_default_is_shown_as_its_variable_takes_it():
    page = (DOCS / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        shown = re.search(rf"^\| `{name}` \| (.+?) \|", page, re.MULTILINE)[1].strip("`")
        if shown != "–":
            assert getattr(Settings.model_validate({name: shown}), name) == field.default, name


def test_what_a_setting_takes_is_shown():
    page = (DOCS / "settings.md").read_text("utf-8")
    takes = dict(re.findall(r"^\| `(\w+)` \| .+? \| (.*?) \| `LOOKALIKE_", page, re.MULTILINE))
    assert takes["effort"] == "`fast`, `normal`, `thorough`"
    assert takes["captions"] == "`true`, `false`"
    assert (takes["caption_beams"], takes["port"]) == ("1 to 16", "0 to 65,535")
    assert takes["max_bytes"] == ""


def examples() -> list[str]:
    page = (DOCS / "cli.md").read_text("utf-8")
    return [line.strip() for line in page.splitlines() if re.match(r" {4}(\S.* \| )?lookalike [a-z]", line)]


def test_every_verb_has_an_example():
    verbs = {line.partition("lookalike ")[2].split()[0] for line in examples()}
    assert verbs == set(typer.main.get_command(app).commands)


@pytest.mark.slow
@pytest.mark.parametrize("line", examples())
def test_an_example_is_understood(line):
    verb, *arguments = shlex.split(line.rpartition("| ")[2])[1:]
    command = typer.main.get_command(app).commands[verb]
    with command.make_context(verb, arguments) as context:
        assert context.params


@pytest.mark.slow
def test_a_page_that_is_out_of_date_is_noticed(tmp_path):
    for path in (DOCS / "generate.py", DOCS / "openapi.json", *DOCS.glob("*.md")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "settings.md").write_text("old", "utf-8")
    check = [sys.executable, tmp_path / "generate.py", "--check"]
    done = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "Out of date: settings.md. Run `make docs`."
    assert (tmp_path / "settings.md").read_text("utf-8") == "old"

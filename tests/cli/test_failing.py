import errno
import inspect
import os
import subprocess
import sys
from io import StringIO

import pytest
import typer
from typer.testing import CliRunner

from lookalike import errors
from lookalike.cli import app, main
from lookalike.cli.failing import EXIT_CODES, Verbs, exit_code
from lookalike.models.writing import telling_disk


def kinds(base=errors.LookalikeError):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_error_has_an_exit_code_of_its_own_or_its_parents():
    assert set(errors.LookalikeError.__subclasses__()) - {*EXIT_CODES} == set()
    assert {exit_code(kind("what")) for kind in kinds()} == {2, 3}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_no_models_is_no_mistake_in_what_was_asked(tmp_path, number):
    with pytest.raises(errors.MachineError) as caught, telling_disk(tmp_path):
        raise OSError(number, os.strerror(number))
    assert exit_code(caught.value) == 3


def test_no_verb_shows_the_help(cli):
    done = cli()
    assert done.code == 2
    assert "Commands:" in done.stdout + done.stderr


def test_version(cli):
    done = cli("--version")
    assert done.code == 0
    assert done.stdout.startswith("lookalike 0.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serch", "a.jpg"], "Did you mean 'search'"),
        (["search", "a.jpg", "--wher", "x"], "--where"),
        (["search"], "Missing argument"),
        (["search", "a.jpg", "-k", "many"], "-k"),
        (["export", "x", "--layout", "csv"], "clip-retrieval"),
        (["--config", "nowhere.toml", "info"], "no file 'nowhere.toml'"),
        (["info", "--gallery", "redis://host/name"], "no gallery of the kind"),
        (["index", ".", "--encoder", "resnet"], "no encoder 'resnet'"),
        (["index", "nowhere"], "no file or folder"),
        (["info"], "lookalike index"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do_instead(cli, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = cli(*arguments)
    assert done.code == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        "index PATH",
        "index --table",
        "index --images",
        "serve PATH",
        "duplicates PATH",
        "duplicates --apply move --to",
        "duplicates --protect",
        "evaluate PATH",
        "demo DIR",
        "copy a.gallery DST",
        "reencode --drop",
        "reencode --encoder",
        "search words --gallery",
        "search words --encoder",
        "caption a.jpg --captioner",
        "import a.parquet --space",
        "keys add phone --expires",
    ],
)
def test_an_empty_name_is_refused_and_means_neither_the_folder_one_is_in_nor_nothing(cli, arguments, tmp_path):
    *given, empty = arguments.split()
    done = cli(*given, *([empty] if empty.startswith("-") else []), "")
    assert (done.code, done.stdout) == (2, "")
    assert f"An empty text for {empty} names nothing." in done.stderr


def test_no_verb_takes_an_empty_text_for_a_path():
    for verb in app.registered_commands:
        for hint in inspect.get_annotations(verb.callback).values():
            about = getattr(hint, "__metadata__", [None])[0]
            if about is not None and "Path" in str(hint.__origin__):
                with pytest.raises(errors.BadInput, match="names nothing"):
                    about.parser("")


def test_a_setting_that_is_wrong_is_said_with_where_it_stands(cli, tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text("prot = 8000\n")
    done = cli("--config", tmp_path / "mine.toml", "info")
    assert done.code == 2
    assert "mine.toml, line 1: there is no setting 'prot'" in done.stderr
    assert "port" in done.stderr


def test_a_gallery_that_is_none_is_an_outside_error(cli, tmp_path):
    (tmp_path / "broken.gallery").write_bytes(b"this is no database" * 100)
    done = cli("info", "--gallery", tmp_path / "broken.gallery")
    assert done.code == 3
    assert done.stderr.startswith("lookalike: ")
    assert "Traceback" not in done.stderr


def test_debug_shows_where(cli, tmp_path):
    done = cli("--debug", "info", "--gallery", tmp_path / "none.gallery")
    assert done.code == 2
    assert "Traceback" in done.stderr


def test_a_star_reaches_a_verb_as_it_was_written_on_windows_too(monkeypatch, tmp_path, capsys):
    (tmp_path / "a.png").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["lookalike", "*.png"])
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with pytest.raises(SystemExit):
            main()
    assert "No such command '*.png'" in capsys.readouterr().err


@pytest.mark.slow
def test_a_bug_asks_to_be_reported_and_has_a_code_of_its_own():
    broken = (
        "import sys, lookalike.library\n"
        "class Broken:\n"
        "    def __init__(self, *_, **__): raise ZeroDivisionError('by zero')\n"
        "lookalike.library.Lookalike = Broken\n"
        "from lookalike.cli import main\n"
        "sys.argv = ['lookalike', *sys.argv[1:], 'info']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "this is a bug, sorry: ZeroDivisionError: by zero" in done.stderr
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr
    done = subprocess.run([sys.executable, "-c", broken, "--debug"], capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("where", "code"), [(">&-", 0), ("2>&-", 0), (">/dev/full", 3)])
def test_a_closed_or_full_output_is_no_bug(gallery, where, code):
    line = f"'{sys.executable}' -m lookalike info --gallery '{gallery}' {where}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "bug" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb", ["encoders", "doctor", "search 3.jpg", "evaluate --copies --queries 1 --report a.html"]
)
def test_whoever_reads_only_the_beginning_gets_no_error(start, album, gallery, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "3.jpg").symlink_to(album / "3.jpg")
    monkeypatch.setenv("LOOKALIKE_GALLERY", str(gallery))
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*verb.split(), stdout=writer)
    os.close(writer)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 0, said
    assert "roken pipe" not in said
    assert (tmp_path / "a.html").exists() == ("--report" in verb)


@pytest.mark.parametrize(("refused", "code"), [([OSError(errno.EINVAL, "Invalid argument")], 0), ([], 3)])
def test_a_closed_pipe_is_known_by_what_windows_says_of_it(monkeypatch, refused, code):
    class Output(StringIO):
        def flush(self):
            for error in refused[:]:
                refused.remove(error)
                raise error

        def fileno(self):
            return os.open(os.devnull, os.O_WRONLY)

    verbs = typer.Typer(cls=Verbs)

    @verbs.command()
    def fail() -> None:
        monkeypatch.setattr(sys, "stdout", Output())
        raise OSError(errno.EINVAL, "Invalid argument")

    verbs.callback()(lambda: None)
    assert CliRunner().invoke(verbs, ["fail"]).exit_code == code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.html"), "No space left on device: a.html\nMake room"),
        (OSError(errno.ENOSPC, "No space left on device", "a.png", None, "b.png"), "device: a.png → b.png\nMake room"),
        (PermissionError(errno.EACCES, "Permission denied", "a.html"), "Permission denied: a.html\nSee who may "),
        (OSError(errno.EROFS, "Read-only file system", "a.html"), "Read-only file system: a.html\nSee who may "),
        (OSError(errno.EIO, "Input/output error"), "lookalike: Input/output error\n"),
    ],
)
def test_what_the_disk_refuses_is_said_with_where_and_what_to_do(error, said):
    verbs = typer.Typer(cls=Verbs)

    @verbs.command()
    def fail() -> None:
        raise error

    verbs.callback()(lambda: None)
    done = CliRunner().invoke(verbs, ["fail"])
    assert done.exit_code == 3
    assert said in done.stderr


@pytest.mark.slow
def test_names_that_could_fool_a_terminal_are_made_harmless_in_messages(cli):
    done = cli("index", "evil\x1b[2J\x07.jpg")
    assert done.code == 2
    assert "\x1b" not in done.stderr
    assert "\x07" not in done.stderr

"""Do settings come from where they should, and is every mistake named with its place?"""

import re
import tomllib
from pathlib import Path
from typing import Literal, get_origin

import pytest
from platformdirs import user_config_path
from pydantic import ValidationError

from lookalike.config import Settings, load_settings
from lookalike.errors import BadInput, NotFound


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to work in; the environment and the user's folders are emptied for every test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_anything_set_the_defaults_count():
    settings = load_settings()
    assert settings == Settings()
    assert (settings.encoder, settings.host, settings.port, settings.gallery) == ("", "127.0.0.1", 8077, "")
    assert settings.workers is None
    assert settings.fetch_allow == ()


def test_flags_outrank_variables_which_outrank_the_file_which_outranks_the_defaults(monkeypatch):
    write(Path("lookalike.toml"), "port = 1\nmax_pixels = 1\nmax_frames = 1\n")
    monkeypatch.setenv("LOOKALIKE_PORT", "2")
    monkeypatch.setenv("LOOKALIKE_MAX_PIXELS", "2")
    settings = load_settings(port=3, max_pixels=None)
    assert (settings.port, settings.max_pixels, settings.max_frames, settings.encoder) == (3, 2, 1, "")


def test_the_file_that_is_named_first_counts_and_the_others_are_not_read(monkeypatch, folder):
    write(user_config_path("lookalike", appauthor=False) / "lookalike.toml", "port = 1")
    assert load_settings().port == 1
    write(Path("lookalike.toml"), "port = 2")
    assert load_settings().port == 2
    monkeypatch.setenv("LOOKALIKE_CONFIG", str(write(folder / "three.toml", "port = 3")))
    assert load_settings().port == 3
    assert load_settings(write(folder / "four.toml", "port = 4")).port == 4


def test_a_file_in_the_home_folder_may_be_named_with_a_tilde(home):
    write(home / "mine.toml", "port = 5")
    assert load_settings(Path("~/mine.toml")).port == 5


def test_a_named_file_that_is_not_there_is_not_found(monkeypatch):
    with pytest.raises(NotFound, match=r"no file 'gone\.toml', which --config names"):
        load_settings(Path("gone.toml"))
    monkeypatch.setenv("LOOKALIKE_CONFIG", "gone.toml")
    with pytest.raises(NotFound, match=r"no file 'gone\.toml', which LOOKALIKE_CONFIG names"):
        load_settings()


def test_a_named_file_that_nobody_can_look_for_says_why():
    with pytest.raises(BadInput, match=r"cannot be read: \w+"):
        load_settings(Path("long" * 100))


def test_a_usual_place_where_nobody_can_look_is_passed_over(monkeypatch):
    monkeypatch.setattr("lookalike.config.user_config_path", lambda *_, **__: Path("long" * 100))
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("gallery", "~/a b.gallery", "~/a b.gallery"),
        ("exclude", "*.png, trash/*,", ("*.png", "trash/*")),
        ("fetch_allow", "nas.local,192.168.0.0/16", ("nas.local", "192.168.0.0/16")),
        ("hosts", "photos.local", ("photos.local",)),
        ("workers", "3", 3),
        ("max_bytes", "12MB", 12_000_000),
        ("fetch_max_bytes", "1 GiB", 2**30),
        ("max_upload_bytes", "1000", 1000),
        ("decode_timeout_s", "2.5", 2.5),
        ("fetch_use_environment_proxies", "true", True),
        ("fetch_use_environment_proxies", "0", False),
        ("port", "0", 0),
    ],
)
def test_a_variable_is_read_as_its_setting_needs(monkeypatch, name, text, value):
    monkeypatch.setenv(f"LOOKALIKE_{name.upper()}", text)
    assert getattr(load_settings(), name) == value


def test_every_setting_can_be_set_in_the_file_and_in_the_environment(monkeypatch, folder):
    for name, field in Settings.model_fields.items():
        default = field.default
        lines = f"{name} = {repr(list(default)) if isinstance(default, tuple) else repr(default).lower()}"
        path = write(folder / f"{name}.toml", lines.replace("= none", "= 1"))
        tomllib.loads(path.read_text())
        load_settings(path)
        monkeypatch.setenv(f"LOOKALIKE_{name.upper()}", default if get_origin(field.annotation) is Literal else "1")
    assert load_settings().model_fields_set == set(Settings.model_fields)


def test_every_setting_is_described_in_a_sentence():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load_settings().port = 1


def test_a_variable_that_is_set_but_empty_counts_as_not_set(monkeypatch):
    for name in ("PORT", "GALLERY", "CONFIG", "FETCH_ALLOW"):
        monkeypatch.setenv(f"LOOKALIKE_{name}", "")
    assert load_settings() == Settings()


def test_variables_of_the_tests_are_left_alone(monkeypatch):
    monkeypatch.setenv("LOOKALIKE_TEST_DATA", "anything")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("prot", "Did you mean port"),
        ("fetch_alow", "Did you mean fetch_allow"),
        ("fetch", "Did you mean fetch_allow, fetch_max_bytes"),
        ("xyzzy", "There are: gallery, encoder"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(monkeypatch, name, fix):
    path = write(Path("lookalike.toml"), f"# settings\nport = 1\n\n{name} = 1\n")
    with pytest.raises(BadInput, match=rf"lookalike\.toml, line 4: there is no setting '{name}'\. {fix}"):
        load_settings()
    path.unlink()
    with pytest.raises(BadInput, match=rf"--{name.replace('_', '-')}: there is no setting '{name}'\. {fix}"):
        load_settings(**{name: 1})
    monkeypatch.setenv(f"LOOKALIKE_{name.upper()}", "1")
    with pytest.raises(BadInput, match=rf"LOOKALIKE_{name.upper()}: there is no setting '{name}'\. {fix}"):
        load_settings()


def test_a_table_is_an_unknown_name_with_its_line():
    write(Path("lookalike.toml"), 'fetch_allow = ["nas.local"]\n[fetch]\nallow = ["nas.local"]\n')
    with pytest.raises(BadInput, match=r"line 2: there is no setting 'fetch'\. Did you mean fetch_allow"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "web"),
        ("port", 70_000),
        ("port", -1),
        ("workers", 0),
        ("max_pixels", 1.5),
        ("max_bytes", "many"),
        ("max_bytes", 0),
        ("decode_timeout_s", 0),
        ("fetch_timeout_s", "nan"),
        ("fetch_timeout_s", "inf"),
        ("fetch_timeout_s", 1_000_001),
        ("decode_timeout_s", 1e10),
        ("caption_beams", 0),
        ("fetch_allow", 7),
        ("fetch_allow", [7]),
        ("encoder", 7),
        ("fetch_use_environment_proxies", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place_and_what_the_setting_is(monkeypatch, name, value):
    described = re.escape(f"{name}: {Settings.model_fields[name].description}")
    write(Path("lookalike.toml"), f"gallery = 'x'\n{name} = {value!r}\n")
    with pytest.raises(
        BadInput, match=rf"lookalike\.toml, line 2: {name} cannot be {re.escape(repr(value))}: .*{described}"
    ):
        load_settings()
    Path("lookalike.toml").unlink()
    flag = "--beams" if name == "caption_beams" else f"--{name.replace('_', '-')}"
    with pytest.raises(BadInput, match=f"{flag}: {name} cannot be"):
        load_settings(**{name: value})
    if isinstance(value, str):
        monkeypatch.setenv(f"LOOKALIKE_{name.upper()}", value)
        with pytest.raises(BadInput, match=f"LOOKALIKE_{name.upper()}: {name} cannot be '{value}'"):
            load_settings()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"port = 1\nport\n", r"lookalike\.toml is no TOML: .*line 2"),
        (b"port = 1\nport = 2\n", r"lookalike\.toml is no TOML: .*line 2"),
        (b"\xff\xfe", r"lookalike\.toml is no TOML: .*utf-8"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_the_line(content, reason):
    Path("lookalike.toml").write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        load_settings()


def test_a_file_with_a_byte_order_mark_is_read():
    Path("lookalike.toml").write_bytes(b"\xef\xbb\xbfport = 9\r\n")
    assert load_settings().port == 9


def test_a_token_is_read_without_what_editors_put_around_it(folder):
    (folder / "token").write_bytes(b"\xef\xbb\xbfuser:pass word\r\n")
    assert Settings(gallery_token_file=str(folder / "token")).secret_of_gallery() == "user:pass word"


def test_the_example_in_the_documentation_is_valid(folder):
    page = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        load_settings(write(folder / "example.toml", example))

"""Does what is deployed with the project run what the project is, and find what it reads?"""

import re
from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).parents[1] / "deploy" / "compose.milvus.yml"


@pytest.fixture(scope="module")
def text() -> str:
    return FILE.read_text("utf-8")


def test_the_services_run_the_checkout_and_nothing_of_that_name_from_elsewhere(text):
    services = yaml.safe_load(text)["services"]
    recipes = {services[name]["build"]["dockerfile_inline"] for name in ("lookalike-1", "lookalike-2")}
    (installed,) = {line for recipe in recipes for line in recipe.splitlines() if "pip install" in line}
    assert "dist/lookalike-" in recipes.pop()
    assert ".whl" in installed
    assert text.count("pip install") == 1


def test_every_other_image_has_a_version(text):
    images = [one["image"] for one in yaml.safe_load(text)["services"].values() if "build" not in one]
    assert images
    assert all(re.search(r":[\w.-]*\d", image) for image in images)


def test_the_key_that_is_read_is_made_before(text):
    config = yaml.safe_load(text)["configs"]["prometheus"]["content"]
    (read,) = re.findall(r"credentials_file: ([^}\s]+)", config)
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    assert f"> {read}" in header


def test_what_was_blocked_while_each_service_had_a_volume_of_its_own_stays_blocked(text):
    described = yaml.safe_load(text)
    assert described["volumes"]["data"] == {"name": f"{described['name']}_data-1"}


def test_what_one_service_blocks_the_other_does_not_take_in(text):
    services = yaml.safe_load(text)["services"]
    volumes, settings = (
        [services[name][what] for name in ("lookalike-1", "lookalike-2")] for what in ("volumes", "environment")
    )
    assert volumes[0] == volumes[1]
    assert settings[0] == settings[1]
    assert any(one.endswith(f":{settings[0]['XDG_DATA_HOME']}") for one in volumes[0]), "there the block list lies"


def test_pictures_that_were_indexed_here_have_the_same_path_in_the_services(text):
    described = yaml.safe_load(text)["services"]
    folder = r"\$\{PICTURES(:\?[^}]+)?\}"
    for name in ("lookalike-1", "lookalike-2"):
        assert any(re.fullmatch(rf"{folder}:\$\{{PICTURES\}}:ro", one) for one in described[name]["volumes"])
        assert re.fullmatch(folder, described[name]["environment"]["LOOKALIKE_INDEX_ROOTS"])
    assert described["milvus"]["ports"] == ["127.0.0.1:19530:19530"], "it asks for no password"

"""Does what is deployed with the project run what the project is, and find what it reads?"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def recipe() -> str:
    return (DEPLOY / "Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """Give what runs a gallery in one file."""
    return yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def text() -> str:
    return (DEPLOY / "compose.milvus.yml").read_text("utf-8")


def test_the_image_holds_the_checkout_and_nothing_of_that_name_from_elsewhere(recipe):
    (installed,) = (line for line in recipe.splitlines() if "pip install" in line)
    assert "$(ls /dist/lookalike-*.whl)${EXTRAS}" in installed


def test_the_image_is_made_from_all_that_makes_a_wheel_and_from_nothing_that_was_built_here(recipe):
    copied = [one for line in re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.MULTILINE) for one in line.split()]
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert all((ROOT / one).exists() for one in copied)
    assert sorted(f"!{one}" for one in copied) == sorted(line for line in kept if line.startswith("!"))
    assert kept.index("*") < kept.index("!src") < kept.index("src/lookalike/service/app")
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, build = needed["project"], needed["tool"]["hatch"]["build"]
    packages = build["targets"]["wheel"]["packages"]
    for path in (project["readme"], *project["license-files"], *packages, build["hooks"]["custom"]["path"]):
        assert any(Path(path).is_relative_to(one) for one in copied), path


def test_the_image_runs_as_a_user_without_rights_who_owns_what_is_kept(recipe):
    user, folders = (
        re.search(r"^USER (\d+)$", recipe, re.MULTILINE),
        re.search(r"install -d -o (\S+) (.+)$", recipe, re.MULTILINE),
    )
    assert f"useradd --uid {user[1]} --home-dir /data {folders[1]}" in recipe
    assert "/data" in folders[2].split()


@pytest.mark.parametrize("name", ["compose.yml", "compose.milvus.yml"])
def test_both_services_of_ours_run_one_image_which_is_made_once(name):
    services = yaml.safe_load((DEPLOY / name).read_text("utf-8"))["services"].values()
    one, other = (service for service in services if service["image"].startswith("lookalike"))
    assert one["image"] == other["image"]
    assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert "build" not in other, "two builds at a time would trip over each other"
    assert other["pull_policy"] == "never"
    assert list(other["depends_on"].values()) == [{"condition": "service_healthy"}]


def test_what_is_said_and_kept_of_a_gallery_in_one_file_lies_in_the_volume(alone):
    for one in alone["services"].values():
        assert one["environment"]["LOOKALIKE_GALLERY"].startswith("/data/")
        assert "data:/data" in one["volumes"]
        assert "${PICTURES:?set PICTURES}:${PICTURES}:ro" in one["volumes"]
    assert alone["services"]["watch"]["command"] == ["lookalike", "index", "${PICTURES}", "--watch"]


def test_every_other_image_has_a_version(text):
    images = [
        one["image"] for one in yaml.safe_load(text)["services"].values() if not {"build", "pull_policy"} & one.keys()
    ]
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

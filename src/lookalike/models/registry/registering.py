"""How does a model get into the registry? Its files are logged, become a version, and get an alias."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lookalike.errors import BadInput
from lookalike.models.registry.address import Address
from lookalike.models.registry.client import make_client, telling_faults
from lookalike.models.registry.manifest import DIGEST, NAME, Manifest

if TYPE_CHECKING:
    from mlflow import MlflowClient

_EXPERIMENT = "lookalike"
"""Where MLflow lists what was logged."""


def register(manifest: Manifest, contents: Mapping[str, bytes | Path], to: Address) -> Address:
    """Log files as a model, register that as the next version, and have the alias of `to` name it, if it says one.

    `contents` are the files of the manifest, by their names in it. The same files again give no new version.

    Raises:
        BadInput: `to` says a version, which the registry counts itself; or no registry is named.
        LoginNeeded, NotAllowed, Unreachable: as `telling_faults` says.
        MissingExtra: MLflow is not installed.
    """
    if to.version:
        raise BadInput(f"{to} says a version.", f"Write models:/{to.name}@alias; versions are counted by the registry.")
    client = make_client()
    with telling_faults(str(to)):
        version = _known(client, to.name, manifest) or _add(client, manifest, contents, to.name)
    address = to.pinned(version)
    if to.alias:
        set_alias(address)
    return address


def set_alias(address: Address) -> None:
    """Have an alias name a version.

    Raises:
        BadInput: the address says no version, or no alias.
        NotFound, LoginNeeded, NotAllowed, Unreachable: as `telling_faults` says.
        MissingExtra: MLflow is not installed.
    """
    if not (address.version and address.alias):
        raise BadInput(f"{address} says no version, or no alias.", f"Write models:/{address.name}/3@champion.")
    client = make_client()
    with telling_faults(str(address)):
        client.get_model_version(address.name, str(address.version))
        client.set_registered_model_alias(address.name, address.alias, str(address.version))


def _known(client: "MlflowClient", name: str, manifest: Manifest) -> int:
    """Give the newest version that is made of the same; 0 where there is none."""
    found = client.search_model_versions(f"name = '{name}'")
    same = [int(one.version) for one in found if one.tags.get(DIGEST) == manifest.digest]
    return max(same, default=0)


def _add(client: "MlflowClient", manifest: Manifest, contents: Mapping[str, bytes | Path], name: str) -> int:
    tags = {"lookalike.kind": manifest.kind, DIGEST: manifest.digest, "lookalike.origin": manifest.origin}
    logged = client.create_logged_model(_experiment(client), name=name, tags=tags, model_type=manifest.kind)
    with TemporaryDirectory() as made:
        _write(Path(made), logged.model_id, logged.artifact_location, manifest, contents)
        client.log_model_artifacts(logged.model_id, made)
    client.finalize_logged_model(logged.model_id, "READY")
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    source = f"models:/{logged.model_id}"
    made_version = client.create_model_version(
        name, source, tags=tags, model_id=logged.model_id, await_creation_for=None
    )
    return int(made_version.version)


def _write(
    folder: Path, model_id: str, location: str, manifest: Manifest, contents: Mapping[str, bytes | Path]
) -> None:
    """Write the files of a version, and what MLflow wants beside them."""
    from mlflow.models import Model

    for name in manifest.files:
        target, content = folder / name, contents[name]
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            _link(target, content.resolve())
    (folder / NAME).write_bytes(manifest.write())
    described = Model(model_uuid=model_id, model_id=model_id, artifact_path=location)
    described.add_flavor("lookalike", kind=manifest.kind, family=manifest.family, digest=manifest.digest)
    described.save(str(folder / "MLmodel"))


def _link(target: Path, content: Path) -> None:
    """Give a file one more name, or copy it where that may not be done, as on Windows."""
    try:
        target.symlink_to(content)
    except OSError:
        shutil.copyfile(content, target)


def _experiment(client: "MlflowClient") -> str:
    found = client.get_experiment_by_name(_EXPERIMENT)
    return str(found.experiment_id if found else client.create_experiment(_EXPERIMENT))

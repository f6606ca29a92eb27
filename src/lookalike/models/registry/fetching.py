"""How does a registered version come to this machine? File by file, each held to its sum, once."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from platformdirs import user_cache_path

from lookalike.disk import held_alone, sync_file, sync_folder
from lookalike.errors import BadInput, MachineError, NotFound, TooLarge, Unreachable
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.hub.allowed import MAX_TEXT_BYTES, MAX_WEIGHT_BYTES, WEIGHTS
from lookalike.models.registry.address import Address
from lookalike.models.registry.client import make_client, registry_uri, telling_faults, tracking_uri
from lookalike.models.registry.manifest import DIGEST, NAME, Kind, Manifest, read_manifest
from lookalike.models.writing import telling_disk

_DEPTH = 5
_COMING = ".coming-"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A version that is on this machine."""

    address: Address
    """With its version, and the alias that it was found by."""
    path: Path
    """The folder that holds its files."""
    manifest: Manifest


def fetch_registered(text: str, kind: Kind) -> Registered:
    """Give a version of a registered model: that of the alias, unless a version is said; fetched where it is not here.

    A version never changes, so one that is here is taken without asking anybody. Where the registry is asked for an
    alias, it also says what the version is made of: one that was deleted may have left its number to another.

    Raises:
        BadInput: the address is wrong, no registry is named, or the version may not be loaded.
        NotFound, LoginNeeded, NotAllowed, Unreachable: as `telling_faults` says; the last also for a wrong sum.
        TooLarge: a file is past the limit; MachineError: the disk has too little room, or cannot be written.
        MissingExtra: MLflow is not installed.
    """
    address, digest = Address.parse(text), ""
    if not address.version:
        client = make_client()
        if not address.alias:
            raise BadInput(f"{text} says no version.", f"Write {text}@champion, or {text}/1.")
        with telling_faults(str(address)):
            named = client.get_model_version_by_alias(address.name, address.alias)
        address, digest = address.pinned(int(named.version)), str(named.tags.get(DIGEST, ""))
    folder = _home() / _folder_of(address.name) / str(address.version)
    if not _is_here(folder, digest):
        with telling_disk(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with held_alone(folder.parent / _LOCK):
                _fetch(address, folder, digest)
    manifest = read_manifest((folder / NAME).read_bytes())
    if manifest.kind != kind:
        article = "an" if manifest.kind == "encoder" else "a"
        raise BadInput(f"{address} is {article} {manifest.kind}, where {kind} is wanted.", "Check the name.")
    return Registered(address=address, path=folder, manifest=manifest)


def _home() -> Path:
    """Where the versions of this registry lie; may be deleted at any time."""
    registry = hashlib.sha256(registry_uri().rstrip("/").encode()).hexdigest()[:16]
    return user_cache_path("lookalike", appauthor=False) / "registry" / registry


def _folder_of(name: str) -> str:
    """Name the folder of a model: `Photos` and `photos` are two, also where the disk takes their names for one."""
    if name == name.lower():
        return name
    return f"{name}={hashlib.sha256(name.encode()).hexdigest()[:8]}"  # no name of a model has this sign


def _is_here(folder: Path, digest: str) -> bool:
    """Tell whether a version lies here whole, made of what the digest says; of anything where that is empty."""
    try:
        found = read_manifest((folder / NAME).read_bytes())
    except (OSError, BadInput):  # not there, or spoilt: either way it has to be fetched
        return False
    # What tidies caches up takes the largest files, or the oldest.
    return digest in {"", found.digest} and all((folder / name).is_file() for name in found.files)


def _fetch(address: Address, folder: Path, digest: str) -> None:
    """Bring a version into a folder of its own, which gets its name when it is whole; nobody else does so meanwhile."""
    if _is_here(folder, digest):
        return  # another program was quicker
    make_client()
    for left in folder.parent.glob(f"{_COMING}*"):  # by a program that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_COMING, dir=folder.parent, ignore_cleanup_errors=True) as made:
        coming = Path(made)
        with telling_faults(str(address)):
            _bring_all(address, coming)
        _sync(coming)
        shutil.rmtree(folder, ignore_errors=True)  # of which somebody deleted a part, or another version
        coming.rename(folder)


def _sync(folder: Path) -> None:
    """Bring all files below a folder, and their names, to disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb+") as opened:  # Windows refuses what may only be read
                sync_file(opened.fileno())
    sync_folder(folder)


def _bring_all(address: Address, into: Path) -> None:
    sizes = _sizes(address)
    if NAME not in sizes:
        what = f"{address} was not registered by Lookalike: it has no {NAME}."
        raise BadInput(what, "Register it with `lookalike register`; what MLflow itself would run is not loaded.")
    manifest = read_manifest(_bring(address, NAME, into, sizes, MAX_CARD_BYTES).read_bytes())
    _require_room(address, [sizes.get(name, 0) for name in manifest.files], into)
    for name, expected in manifest.files.items():
        limit = MAX_WEIGHT_BYTES if name.endswith(WEIGHTS) else MAX_TEXT_BYTES
        _require_sum(address, _bring(address, name, into, sizes, limit), expected)


def _sizes(address: Address) -> dict[str, int]:
    """List the files of a version, down to a few folders."""
    from mlflow.artifacts import list_artifacts

    uri, found, folders = _uri(address), {}, [""]
    for _ in range(_DEPTH):
        inner: list[str] = []
        for folder in folders:
            for one in list_artifacts(artifact_uri=f"{uri}/{folder}".rstrip("/"), tracking_uri=tracking_uri()) or []:
                if one.is_dir:
                    inner.append(one.path)
                else:
                    found[one.path] = int(one.file_size or 0)
        folders = inner
    return found


def _bring(address: Address, name: str, into: Path, sizes: dict[str, int], limit: int) -> Path:
    from mlflow.artifacts import download_artifacts

    if name not in sizes:
        raise NotFound(f"{address} lacks its file {name}.", "Register it again.")
    if sizes[name] > limit:
        raise TooLarge(f"{name} of {address} has {sizes[name]:,} bytes, past the limit of {limit:,}.")
    brought = download_artifacts(
        artifact_uri=f"{_uri(address)}/{name}", dst_path=str(into), tracking_uri=tracking_uri()
    )
    return Path(brought)


def _require_sum(address: Address, file: Path, expected: str) -> None:
    with file.open("rb") as opened:
        actual = hashlib.file_digest(opened, "sha256").hexdigest()
    if actual != expected:
        what = f"{file.name} of {address} has sha256 {actual}, but was registered with {expected}."
        raise Unreachable(what, "Something between here and the registry changes it; register it again.")


def _require_room(address: Address, sizes: Sequence[int], folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if sum(sizes) > free:
        what = f"{address} needs {sum(sizes) / 1e6:,.0f} MB, and {folder.parent} has {free / 1e6:,.0f} MB left."
        raise MachineError(what, "Make room.")


def _uri(address: Address) -> str:
    return f"models:/{address.name}/{address.version}"

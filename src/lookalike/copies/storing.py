"""How do an index's segments lie on disk? Each in one file, read or mapped, and a list of those that count."""

import json
import struct
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import xxhash

from lookalike.copies import codebook
from lookalike.copies.segment import Segment
from lookalike.disk import held_alone, replacing, sweep_unfinished
from lookalike.errors import GalleryError, NotFound

_VERSION = 1
_MAGIC = b"lkcopies"
_HEAD = struct.Struct("<8sQQ")
"""Magic, length and checksum of the table of contents."""
_ALIGNMENT = 64
_LIST = "segments.json"
"""The file in the folder that names the segments."""
_LOCK = ".lock"
_SUFFIX = ".segment"

_COLUMNS = ("keys", "hashes", "quality", "widths", "heights", "offsets", "images", "signatures", "places")
_PIECE_BYTES = 2**20
"""Read at once to sum a mapped file."""
_MAPPED_BYTES = 64 * 2**20
"""Smaller files, of some 50,000 pictures, are read: what is in memory nobody can cut off. Larger ones are mapped."""

_REBUILD = "Delete it: the index is made again from the gallery."


@dataclass(frozen=True, slots=True)
class Saved:
    """What lies in a folder."""

    segments: tuple[Segment, ...]
    of: Mapping[str, Any]
    """What `save` was told."""


def save(segments: Sequence[Segment], folder: Path, of: Mapping[str, Any]) -> tuple[Segment, ...]:
    """Write the segments that have no file, then the list, then remove files that no longer count.

    The list says what the segments are made `of`: both get there together, or not at all. Who saves waits for whoever
    is saving: else one of them would remove what the other is about to name.
    Gives the segments, which have files now.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # as private as the gallery
        with held_alone(folder / _LOCK):
            return _exchange(segments, folder, of)
    except OSError as error:
        raise GalleryError(f"The index of copies cannot be written to {folder}: {error.strerror}.", _REBUILD) from error


def _exchange(segments: Sequence[Segment], folder: Path, of: Mapping[str, Any]) -> tuple[Segment, ...]:
    kept = tuple(one if one.name and (folder / one.name).exists() else _write(one, folder) for one in segments)
    listed = [{"name": one.name, "gone": np.flatnonzero(~one.alive).tolist()} for one in kept]
    table = {"version": _VERSION, "codebook": codebook.VERSION, "of": dict(of), "segments": listed}
    contents = json.dumps(table).encode()
    contents = f"{xxhash.xxh3_64_hexdigest(contents)}\n".encode() + contents
    with replacing(folder / _LIST) as file:
        file.write(contents)
    _sweep(folder, {one.name for one in kept})
    return kept


def _sweep(folder: Path, names: Collection[str]) -> None:
    """Remove segments that are not named, and what others left unfinished when they were killed."""
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.name not in names:
            with suppress(OSError):  # on Windows somebody may still read it: it goes another time
                path.unlink()
    sweep_unfinished(folder)


def load(folder: Path) -> Saved:
    """Read or map the segments that the list names, and see that they are as they were written."""
    path = folder / _LIST
    contents = _contents(path)
    while True:
        try:
            return _listed(path, contents)
        except GalleryError:
            before, contents = contents, _contents(path)
            if contents == before:
                raise
            # else somebody saved meanwhile, and removed what the list named before


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no index of copies in {path.parent}.") from error
    except OSError as error:
        raise GalleryError(f"{path} cannot be read: {error.strerror}.", _REBUILD) from error


def _listed(path: Path, contents: bytes) -> Saved:
    checksum, _, contents = contents.partition(b"\n")
    if xxhash.xxh3_64_hexdigest(contents).encode() != checksum:
        raise GalleryError(f"{path} is broken.", _REBUILD)
    listed = json.loads(contents)
    if (listed["version"], listed["codebook"]) != (_VERSION, codebook.VERSION):
        raise GalleryError(f"{path} was written by another version of this program.", _REBUILD)
    segments = []
    for entry in listed["segments"]:
        segment = _read(path.with_name(entry["name"]))
        segment.alive[entry["gone"]] = False
        segments.append(segment)
    return Saved(tuple(segments), listed.get("of", {}))  # an older program kept that apart


def _write(segment: Segment, folder: Path) -> Segment:
    name = f"{uuid4().hex}{_SUFFIX}"
    columns = {column: np.ascontiguousarray(getattr(segment, column)) for column in _COLUMNS}
    table = {
        column: {"type": array.dtype.str, "shape": array.shape, "checksum": _checksum(array)}
        for column, array in columns.items()
    }
    contents = json.dumps(table).encode()
    with replacing(folder / name) as file:
        file.write(_HEAD.pack(_MAGIC, len(contents), xxhash.xxh3_64_intdigest(contents)) + contents)
        for array in columns.values():
            file.write(bytes(-file.tell() % _ALIGNMENT))
            file.write(array.data)
    return replace(_read(folder / name), alive=segment.alive)


def _read(path: Path) -> Segment:
    broken = GalleryError(f"{path} is broken.", _REBUILD)
    try:
        is_mapped = path.stat().st_size >= _MAPPED_BYTES
        mapped: np.ndarray = (
            np.memmap(path, np.uint8, "r").view(np.ndarray) if is_mapped else np.fromfile(path, np.uint8)
        )
    except (OSError, ValueError) as error:
        raise broken from error
    if len(mapped) < _HEAD.size:
        raise broken
    magic, length, checksum = _HEAD.unpack(mapped[: _HEAD.size].tobytes())
    contents = mapped[_HEAD.size : _HEAD.size + length].tobytes()
    if magic != _MAGIC or xxhash.xxh3_64_intdigest(contents) != checksum:
        raise broken
    columns: dict[str, Any] = {}
    end = _HEAD.size + length
    for column, entry in json.loads(contents).items():
        start = end + -end % _ALIGNMENT
        end = start + int(np.prod(entry["shape"])) * np.dtype(entry["type"]).itemsize
        if end > len(mapped):
            raise broken
        columns[column] = mapped[start:end].view(entry["type"]).reshape(entry["shape"])
        found = _checksum_within(path, start, end) if is_mapped else _checksum(columns[column])
        if found != entry["checksum"]:
            raise broken
    alive = np.ones(len(columns["keys"]), np.bool_)
    return Segment(**columns, alive=alive, name=path.name, mapped=path if is_mapped else None, size=len(mapped))


def _checksum(array: np.ndarray) -> str:
    return xxhash.xxh3_64_hexdigest(array.data if array.size else b"")


def _checksum_within(path: Path, start: int, end: int) -> str:
    """Sum bytes of a file by reading them: pages touched through a map count as the memory of the process."""
    checksum = xxhash.xxh3_64()
    with path.open("rb") as file:
        file.seek(start)
        for place in range(start, end, _PIECE_BYTES):
            checksum.update(file.read(min(_PIECE_BYTES, end - place)))
    return checksum.hexdigest()

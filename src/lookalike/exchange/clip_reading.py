"""Which records does a folder hold that clip-retrieval, or an export in its layout, has written?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lookalike.errors import BadInput
from lookalike.exchange.batches import large_batches
from lookalike.exchange.clip_columns import check_clip_columns, from_clip_columns, plain_columns
from lookalike.exchange.columns import SCHEMA, spaces_in
from lookalike.exchange.rows import Row, check_types, read_rows
from lookalike.exchange.vectors import from_matrix
from lookalike.sources.table.parquet import open_parquet
from lookalike.types import Space


@dataclass(frozen=True, slots=True)
class _Shard:
    matrix: Path
    metadata: Path


def read_clip_folder(path: Path, space: Space | None) -> tuple[list[Space], Iterator[list[Row]]]:
    """Give the one space of a folder, which is the one named where it does not say, and its rows as records a batch at
    a time.

    A relative `image_path` counts from the folder's parent, where clip-retrieval is mostly run.

    Raises:
        BadInput: files are missing, a matrix is of another space, or nobody says which space it is; while the rows are
            read, that a file is broken.
    """
    shards = _shards(path)
    with open_parquet(shards[0].metadata) as file:
        noted = spaces_in(file.schema_arrow, str(shards[0].metadata))
    known = next(iter(noted), space)
    if known is None:
        raise BadInput(
            f"Nothing in {str(path)!r} says which encoder made its embeddings.",
            "Name the encoder, and the one of its spaces that they belong to: `lookalike import FOLDER --encoder NAME "
            "--space SPACE`. `lookalike encoders show NAME` lists the spaces of an encoder that is here.",
        )
    for shard in shards:
        _open_matrix(shard.matrix, known.dim)
    return [known], _batches(path, shards, known)


def _shards(path: Path) -> list[_Shard]:
    """Pair the files of one number, which may be written with more or fewer zeros."""
    matrices = _numbered(path / "img_emb", r"img_emb_(\d+)\.npy")
    metadata = _numbered(path / "metadata", r"metadata_(\d+)\.parquet")
    if not matrices or matrices.keys() != metadata.keys():
        lone = sorted(map(str, matrices.keys() ^ metadata.keys()))
        raise BadInput(
            f"{str(path)!r} is no folder of clip-retrieval: "
            + (f"number {lone[0]} lacks its img_emb or metadata." if lone else "it holds no img_emb/img_emb_0.npy."),
            "Give the folder that holds img_emb/ and metadata/.",
        )
    return [_Shard(matrices[number], metadata[number]) for number in sorted(matrices)]


def _numbered(folder: Path, pattern: str) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if name := re.fullmatch(pattern, path.name, re.ASCII):
            there = found.setdefault(int(name[1]), path)
            if there is not path:
                raise BadInput(
                    f"{str(folder)!r} holds both {there.name} and {path.name}, which are of the same number.",
                    "Keep one of them there: each pair in img_emb and metadata has a number of its own.",
                )
    return found


def _batches(path: Path, shards: list[_Shard], space: Space) -> Iterator[list[Row]]:
    for shard in shards:
        matrix = _open_matrix(shard.matrix, space.dim)
        with open_parquet(shard.metadata) as file:
            where = str(shard.metadata)
            if file.metadata.num_rows != len(matrix):
                raise BadInput(
                    f"{str(shard.matrix)!r} has {len(matrix)} rows, but {where!r} has {file.metadata.num_rows}."
                )
            at = 0
            for batch in _known_columns(file, path.absolute().parent, where):
                vectors = from_matrix(matrix[at : at + batch.num_rows])
                at += batch.num_rows
                yield read_rows(batch, {space.name: vectors}, where)


def _open_matrix(path: Path, dim: int) -> np.ndarray:
    try:
        matrix: np.ndarray = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # a header that is damaged fails wherever NumPy and Python happen to be with it
        raise BadInput(f"{str(path)!r} is no sound array: {str(error) or type(error).__name__}.") from error
    if matrix.ndim != 2 or matrix.dtype.kind != "f" or matrix.shape[1] != dim:
        raise BadInput(
            f"{str(path)!r} holds {matrix.dtype} of the shape {matrix.shape}, not floats of {dim} dimensions.",
            "Check that the encoder and the space named are those that made it.",
        )
    return matrix


def _known_columns(file: pq.ParquetFile, home: Path, where: str) -> Iterator[pa.RecordBatch]:
    """Give rows with our columns, whoever wrote them."""
    schema = file.schema_arrow
    if spaces_in(schema, where):
        check_types(schema, where)
        yield from large_batches(file, [name for name in SCHEMA.names if name in schema.names])
    else:
        check_clip_columns(schema, where)
        for batch in large_batches(file, plain_columns(schema)):
            yield from_clip_columns(batch, home, where)

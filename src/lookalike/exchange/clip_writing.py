"""How do records become a folder that clip-retrieval can serve?

`img_emb/img_emb_N.npy` and `metadata/metadata_N.parquet` hold the same rows; the latter has our own columns beside
clip-retrieval's `image_path`, `caption` and `url`.

Source: https://github.com/rom1504/clip-retrieval, clip_inference/writer.py.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from lookalike.errors import BadInput
from lookalike.exchange.columns import schema_of, to_table
from lookalike.exchange.landing import landing_folder, sync
from lookalike.exchange.parquet import open_writer, portions
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.serving import in_turn
from lookalike.types import ImageRecord, Space
from lookalike.uris import is_web, local_path

_SHARD_ROWS = 100_000
"""A new pair of files begins after so many rows: 100 MB of 512 dimensions."""


def export_clip_folder(gallery: Gallery, path: Path, where: Filter | None) -> int:
    """Write the records that pass and have an embedding in the space that a search by picture uses to a new folder."""
    space = next(iter(in_turn(gallery.spaces, gallery.serving)), None)
    if space is None:
        raise BadInput(f"The gallery {gallery.url} has no embeddings.", "Index something, or export as parquet.")
    with landing_folder(path) as folder:
        (folder / "img_emb").mkdir()
        (folder / "metadata").mkdir()
        embedded = ([one for one in portion if space.name in one.embeddings] for portion in portions(gallery, where))
        shard_of = _Sharding()
        for number, shard in groupby(chain([[]], embedded), shard_of):
            _write_shard(folder, number, space, shard)
    return shard_of.rows


class _Sharding:
    """Numbers portions by the shard that they belong to, and counts their rows."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, portion: Sequence[ImageRecord]) -> int:
        number = self.rows // _SHARD_ROWS
        self.rows += len(portion)
        return number


def _write_shard(folder: Path, number: int, space: Space, shard: Iterable[Sequence[ImageRecord]]) -> None:
    schema = schema_of([space], embeddings=False)
    written = schema.append(pa.field("image_path", pa.string())).append(pa.field("url", pa.string()))
    rows = 0
    with (
        (folder / "img_emb" / f"img_emb_{number:04}.npy").open("xb") as matrix,
        (folder / "metadata" / f"metadata_{number:04}.parquet").open("xb") as metadata,
    ):
        begins_at = _write_header(matrix, rows, space.dim)
        with open_writer(metadata, written) as writer:
            for records in shard:
                matrix.write(b"".join(one.embeddings[space.name].astype("<f2").tobytes() for one in records))
                table = to_table(records, schema).append_column("image_path", _paths(records))
                writer.write_table(table.append_column("url", _urls(records)))
                rows += len(records)
        matrix.seek(0)
        ends_at = _write_header(matrix, rows, space.dim)
        assert ends_at == begins_at  # noqa: S101 - NumPy leaves room for more rows
        sync(matrix)
        sync(metadata)


def _write_header(file: BinaryIO, rows: int, dim: int) -> int:
    header = {"descr": "<f2", "fortran_order": False, "shape": (rows, dim)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()


def _paths(records: Sequence[ImageRecord]) -> pa.Array:
    return pa.array([one.path if local_path(one.uri) else one.uri for one in records], pa.string())


def _urls(records: Sequence[ImageRecord]) -> pa.Array:
    return pa.array([one.uri if is_web(one.uri) else one.link for one in records], pa.string())

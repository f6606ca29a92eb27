"""How does clip-retrieval's knn-service answer? Its clients find their pictures here, by text, picture, URL or vector.

Source: https://github.com/rom1504/clip-retrieval/blob/main/clip_retrieval/clip_back.py (KnnService)
"""

from base64 import b32decode
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Field

from lookalike.duplicates.grouping import DEFAULT_LIKENESS
from lookalike.errors import BadInput
from lookalike.search.words import MAX_CHARACTERS
from lookalike.service.compatibility.answers import address, description
from lookalike.service.compatibility.asking import MAX_ROWS, Foreign, picture_query, words_query
from lookalike.service.parts import Parts
from lookalike.service.schemas.plain import Flag, Real, Whole
from lookalike.types import ImageRecord

_ID_BITS = 53
"""What a JavaScript number holds."""
INDEX = "lookalike"
"""What the gallery is called to programs that choose among several; whatever they choose, it is this one."""

Found = list[tuple[ImageRecord, float]]
Number = Annotated[Real, Field(allow_inf_nan=False)]


class KnnRequest(Foreign):
    """One of text, image, image_url and embedding_input, as clip-retrieval's client sends them; null is not given."""

    text: str | None = Field(None, max_length=MAX_CHARACTERS, description="Words.", examples=["a dog in the snow"])
    image: str | None = Field(None, description="A picture as base64.")
    image_url: str | None = Field(None, max_length=8_000, description="Where a picture is on the web.")
    embedding_input: list[Number] | None = Field(
        None, max_length=8_192, description="A vector of one of the gallery's spaces; it need not be of length 1."
    )
    modality: Literal["image", "text"] = Field(
        "image", description="Either way pictures are given.", examples=["image"]
    )
    num_images: Whole = Field(
        40, ge=1, le=10_000, description=f"How many; {MAX_ROWS:,} at most are given.", examples=[40]
    )
    num_result_ids: Whole | None = Field(None, ge=1, le=1_000_000, description="Not needed here.")
    deduplicate: Flag = Field(False, description="Leave out what looks the same as a better answer.")

    @property
    def is_vector(self) -> bool:
        """Whether there is nothing to decode or encode."""
        return bool(self.embedding_input) and not (self.text or self.image or self.image_url)


class Neighbour(Foreign):
    """An answer, with the names that clip-retrieval gives its columns."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(description="A number that stays the picture's.", examples=[42])
    similarity: float = Field(description="Higher is closer.", examples=[0.32])
    url: str = Field(description="Where the picture is.", examples=["https://example.org/a.jpg"])
    caption: str = Field(examples=["a cat sleeps on a sofa"])
    image_path: str = Field(description="Where it lies, as people read it.", examples=["/home/ann/cat.jpg"])
    image_id: str = Field(description="Its id in /v1/images.", examples=["kq3v5n2xwz7dymbt"])


def find_neighbours(parts: Parts, asked: KnnRequest, max_bytes: int, base: str) -> list[Neighbour]:
    """Answer a query.

    Raises:
        BadInput: nothing to search with, or a vector of no space; else as `Searcher.search` does.
    """
    k = min(asked.num_images, MAX_ROWS)
    wanted = min(2 * k, MAX_ROWS) if asked.deduplicate else k
    found = _find(parts, asked, max_bytes, wanted)
    if asked.deduplicate:
        found = _distinct(parts, found)
    return [_neighbour(record, score, base) for record, score in found[:k]]


def _find(parts: Parts, asked: KnnRequest, max_bytes: int, k: int) -> Found:
    if asked.embedding_input and asked.is_vector:
        return _nearest(parts, asked.embedding_input, k)
    if asked.text:
        query = words_query(asked.text)
    elif asked.image or asked.image_url:
        query = picture_query(asked.image or asked.image_url or "", None, max_bytes)
    else:
        raise BadInput("There is nothing to search with.", "Send text, image, image_url or embedding_input.")
    return [(hit.record, hit.score) for hit in parts.search(query, k).hits]


def _nearest(parts: Parts, numbers: Sequence[float], k: int) -> Found:
    """Search by a vector, in the space whose vectors are as long; in that where words are, if several are."""
    vector = np.array(numbers, np.float64)
    preferred = getattr(parts.encoder, "text_space", "")
    spaces = parts.gallery.spaces
    answering = [spaces[name] for name in parts.gallery.serving.now]
    fitting = [space.name for space in answering if space.dim == len(vector)]
    with np.errstate(over="ignore"):  # what is too long is refused below
        length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        raise BadInput("The vector leads nowhere: its numbers are all 0, or too large.", "Send one with a direction.")
    if not fitting:
        dims = ", ".join(sorted({str(space.dim) for space in answering}))
        raise BadInput(f"The vector of {len(vector)} numbers is of no space of the gallery.", f"Send one of {dims}.")
    space = preferred if preferred in fitting else fitting[0]
    near = parts.gallery.nearest(space, (vector / length).astype(np.float32)[None], k)[0]
    records = {record.id: record for record in parts.gallery.get(list(near.ids))}
    scored = zip(near.ids, near.scores.tolist(), strict=True)
    return [(records[id_], score) for id_, score in scored if id_ in records]


def _distinct(parts: Parts, found: Found) -> Found:
    """Leave out what looks the same as something better."""
    embedded = {one.id: one for one in parts.gallery.get([record.id for record, _ in found], embeddings=True)}
    space = next(iter(parts.encoder.spaces), "")
    kept: Found = []
    vectors: list[np.ndarray] = []
    for record, score in found:
        vector = embedded[record.id].embeddings.get(space) if record.id in embedded else None
        if vector is not None:
            seen = np.array(vectors, np.float32) @ vector.astype(np.float32) if vectors else np.zeros(0)
            if (seen >= DEFAULT_LIKENESS).any():
                continue
            vectors.append(vector)
        kept.append((record, score))
    return kept


def _neighbour(record: ImageRecord, score: float, base: str) -> Neighbour:
    said: dict[str, Any] = {"caption": description(record), "image_path": record.path, "image_id": record.id}
    return Neighbour(id=_number(record.id), similarity=score, url=address(record, base), **said)


def _number(id_: str) -> int:
    """Make a number of an id, for clients that know no others."""
    raw = b32decode(id_.upper())
    return int.from_bytes(raw) >> (8 * len(raw) - _ID_BITS)

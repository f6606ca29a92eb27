"""How is a record kept outside of its gallery, so that it can be put back as it was? As JSON, vectors included."""

import json
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np

from lookalike.types import Fingerprint, ImageRecord

_TUPLES = ("tags", "edited")
_TIMES = ("taken_at", "added_at")


def pack_record(record: ImageRecord) -> bytes:
    """Write a record, with all that was fetched of it."""
    found: dict[str, Any] = {field.name: getattr(record, field.name) for field in fields(ImageRecord)}
    found |= {name: found[name].isoformat() if found[name] else None for name in _TIMES}
    found |= {"metadata": dict(record.metadata), "recognised": dict(record.recognised)}
    found["embeddings"] = {name: _text(vector.tobytes()) for name, vector in record.embeddings.items()}
    mark = record.fingerprint
    found["fingerprint"] = [mark.pixels, mark.perceptual, mark.quality, _text(mark.features)]
    return json.dumps(found, ensure_ascii=False).encode()


def unpack_record(packed: bytes) -> ImageRecord:
    """Read what `pack_record` wrote."""
    found = json.loads(packed)
    found |= {name: tuple(found[name]) for name in _TUPLES}
    found |= {name: datetime.fromisoformat(found[name]) if found[name] else None for name in _TIMES}
    vectors = {name: np.frombuffer(b64decode(text), np.float16) for name, text in found["embeddings"].items()}
    pixels, perceptual, quality, features = found["fingerprint"]
    mark = Fingerprint(pixels=pixels, perceptual=perceptual, quality=quality, features=b64decode(features))
    return ImageRecord(**{**found, "embeddings": vectors, "fingerprint": mark})


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()

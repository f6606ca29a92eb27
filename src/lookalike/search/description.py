"""Which words describe a query picture? Its caption and the names of what is recognised in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lookalike.captioners import Captioner
from lookalike.decode import DecodePool
from lookalike.encoders import Encoder, Recogniser
from lookalike.errors import BadInput, LookalikeError
from lookalike.seeing import look_once
from lookalike.types import ImageRecord, Region

Captioning = Callable[[], Captioner | None]
"""Gives the captioner when it is first needed; None where there is none."""

_NAMES = 3
_LEAST_CONFIDENCE = 0.3
"""Probability below which a name is more of a guess than a search should build upon."""


@dataclass(frozen=True, slots=True)
class Description:
    """A picture in words."""

    text: str
    remarks: tuple[str, ...] = ()
    """What could not be asked, and the fix."""


def describe(
    source: Path | bytes, region: Region | None, decoder: DecodePool, encoder: Encoder, captioning: Captioning
) -> Description:
    """Describe a picture with what there is: a captioner, an encoder that names what it sees, or both.

    Raises:
        BadInput: there is neither.
        UnreadableImage, TooLarge, Unreachable: it cannot be decoded.
    """
    captioner, missing = _captioner(captioning)
    names = isinstance(encoder, Recogniser)
    if captioner is None and not names:
        raise BadInput(
            f"Nothing here can put a picture into words: {missing}, and the encoder {encoder.name!r} names nothing.",
            "Use the encoder mini, or give the words yourself.",
        )
    seen = look_once(decoder, source, encoder, captioner, region)
    remarks = []
    if captioner is None:
        remarks.append(f"The picture is described only by the names of what is recognised: {missing}.")
    if not names:
        remarks.append(f"The picture is described only by its caption: the encoder {encoder.name!r} names nothing.")
    return Description(_joined(seen.caption.text if seen.caption else "", seen.recognised), tuple(remarks))


def description_of(record: ImageRecord) -> str:
    """Give what is said of a picture of the gallery already; empty where nothing is."""
    return _joined(record.caption, record.recognised)


def _captioner(captioning: Captioning) -> tuple[Captioner | None, str]:
    try:
        return captioning(), "there is no captioner"
    except LookalikeError as error:
        return None, f"the captioner cannot be loaded ({error.what.rstrip('.')})"


def _joined(caption: str, recognised: Mapping[str, float]) -> str:
    """Put the surest names behind the caption, but for those that it holds already."""
    sure = [name for name, confidence in recognised.items() if confidence >= _LEAST_CONFIDENCE][:_NAMES]
    return ", ".join(filter(None, [caption, *(name for name in sure if not _holds(caption, name))]))


def _holds(caption: str, name: str) -> bool:
    """Whether a name stands in a caption, not as a part of a longer word: there is no cat in a cathedral."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", caption, re.IGNORECASE) is not None

"""Which records do decoded pictures become? Only what the gallery does not know under another name is worked out."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial

from lookalike.captioners import Captioner
from lookalike.copies import GREY_PX
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.describing import FLAG, SOURCE, captioned, is_settled
from lookalike.encoders import Encoder
from lookalike.gallery import Gallery
from lookalike.ingest.decoding import Picture
from lookalike.ingest.storing import NewWords
from lookalike.seeing import Look, look
from lookalike.types import Caption, Described, Failure, Fingerprint, ImageRecord, Ingested, Outcome
from lookalike.uris import image_id

Made = ImageRecord | Failure | Ingested | NewWords
"""What a picture becomes."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What unwanted pictures meet."""

    objection: Callable[[Decoded], str]
    """Says why a picture is unwanted; nothing where it is welcome."""
    only_flags: bool = False
    """Whether unwanted pictures come in all the same, with the tag `blocked`."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What turns a picture into what the gallery keeps of it."""

    decoder: DecodePool
    encoder: Encoder
    fingerprinter: Fingerprinter
    captioner: Captioner | None = None
    gate: Gate | None = None

    @property
    def fit(self) -> Fit:
        """How pictures are decoded: for the encoder in colour, for the fingerprint in grey."""
        return replace(self.encoder.fit, grey=GREY_PX)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of some bytes."""

    fingerprint: Fingerprint
    look: Look


def make_records(pictures: list[Picture], gallery: Gallery, eyes: Eyes) -> list[Made]:
    """Make records, and captions for those that lacked nothing else; what is unwanted is a failure."""
    known = _known({picture.decoded.sha256 for picture in pictures}, gallery, eyes)
    wanting = _wanting_captions(pictures, gallery) if eyes.captioner else set()
    new = {
        sha256: picture
        for picture in pictures
        if (sha256 := picture.decoded.sha256) not in known or (sha256 in wanting and known[sha256].look.caption is None)
    }
    to_caption = [place for place, sha256 in enumerate(new) if sha256 in wanting]
    views = {place: one.view for place, one in enumerate(new.values()) if one.view is not None}
    pixels = [one.decoded.pixels for one in new.values()]
    for one, seen in zip(new.values(), look(eyes.encoder, pixels, eyes.captioner, to_caption, views), strict=True):
        before = known.get(one.decoded.sha256)
        mark = before.fingerprint if before else _fingerprint(one.decoded, eyes.fingerprinter)
        known[one.decoded.sha256] = _Known(mark, seen)
    return [_judged(picture, known[picture.decoded.sha256], eyes) for picture in pictures]


def _known(digests: set[str], gallery: Gallery, eyes: Eyes) -> dict[str, _Known]:
    same = {sha256: ids[0] for sha256, ids in gallery.find("sha256", digests).items()}
    return {
        record.sha256: _Known(record.fingerprint, _seen_before(record, eyes))
        for record in gallery.get(list(same.values()), embeddings=True)
        if eyes.encoder.spaces.keys() <= record.embeddings.keys() and eyes.fingerprinter.suffices(record.fingerprint)
    }


def _seen_before(record: ImageRecord, eyes: Eyes) -> Look:
    is_captioned = eyes.captioner is not None and record.caption_source == eyes.captioner.name
    return Look(
        embeddings={space: record.embeddings[space] for space in eyes.encoder.spaces},
        recognised=dict(record.recognised),
        caption=Caption(text=record.caption, confidence=1.0) if is_captioned else None,
    )


def _wanting_captions(pictures: list[Picture], gallery: Gallery) -> set[str]:
    """Give the digests of those for which nobody has written a caption that a captioner must leave alone."""
    records = gallery.get([image_id(picture.task.item.uri) for picture in pictures])
    settled = {record.uri for record in records if is_settled(record)}
    return {
        picture.decoded.sha256
        for picture in pictures
        if not picture.task.item.caption and picture.task.item.uri not in settled
    }


def _fingerprint(decoded: Decoded, fingerprinter: Fingerprinter) -> Fingerprint:
    assert decoded.grey is not None  # noqa: S101 - `Eyes.fit` asks for it
    return fingerprinter.fingerprint(decoded.grey, decoded.pixel_hash)


def _judged(picture: Picture, known: _Known, eyes: Eyes) -> Made:
    """Let a picture in, unless the gate objects."""
    if picture.task.known:
        return _only_captioned(picture, known, eyes.captioner)
    result = _record(picture, known, eyes.captioner)
    if eyes.gate is None:
        return result
    objection = eyes.gate.objection(picture.decoded)
    if not objection:
        return result
    if eyes.gate.only_flags:
        return replace(result, tags=tuple(dict.fromkeys([*result.tags, FLAG])))
    return Failure(
        uri=result.uri, version=result.version, outcome=Outcome.BLOCKED, reason=objection, at=datetime.now(UTC)
    )


def _only_captioned(picture: Picture, known: _Known, captioner: Captioner | None) -> NewWords | Ingested:
    """Give a record that is there its caption; nothing where somebody has written one since it was listed."""
    uri, caption = picture.task.item.uri, known.look.caption
    if captioner is None or caption is None:
        return Ingested(uri=uri, outcome=Outcome.UNCHANGED, id=image_id(uri))
    return NewWords(uri, partial(captioned, caption=caption, captioner=captioner.name))


def _record(picture: Picture, known: _Known, captioner: Captioner | None) -> ImageRecord:
    item, decoded, seen = picture.task.item, picture.decoded, known.look
    words = {field.name: getattr(item, field.name) for field in fields(Described)}
    if item.caption:
        words["caption_source"] = item.caption_source or SOURCE
    elif captioner and seen.caption:
        words |= {"caption": seen.caption.text, "caption_source": captioner.name}
    return ImageRecord(
        **words,
        id=image_id(item.uri),
        uri=item.uri,
        version=item.stamp,
        sha256=decoded.sha256,
        width=decoded.width,
        height=decoded.height,
        format=decoded.format,
        bytes=decoded.bytes,
        taken_at=decoded.taken_at,
        added_at=datetime.now(UTC),
        fingerprint=known.fingerprint,
        embeddings=seen.embeddings,
        recognised=seen.recognised,
    )

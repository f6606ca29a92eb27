"""What do all spaces of a gallery learn from its pictures, and how is it kept?"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from lookalike.encoders import TextEncoder
from lookalike.errors import BadInput
from lookalike.evaluation.calibrating import Calibrated, learn
from lookalike.evaluation.pairing import Copies, picture_pairs, text_pairs
from lookalike.evaluation.subject import Subject, Vectors
from lookalike.evaluation.truth.captions import read_captions
from lookalike.evaluation.truth.labels import read_labels
from lookalike.search.searcher import COPY_SUFFIX
from lookalike.types import Learned


def learn_all(subject: Subject, copies: Sequence[Copies], by: str = "label", seed: int = 0) -> list[Calibrated]:
    """Learn the calibration of pictures in each space, and of words where the encoder knows words.

    Pairs of one label come from `by`, where pictures have any.

    Raises:
        BadInput: there is no such field, or too little to learn from in any space.
    """
    labels: dict[str, str] = {}
    if by != "label":
        labels = read_labels(subject.records.values(), by, {})
    else:
        with suppress(BadInput):  # there are none
            labels = read_labels(subject.records.values(), by, {})
    found: list[Calibrated | None] = []
    for name in subject.library.encoder.spaces:
        if name in subject.library.gallery.spaces:
            found += _learn_space(subject, name, copies, labels, seed)
    learned = [one for one in found if one is not None]
    if not learned:
        raise BadInput(
            f"There are too few different pictures to learn from among {len(subject.records):,}.",
            "It takes about a hundred that can still be read; the encoder's own calibration stays.",
        )
    return learned


def keep(subject: Subject, learned: Sequence[Calibrated]) -> list[str]:
    """Store what helps with the gallery, and give the names of the spaces that it was stored for."""
    kept = []
    for name in dict.fromkeys(one.space for one in learned if one.helps):
        stored = subject.library.gallery.spaces[name]
        helping = {one.of: one for one in learned if one.space == name and one.helps}
        count = sum(sum(one.pairs.values()) for one in helping.values())
        subject.library.gallery.calibrate(
            name,
            Learned(
                pictures=helping["pictures"].after if "pictures" in helping else stored.calibration,
                texts=helping["words"].after if "words" in helping else stored.text_calibration,
                note=f"{datetime.now(UTC):%Y-%m-%d}, {count:,} pairs of this gallery",
            ),
        )
        kept.append(name)
    return kept


def forget(subject: Subject) -> list[str]:
    """Go back to what the encoder says, in all spaces; gives the names of those that had learned something."""
    learned = [name for name, space in subject.library.gallery.spaces.items() if space.learned]
    for name in learned:
        subject.library.gallery.calibrate(name, None)
    return learned


def _learn_space(
    subject: Subject, name: str, copies: Sequence[Copies], labels: dict[str, str], seed: int
) -> list[Calibrated | None]:
    encoder, stored = subject.library.encoder, subject.library.gallery.spaces[name]
    vectors = subject.vectors(name)
    if len(vectors.ids) < 2:  # as where it is only just being filled
        return []
    is_of_copies = name.endswith(COPY_SUFFIX)
    taught = {} if is_of_copies else labels
    own_slope = 0.0 if is_of_copies or taught else encoder.spaces[name].calibration[0]
    pairs = picture_pairs(subject, vectors, name, copies, taught, seed)
    found = [learn(name, "pictures", pairs, stored.calibration, own_slope)]
    if isinstance(encoder, TextEncoder) and encoder.text_space == name:
        found.append(_learn_words(subject, encoder, vectors, seed))
    return found


def _learn_words(subject: Subject, encoder: TextEncoder, vectors: Vectors, seed: int) -> Calibrated | None:
    captions: dict[str, tuple[str, ...]] = {}
    with suppress(BadInput):  # there are none
        captions = read_captions(subject.records.values(), {})
    stored = subject.library.gallery.spaces[encoder.text_space]
    before = stored.text_calibration if any(stored.text_calibration) else encoder.text_calibration
    return learn(stored.name, "words", text_pairs(subject, vectors, captions, seed), before)

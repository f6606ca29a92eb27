"""Which pictures have much in common and are not the same? One scene, other subjects; one watermark on two…

Subjects are cut out of photos by GrabCut (Rother, Kolmogorov, Blake: GrabCut, SIGGRAPH 2004), with soft rims, and laid
on one background in which nothing stands apart, and which moves and changes its light a little between the two, as it
does between two shots. The subject hides a quarter to a half of the scene.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

from edited_copies.canvas import canvas_of
from edited_copies.looks import Random, emojis, encoded, glyphs, watermarked
from edited_copies.scenes import browser_screenshot, impact, phone_screenshot, polaroid, with_bar
from lookalike.types import Pixels
from real_photos import Picture

_SMALLEST, _LARGEST = 0.22, 0.48
"""Share of the scene that its subject covers. Less is a sticker on one picture; more leaves no scene."""
_CUTTING_SIZE = 140
"""Pixels of the longer side while a subject is cut out: GrabCut takes seconds at full size."""


@dataclass(frozen=True)
class Pair:
    """Two different pictures that share something."""

    kind: str
    gallery: Pixels
    query: Pixels
    shown: tuple[str, ...] = ()
    """The names of the pictures that `gallery` shows; none of scenes put together."""


@dataclass(frozen=True)
class Subject:
    """What was cut out of a photo."""

    pixels: Pixels
    alpha: np.ndarray
    """float32 in [0, 1], of the same height and width."""


@dataclass(frozen=True)
class Studio:
    """What scenes are put together from."""

    pictures: tuple[Picture, ...]
    scenes: tuple[Pixels, ...]
    """Pictures in which nothing stands apart, so that who is laid on them is the subject."""
    subjects: tuple[Subject, ...]

    @classmethod
    def of(cls, pictures: Sequence[Picture], enough: int) -> "Studio":
        """Sort pictures into scenes and subjects, until there are enough of both or no pictures are left."""
        scenes: list[Pixels] = []
        subjects: list[Subject] = []
        for one in pictures:
            subject = cut_out(one.pixels)
            if subject is None:
                scenes.append(_scene(one.pixels))
            else:
                subjects.append(subject)
            if min(len(scenes), len(subjects)) >= enough:
                break
        return cls(tuple(pictures), tuple(scenes), tuple(subjects))


Maker = Callable[[Random, Studio], Pair]


def scene_pairs(seed: int, studio: Studio, count: int) -> Iterator[Pair]:
    """Make `count` pairs of every kind of one scene with another subject."""
    yield from _make(SCENES, seed, studio, count)


def chrome_pairs(seed: int, studio: Studio, count: int) -> Iterator[Pair]:
    """Make `count` pairs of every kind of two pictures with the same watermark, bar, screen or sticker."""
    yield from _make(CHROME, seed, studio, count)


def another_subject(random: Random, studio: Studio) -> Pair:
    """Lay two subjects on one background, in about the same place."""
    background, (first, second) = _one(random, studio.scenes), _some(random, studio.subjects, 2)
    place = float(random.uniform(0.3, 0.7))
    before = laid(random, background, first, place)
    return Pair("another subject", before, laid(random, _next_shot(random, background), second, place))


def other_subjects(random: Random, studio: Studio) -> Pair:
    """Lay two subjects each on one background."""
    background, cut = _one(random, studio.scenes), _some(random, studio.subjects, 4)
    shots = []
    for shot, pair in ((background, cut[:2]), (_next_shot(random, background), cut[2:])):
        half = laid(random, shot, pair[0], 0.25, share=0.6)
        shots.append(laid(random, half, pair[1], 0.75, share=0.6))
    return Pair("two other subjects", *shots)


def subject_moved(random: Random, studio: Studio) -> Pair:
    """Lay the same subject on one background, and turn and move it to the other side, as later in a film."""
    background, subject = _one(random, studio.scenes), _one(random, studio.subjects)
    before = laid(random, background, subject, 0.2)
    mirrored = Subject(cv2.flip(subject.pixels, 1), cv2.flip(subject.alpha, 1))
    return Pair("subject moved", before, laid(random, _next_shot(random, background), mirrored, 0.8))


def _dressed(kind: str, dress: Callable[[Random, Pixels], Pixels]) -> Maker:
    """Do the very same to two pictures: every choice of the generator is made twice alike."""

    def maker(random: Random, studio: Studio) -> Pair:
        seed = int(random.integers(2**32))
        chosen = _some(random, studio.pictures, 2)
        first, second = (dress(np.random.default_rng(seed), _scene(picture.pixels)) for picture in chosen)
        return Pair(kind, first, second, (chosen[0].name,))

    return maker


SCENES: tuple[Maker, ...] = (another_subject, other_subjects, subject_moved)
CHROME: tuple[Maker, ...] = (
    _dressed("same watermark", watermarked),
    _dressed("same words", glyphs),
    _dressed("same caption bar", lambda random, one: with_bar(random, canvas_of(one), 0.4, above=True).pixels),
    _dressed("same meme", lambda random, one: impact(random, canvas_of(one)).pixels),
    _dressed("same phone screen", lambda random, one: phone_screenshot(random, canvas_of(one), dark=False).pixels),
    _dressed("same browser window", lambda random, one: browser_screenshot(random, canvas_of(one)).pixels),
    _dressed("same polaroid", lambda random, one: polaroid(random, canvas_of(one)).pixels),
    _dressed("same stickers", emojis(6, 0.22)),
)


def cut_out(pixels: Pixels) -> Subject | None:
    """Cut the subject in the middle out of a photo; None where there is none that stands apart."""
    factor = _CUTTING_SIZE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    box = (width // 8, height // 10, width - width // 4, height - height // 6)
    cv2.setRNGSeed(0)  # GrabCut draws its first clusters at random
    cv2.grabCut(small, mask, box, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_RECT)
    front = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    front = cv2.morphologyEx(front, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, parts, figures, _ = cv2.connectedComponentsWithStats(front)
    if count < 2:
        return None
    largest = 1 + int(figures[1:, cv2.CC_STAT_AREA].argmax())
    area, box_area = figures[largest, cv2.CC_STAT_AREA], figures[largest, 2] * figures[largest, 3]
    if not 0.1 * height * width < area < 0.6 * height * width or area < 0.4 * box_area:
        return None
    whole = cv2.resize((parts == largest).astype(np.float32), pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    alpha = cv2.GaussianBlur(whole, (0, 0), 1.5)
    left, top, across, down = (int(one / factor) for one in figures[largest, :4])
    window = slice(top, top + down), slice(left, left + across)
    return Subject(pixels[window], alpha[window])


def laid(random: Random, background: Pixels, subject: Subject, place: float, share: float = 1.0) -> Pixels:
    """Lay a subject on a background, its middle at `place` of the width, its feet at the bottom."""
    height, width = background.shape[:2]
    covered = float(random.uniform(_SMALLEST, _LARGEST)) * share * height * width
    factor = min((covered / subject.alpha.sum()) ** 0.5, 0.98 * height / subject.alpha.shape[0])
    size = max(1, round(subject.alpha.shape[1] * factor)), max(1, round(subject.alpha.shape[0] * factor))
    pixels = cv2.resize(subject.pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    alpha = cv2.resize(subject.alpha, size, interpolation=cv2.INTER_LINEAR)[..., None]
    left = int(np.clip(place * width - size[0] / 2, -0.15 * size[0], width - 0.85 * size[0]))
    made = background.astype(np.float32)
    x0, x1 = max(0, left), min(width, left + size[0])
    own = slice(x0 - left, x1 - left)
    window = made[height - size[1] :, x0:x1]
    window += alpha[:, own] * (pixels[:, own] - window)
    return np.clip(made, 0, 255).astype(np.uint8)


def _next_shot(random: Random, background: Pixels) -> Pixels:
    """Move the camera a little, and change the light a little."""
    height, width = background.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-1, 1), random.uniform(1.0, 1.04))
    turn[:, 2] += random.uniform(-0.02, 0.02, 2) * (width, height)
    moved = cv2.warpAffine(background, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    light = random.uniform(0.93, 1.07)
    shot = np.clip(moved * light + random.normal(0, 2, moved.shape), 0, 255).astype(np.uint8)
    return encoded("JPEG", quality=int(random.integers(70, 95)))(random, shot)


def _scene(pixels: Pixels) -> Pixels:
    """Cut to 4 : 3, 400 pixels wide."""
    image = Image.fromarray(pixels)
    width = min(image.width, image.height * 4 // 3)
    height = min(image.height, width * 3 // 4)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)).resize((400, 300), Image.Resampling.BICUBIC))


def _one(random: Random, things: Sequence[Any]) -> Any:
    return things[int(random.integers(len(things)))]


def _some(random: Random, things: Sequence[Any], count: int) -> list[Any]:
    return [things[int(n)] for n in random.choice(len(things), count, replace=False)]


def _make(makers: Sequence[Maker], seed: int, studio: Studio, count: int) -> Iterator[Pair]:
    for number, maker in enumerate(makers):
        for turn in range(count):
            yield maker(np.random.default_rng([seed, number, turn]), studio)

"""Which pairs of pictures are the same picture, which share only something, and which nothing?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from copying.changes import CHANGES, WORDS, Changed, caption, inset, phone, untouched
from lookalike.copies.features import detect
from lookalike.copies.geometry import unit
from lookalike.types import Grey, Pixels

Pictures = list[Pixels]

POINTS = 100
"""By which strangers that look alike are sought; the more, the longer it takes."""

ALONE = [name for name in CHANGES if name not in {"photo of a print", "inset", "collage", "patch"}]
"""Changes that bring in no other picture."""


class Label(StrEnum):
    """What two pictures are to each other, by the way they were made."""

    SAME = "same"
    SHARED = "shared"
    UNRELATED = "unrelated"


@dataclass(frozen=True)
class Pair:
    """A query and a picture of a gallery."""

    kind: str
    label: Label
    query: Pixels
    image: Pixels


def copies(pictures: Pictures, rng: np.random.Generator, each: int) -> Iterator[Pair]:
    """Make pairs that are the same picture: one change, two, or three; sometimes the gallery holds the changed one."""
    names = list(CHANGES)
    for name in names:
        for number in range(each):
            more = [str(one) for one in rng.choice(names, number % 3, replace=False) if one != name]
            own, others = draw(pictures, rng)
            changed = untouched(own)
            for step in [name, *more]:
                changed = CHANGES[step](changed, rng, others)
                if len(changed.kept) < 3:
                    break
            if len(changed.kept) < 3 or not shows_enough(changed):
                continue
            swapped = rng.random() < 0.25
            query, image = (own, changed.pixels) if swapped else (changed.pixels, own)
            yield Pair(name + (" and more" if more else ""), Label.SAME, query, image)


def shows_enough(changed: Changed) -> bool:
    """Tell whether a person would still see the picture: 12 % of it, and 40 pixels on a side."""
    kept, height, width = changed.kept, *changed.pixels.shape[:2]
    landed = cv2.perspectiveTransform(kept[None], changed.homography)[0] * min(1, 448 / max(height, width))
    whole = np.abs(np.linalg.det(changed.homography))
    return bool(
        whole > 0
        and cv2.contourArea(landed.astype(np.float32)) > 1_600
        and cv2.contourArea(kept.astype(np.float32)) > 0.12 * 224 * 224
    )


def chrome(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Show two pictures in the same app."""
    one, others = draw(pictures, rng)
    seed = int(rng.integers(1 << 30))
    sheets = []
    for picture in (one, others[0]):
        sheet = phone(np.random.default_rng(seed))
        h = int(sheet.shape[0] * 0.55)
        sheet[60 : 60 + h, 10:310] = cv2.resize(picture, (300, h), interpolation=cv2.INTER_CUBIC)
        sheets.append(sheet)
    return Pair("same app", Label.SHARED, sheets[0], sheets[1])


def written(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Write the same lines over two pictures, at the same places or elsewhere."""
    one, others = draw(pictures, rng)
    seed = int(rng.integers(1 << 30))
    sides = [caption(untouched(picture), np.random.default_rng(seed), []).pixels for picture in (one, others[0])]
    return Pair("same words", Label.SHARED, sides[0], cut_off(sides[1], rng))


def meme(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Put the same bar with a caption above or below two pictures."""
    one, others = draw(pictures, rng)
    bar = np.full((int(rng.integers(36, 90)), 224, 3), 255 if rng.random() < 0.7 else 0, np.uint8)
    ink = (0, 0, 0) if bar[0, 0, 0] else (255, 255, 255)
    for line, y in enumerate(range(20, len(bar), 22)):
        text = f"{rng.choice(WORDS)} {rng.choice(WORDS)}"[: 22 - line]
        cv2.putText(bar, text, (4, y), cv2.FONT_HERSHEY_DUPLEX, 0.5, ink, 1, cv2.LINE_AA)
    above = rng.random() < 0.5
    sides = [np.vstack([bar, square(picture)] if above else [square(picture), bar]) for picture in (one, others[0])]
    return Pair("same caption bar", Label.SHARED, sides[0], sides[1])


def watermark(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Stamp the same mark on two pictures: once, or all over."""
    one, others = draw(pictures, rng)
    layer = np.zeros((224, 224), np.uint8)
    word, size = str(rng.choice(WORDS)), rng.uniform(0.4, 1.0)
    spots = [(int(rng.integers(0, 80)), int(rng.integers(30, 220)))]
    if rng.random() < 0.6:
        step = int(rng.integers(28, 60))
        spots = [(x, y) for y in range(20, 240, step) for x in range(-20, 224, step * 3)]
    for spot in spots:
        cv2.putText(layer, word, spot, cv2.FONT_HERSHEY_DUPLEX, size, 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    layer = (layer / 255 * rng.uniform(0.25, 0.9))[..., None]
    sides = [np.uint8(square(picture) * (1 - layer) + 255 * layer) for picture in (one, others[0])]
    return Pair("same watermark", Label.SHARED, sides[0], sides[1])


def host(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Put two pictures into the same third one."""
    one, others = draw(pictures, rng)
    put = inset(0.45, 0.8)
    sides = [put(untouched(picture), rng, [others[1]]).pixels for picture in (one, others[0])]
    return Pair("same host", Label.SHARED, sides[0], sides[1])


def scene(pictures: Pictures, rng: np.random.Generator) -> Pair:
    """Put different people before one background, or have one step aside; move the camera, the light, or nothing."""
    one, others = draw(pictures, rng)
    background = square(one)
    first, second = ([(square(picture), silhouette(rng)) for picture in others[start : start + 2]] for start in (0, 2))
    if rng.random() < 0.35:
        second = [(picture[:, ::-1], shape[:, ::-1]) for picture, shape in first]
    sides = []
    for figures in (first, second):
        side = background
        for picture, shape in figures[: int(rng.integers(1, 3))]:
            side = np.uint8(picture * shape[..., None] + side * (1 - shape[..., None]))
        sides.append(move_camera(side, rng) if rng.random() < 0.7 else side)
    return Pair("same scene, other subject", Label.SHARED, sides[0], sides[1])


def strangers(pictures: Pictures, rng: np.random.Generator, queries: int) -> Iterator[Pair]:
    """Pair pictures, half of them changed, with the three others whose points look most like theirs."""
    found = [detect(to_grey(picture), POINTS) for picture in pictures]
    descriptors = np.concatenate([unit(one.descriptors) for one in found])
    owner = np.repeat(np.arange(len(found)), [len(one) for one in found])
    most = np.sqrt([max(len(one), POINTS // 4) for one in found])
    for own in rng.permutation(len(pictures))[:queries].tolist():
        cosines = unit(found[own].descriptors) @ descriptors.T
        cosines[:, owner == own] = -1
        nearest = np.argpartition(-cosines, 3, axis=1)[:, :3]
        weight = np.take_along_axis(cosines, nearest, axis=1) ** 4
        votes = np.bincount(owner[nearest].ravel(), weights=weight.ravel(), minlength=len(found)) / most
        query = pictures[own]
        if rng.random() < 0.5:
            query = CHANGES[str(rng.choice(ALONE))](untouched(query), rng, []).pixels
        for other in np.argsort(-votes)[:3].tolist():
            yield Pair("stranger", Label.UNRELATED, query, pictures[other])


def silhouette(rng: np.random.Generator) -> np.ndarray:
    """Draw a figure: head and shoulders, or an animal or thing of no certain shape; 12 to 60 % of the picture."""
    while True:
        mask = np.zeros((224, 224), np.float32)
        x, size = rng.uniform(40, 184), rng.uniform(0.45, 1.5)
        if rng.random() < 0.6:
            y = rng.uniform(40, 120)
            cv2.ellipse(mask, (int(x), int(y)), (int(26 * size), int(34 * size)), 0, 0, 360, 1.0, -1)
            body = (int(rng.uniform(36, 62) * size), int(rng.uniform(90, 190) * size))
            cv2.ellipse(mask, (int(x), int(y + 30 * size + body[1])), body, rng.uniform(-12, 12), 0, 360, 1.0, -1)
        else:
            angles = np.linspace(0, 2 * np.pi, 40)[:-1]
            waves = sum(rng.normal(0, 0.18 / k) * np.cos(k * angles + rng.uniform(0, 6.3)) for k in range(1, 6))
            reach = 62 * size * (1 + waves)
            middle = np.array([x, rng.uniform(80, 190)])
            outline = middle + np.stack([np.cos(angles) * rng.uniform(0.6, 1.5), np.sin(angles)], 1) * reach[:, None]
            cv2.fillPoly(mask, [outline.astype(np.int32)], 1.0)
        if 0.12 < mask.mean() < 0.6:
            return cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 2))


def move_camera(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Take the picture again from a step aside, a little later."""
    corners = np.array([[0, 0], [224, 0], [224, 224], [0, 224]], np.float32)
    seen = corners * (1 - rng.uniform(0, 0.25)) + rng.uniform(0, 30, 2) + rng.uniform(-8, 8, (4, 2))
    moved = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(np.float32(seen), corners), (224, 224), borderMode=cv2.BORDER_REFLECT
    )
    light = (moved * rng.uniform(0.75, 1.3) + rng.uniform(-15, 15)).clip(0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", light, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 95))])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def cut_off(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Lose a few rows and columns."""
    top, left = rng.integers(0, 40, 2)
    return picture[top:, left:].copy()


def square(picture: Pixels) -> Pixels:
    """Scale to 224 × 224."""
    return cv2.resize(picture, (224, 224), interpolation=cv2.INTER_AREA)


def to_grey(picture: Pixels) -> Grey:
    """Give a picture as the copy engine gets it: BT.601 luma, at most 448 pixels long."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, 448 / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return grey if scale == 1 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def draw(pictures: Pictures, rng: np.random.Generator) -> tuple[Pixels, Pictures]:
    """Take one picture and six others."""
    first, *rest = rng.choice(len(pictures), 7, replace=False)
    return pictures[first], [pictures[index] for index in rest]


SHARING: tuple[Callable[[Pictures, np.random.Generator], Pair], ...] = (
    chrome, written, meme, watermark, host, scene, scene, scene,
)  # fmt: skip
"""Two collages with one picture in common are left out: each has the picture, so that both answers are right."""

"""What do people do to pictures before they pass them on? 107 kinds of edit in 20 groups, moderate to strong.

Each edit is a pure function of a random generator, a picture and some other pictures. Photometric edits and overlays
come from AugLy (Papakipos and Bitton, AugLy: Data Augmentations for Robustness, 2022) where its functions work with
today's Pillow and NumPy; `meme_format` and `perspective_transform` do not, and are our own, as are all edits that move
pixels, because the bench must know where each part of the picture went.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from edited_copies.canvas import TrueRegion, canvas_of, flipped, quarter_turned, scaled
from edited_copies.edits import (
    Edit,
    chain,
    corner,
    drawn,
    halves_swapped,
    looked,
    on_stranger,
    part,
    placed,
    sheared,
    stretched,
    tiled,
    turned,
    turned_and_cut,
    under_stranger,
)
from edited_copies.looks import (
    Random,
    blinds,
    blurred,
    censored,
    duotone,
    emojis,
    encoded,
    equalised,
    filtered,
    glyphs,
    grey,
    hue_turned,
    lettered,
    levels,
    negative,
    noisy,
    palette,
    passed_on,
    pixelated,
    rippled,
    salted,
    saturated,
    sepia,
    shaken,
    stripes,
    tiles_shuffled,
    watermarked,
    with_augly,
)
from edited_copies.scenes import (
    augly_screenshot,
    browser_screenshot,
    impact,
    leaning,
    letterboxed,
    on_its_own_blur,
    one_large_three_small,
    padded,
    phone_screenshot,
    pinboard,
    polaroid,
    printed,
    quote_card,
    rounded_and_lined,
    screened,
    turned_in_space,
    with_bar,
)
from lookalike.types import Pixels

Others = Literal["none", "strangers", "gallery"]
"""Which other pictures an edit uses: none, some that the gallery lacks, or some that it has, and must be found too."""

_WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Edited:
    """An edited picture, and where its sources lie in it; no regions where the edit is no homography."""

    pixels: Pixels
    regions: tuple[TrueRegion, ...]
    sources: tuple[int, ...] = (0,)
    """Which pictures it shows: the one that was edited is 0, the others count from 1."""


@dataclass(frozen=True)
class Kind:
    """One kind of edit."""

    group: str
    name: str
    edit: Edit
    others: Others = "none"
    reverse: bool = False
    """Whether the gallery holds the edited picture and the original is the query."""
    flat: bool = True
    """Whether the edit maps every source by one homography, so that the matched region can be judged."""

    def apply(self, random: Random, pixels: Pixels, others: Sequence[Pixels]) -> Edited:
        """Edit a picture; the same generator state gives the same."""
        canvas = self.edit(random, canvas_of(pixels), others)
        regions = canvas.regions()
        kept = [region for region in regions if region.source == 0 or self.others == "gallery"]
        sources = sorted({0, *(region.source for region in regions)})
        return Edited(canvas.pixels, tuple(kept) if self.flat else (), tuple(sources))


def _group(group: str, edits: dict[str, Edit], *, others: Others = "none", flat: bool = True) -> Iterator[Kind]:
    return (Kind(group, name, edit, others, flat=flat) for name, edit in edits.items())


def _moved() -> Iterator[Kind]:
    """Give kinds that move pixels."""
    yield from _group(
        "crop, mild",
        {"to 80 %": part(0.8), "to 65 %": part(0.65), "to 50 %": part(0.5), "to 60 %, wide": part(0.6, 1.5)},
    )
    yield from _group(
        "crop, strong",
        {
            "to 35 %": part(0.35),
            "to 25 %": part(0.25),
            "to 25 %, a corner": corner(0.25),
            "to 25 %, a strip": part(0.25, 2.5),
            "to 15 %": part(0.15),
        },
    )
    yield from _group(
        "size and shape",
        {
            "half size": placed(lambda canvas: scaled(canvas, 0.5)),
            "a third of the size": placed(lambda canvas: scaled(canvas, 0.33)),
            "twice the size": placed(lambda canvas: scaled(canvas, 2)),
            "stretched by a third": stretched(1.33, 1),
            "squeezed to 60 %": stretched(0.6, 1),
            "half as high": stretched(1.2, 0.55),
        },
    )
    yield from _group(
        "rotation",
        {
            "3° to 8°": turned(3, 8),
            "10° to 25°": turned(10, 25),
            "30° to 60°": turned(30, 60),
            "any angle": turned(60, 175),
            "12°, empty corners cut off": turned_and_cut(12),
        },
    )
    yield from _group(
        "flips and quarter turns",
        {
            "mirrored": placed(lambda canvas: flipped(canvas, 1)),
            "upside down": placed(lambda canvas: flipped(canvas, 0)),
            "90°": placed(lambda canvas: quarter_turned(canvas, 1)),
            "180°": placed(lambda canvas: quarter_turned(canvas, 2)),
            "270°": placed(lambda canvas: quarter_turned(canvas, 3)),
            "mirrored and 90°": placed(lambda canvas: quarter_turned(flipped(canvas, 1), 1)),
        },
    )
    yield from _group(
        "perspective",
        {
            "mild": drawn(lambda random, canvas: leaning(random, canvas, 0.08)),
            "strong": drawn(lambda random, canvas: leaning(random, canvas, 0.18)),
            "from 45° aside": placed(lambda canvas: turned_in_space(canvas, 45, 0)),
            "from 45° below": placed(lambda canvas: turned_in_space(canvas, -45, 1)),
            "sheared": placed(sheared),
        },
    )
    yield from _group(
        "photographed",
        {
            "print, from above": drawn(lambda random, canvas: printed(random, canvas, 0.05)),
            "print, from aside": drawn(lambda random, canvas: printed(random, canvas, 0.14)),
            "screen": drawn(screened),
        },
    )


def _looks() -> Iterator[Kind]:
    """Give kinds that change what pixels are, where they are."""
    yield from _group(
        "codecs",
        {
            "JPEG, quality 30": looked(with_augly("encoding_quality", quality=30)),
            "JPEG, quality 10": looked(with_augly("encoding_quality", quality=10)),
            "WebP, quality 5": looked(encoded("WEBP", quality=5)),
            "AVIF, quality 15": looked(encoded("AVIF", quality=15)),
            "GIF, 16 colours": looked(palette(16)),
            "passed on four times": looked(passed_on),
        },
    )
    yield from _group(
        "blur, noise, mosaic",
        {
            "blur": looked(blurred(0.008)),
            "strong blur": looked(blurred(0.018)),
            "shaken": looked(shaken),
            "noise": looked(noisy(20)),
            "strong noise": looked(noisy(45)),
            "salt and pepper": looked(salted),
            "mosaic": looked(pixelated(75)),
            "sharpened": looked(with_augly("sharpen", factor=12.0)),
        },
    )
    yield from _group(
        "light",
        {
            "darker": looked(with_augly("brightness", factor=0.45)),
            "lighter": looked(with_augly("brightness", factor=1.7)),
            "flat": looked(with_augly("contrast", factor=0.4)),
            "harsh": looked(with_augly("contrast", factor=2.2)),
            "gamma 0.45": looked(levels(lambda value: value**0.45)),
            "gamma 2.2": looked(levels(lambda value: value**2.2)),
            "equalised": looked(equalised),
        },
    )
    yield from _group(
        "colour",
        {
            "grey": looked(grey),
            "negative": looked(negative),
            "sepia": looked(sepia),
            "two inks": looked(duotone),
            "hue turned by 90°": looked(hue_turned(90)),
            "saturated": looked(saturated),
            "an app's filter": looked(filtered),
        },
    )


def _covered() -> Iterator[Kind]:
    """Give kinds that lay something over the picture, or around it."""
    yield from _group(
        "text",
        {
            "a line": looked(lettered(0.09, 1)),
            "three large lines": looked(lettered(0.17, 3)),
            "pale lines all over": looked(lettered(0.11, 7, 0.5)),
            "other scripts": looked(glyphs),
            "watermark all over": looked(watermarked),
        },
    )
    yield from _group(
        "stickers",
        {
            "an emoji": looked(emojis(1, 0.3)),
            "a large emoji": looked(emojis(1, 0.55)),
            "eight emojis": looked(emojis(8, 0.18)),
            "censored": looked(censored),
        },
    )
    yield from _group(
        "frames",
        {
            "white border": placed(lambda canvas: padded(canvas, (0.15,) * 4, _WHITE)),
            "black bars": placed(lambda canvas: letterboxed(canvas, 2.2)),
            "upright on its own blur": placed(on_its_own_blur),
            "polaroid": drawn(polaroid),
            "rounded corners, coloured frame": drawn(rounded_and_lined),
        },
    )
    yield from _group(
        "screenshot",
        {
            "web page (AugLy)": placed(lambda canvas: augly_screenshot(canvas, "web.png")),
            "phone (AugLy)": placed(lambda canvas: augly_screenshot(canvas, "mobile.png")),
            "phone, light": drawn(lambda random, canvas: phone_screenshot(random, canvas, dark=False)),
            "phone, dark, cut off": drawn(
                lambda random, canvas: phone_screenshot(random, canvas, dark=True, share=0.7)
            ),
            "browser": drawn(browser_screenshot),
        },
    )
    yield from _group(
        "meme and caption",
        {
            "bar above": drawn(lambda random, canvas: with_bar(random, canvas, 0.3, above=True)),
            "black bar below": drawn(
                lambda random, canvas: with_bar(random, canvas, 0.35, above=False, paper=(0, 0, 0))
            ),
            "impact": drawn(impact),
            "quote card": drawn(quote_card),
        },
    )


def _with_others() -> Iterator[Kind]:
    """Give kinds that lay pictures together."""
    pip = "picture in picture"
    yield from _group(
        pip,
        {
            "half as large, on another": on_stranger(0.55),
            "a third, on another": on_stranger(0.38),
            "with another on it": under_stranger(0.5),
            "with two others on it": under_stranger(0.4, 2),
        },
        others="strangers",
    )
    yield Kind(pip, "the original finds it", on_stranger(0.5), "strangers", reverse=True)
    yield from _group(
        "collage",
        {
            "two side by side": tiled(2, 1),
            "2 × 2 with gaps": tiled(2, 2, 8),
            "3 × 3": tiled(3, 3, 4),
            "pinboard": pinboard,
            "one large, three small": lambda _, canvas, others: one_large_three_small(canvas, others),
        },
        others="gallery",
    )
    yield Kind("collage", "the original finds it", tiled(2, 2, 8), "strangers", reverse=True)


def _torn_and_composed() -> Iterator[Kind]:
    """Give kinds that tear the picture apart, and three edits one after the other."""
    yield from _group(
        "stripes and shuffles",
        {
            "stripes (AugLy)": looked(stripes(0.3, 0.5)),
            "blinds": looked(blinds),
            "ripples": looked(rippled),
            "halves swapped": looked(halves_swapped),
            "tiles shuffled": looked(tiles_shuffled(3)),
            "pixels shuffled (AugLy)": looked(with_augly("shuffle_pixels", factor=0.12)),
        },
        flat=False,
    )
    composed = "three edits"
    yield from _group(
        composed,
        {
            "crop, mirror, JPEG": chain(
                part(0.5), placed(lambda canvas: flipped(canvas, 1)), looked(encoded("JPEG", quality=25))
            ),
            "rotation, text, screenshot": chain(
                turned(4, 10),
                looked(lettered(0.1, 2)),
                drawn(lambda random, canvas: phone_screenshot(random, canvas, dark=True)),
            ),
            "perspective, filter, emoji": chain(
                drawn(lambda random, canvas: leaning(random, canvas, 0.1)), looked(filtered), looked(emojis(1, 0.3))
            ),
            "crop, bar, small": chain(
                part(0.6),
                drawn(lambda random, canvas: with_bar(random, canvas, 0.3, above=True)),
                placed(lambda canvas: scaled(canvas, 0.6)),
            ),
        },
    )
    yield Kind(composed, "crop, grey, on another", chain(part(0.6), looked(grey), on_stranger(0.5)), "strangers")


KINDS: tuple[Kind, ...] = (*_moved(), *_looks(), *_covered(), *_with_others(), *_torn_and_composed())
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(kind.group for kind in KINDS))

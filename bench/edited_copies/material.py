"""Which pictures does the bench search among, and with what? Files of a gallery and of queries, and the truth.

The photos of photos.py are shared out by the seed: sources, which stand whole in the gallery and are looked for;
guests, whose originals are queries for an edited picture in the gallery; unknown pictures, which must find nothing;
pictures that others are laid on or beside, which are in queries or in the gallery, never in both; pictures that pairs
are made of; and distractors, which are cut into non-overlapping parts until the gallery is full.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from edited_copies.canvas import scaled
from edited_copies.edits import chain, looked, part, placed
from edited_copies.kinds import KINDS, Edited, Kind
from edited_copies.looks import encoded
from edited_copies.pairs import Pair, Studio, chrome_pairs, scene_pairs
from edited_copies.photos import pool
from lookalike.types import Pixels, Polygon
from real_photos import Picture

_MILD = chain(part(0.75), placed(lambda canvas: scaled(canvas, 0.8)), looked(encoded("JPEG", quality=50)))
"""The edited copy by which each scene's picture should still be found."""


@dataclass(frozen=True)
class Amounts:
    """How much is made."""

    gallery: int = 20_000
    sources: int = 1_000
    per_kind: int = 12
    """Queries of every kind of edit."""
    unknown: int = 600
    strangers: int = 150
    """Other pictures in queries; the gallery holds none of them."""
    companions: int = 60
    """Other pictures in what the gallery holds; no query shows one of them."""
    studio: int = 350
    """Pictures that pairs are made of."""
    pairs: int = 25
    """Of every kind of scene or chrome that two pictures share."""

    @property
    def guests(self) -> int:
        """Count the queries whose edited copy the gallery holds."""
        return self.per_kind * sum(kind.reverse for kind in KINDS)

    @property
    def pool(self) -> int:
        """Count the pictures of either sort that suffice: each fills two places, and some fall out as duplicates."""
        sources = self.sources + self.guests + self.unknown + self.strangers + self.companions + self.studio
        return max(self.gallery // 2, sources * 5 // 4)


@dataclass(frozen=True)
class Part:
    """Where a picture of the gallery and the query show the same."""

    query: Polygon
    image: Polygon


@dataclass(frozen=True)
class Asked:
    """One query."""

    file: str
    sort: str
    """`edit`, `unknown`, `scene`, `chrome` or `scene copy`."""
    group: str
    kind: str
    truth: tuple[str, ...] = ()
    """Files of the gallery that are this picture."""
    shared: str = ""
    """The file of the gallery that has something in common, and is another picture."""
    parts: dict[str, Part] = field(default_factory=dict)
    """Of `truth`, where the edit is a homography."""
    photos: tuple[str, ...] = ()
    """Names of the photos that it shows."""
    ignored: tuple[str, ...] = ()
    """Files that show the same picture, as a person saw, though nothing here made them from it: see reviewed.py."""


@dataclass(frozen=True)
class Material:
    """What was made."""

    gallery: Path
    queries: Path
    asked: tuple[Asked, ...]
    photos: dict[str, list[str]]
    """File of the gallery → the names of the photos that it shows, whole or in part; none of scenes put together."""


def material(data: Path, work: Path, seed: int, amounts: Amounts) -> Material:
    """Make the files in a folder of their own below `work`, or take them as they were made with this seed."""
    folder = work / f"copies-{seed}-{amounts.gallery}-{amounts.per_kind}"
    plan = folder / "plan.json"
    if not plan.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _Maker(folder, seed, amounts).make(*pool(data, amounts.pool))
    known = json.loads(plan.read_text("utf-8"))
    if known["amounts"] != asdict(amounts):
        raise SystemExit(f"{folder} was made with {known['amounts']}; remove it, or choose another seed or --work.")
    asked = tuple(
        Asked(**{key: tuple(value) if isinstance(value, list) else value for key, value in one.items()})
        for one in ({**one, "parts": {k: Part(**v) for k, v in one["parts"].items()}} for one in known["asked"])
    )
    return Material(folder / "gallery", folder / "queries", asked, known["photos"])


def read(path: Path) -> Pixels:
    """Read a picture's file."""
    return np.asarray(Image.open(path).convert("RGB"))


class _Maker:
    """Shares pictures out and writes the files."""

    def __init__(self, folder: Path, seed: int, amounts: Amounts) -> None:
        self._folder = folder
        self._seed = seed
        self._amounts = amounts
        self._asked: list[Asked] = []
        self._photos: dict[str, list[str]] = {}
        for name in ("gallery", "queries"):
            (folder / name).mkdir(parents=True)

    def make(self, sources: list[Picture], distractors: list[Picture]) -> None:
        """Write all files, and the plan last."""
        order = np.random.default_rng(self._seed).permutation(len(sources)).tolist()
        amounts, shuffled = self._amounts, iter(order)

        def take(count: int) -> list[Picture]:
            return [sources[n] for n, _ in zip(shuffled, range(count), strict=False)]

        kept, guests = take(amounts.sources), take(amounts.guests)
        unknown, strangers = take(amounts.unknown), take(amounts.strangers)
        companions, studio = take(amounts.companions), take(amounts.studio)
        names = [self._add(one.pixels, f"source-{n:05}", [one.name]) for n, one in enumerate(kept)]
        for number, kind in enumerate(KINDS):
            for turn in range(amounts.per_kind):
                random = np.random.default_rng([self._seed, number, turn])
                if kind.reverse:
                    self._ask_for_edited(random, kind, guests.pop(), companions)
                else:
                    self._ask_for_source(random, kind, kept, names, strangers)
        self._ask_unknown(unknown, strangers)
        self._ask_pairs(studio)
        self._fill([sources[n] for n in shuffled] + distractors)
        plan = {
            "amounts": asdict(amounts),
            "asked": [asdict(one) for one in self._asked],
            "photos": self._photos,
        }
        (self._folder / "plan.json").write_text(json.dumps(plan), "utf-8")

    def _add(self, pixels: Pixels, name: str, photos: Sequence[str]) -> str:
        file = f"{name}.jpg"
        Image.fromarray(pixels).save(self._folder / "gallery" / file, quality=92)
        self._photos[file] = list(photos)
        return file

    def _ask(self, pixels: Pixels, **asked: object) -> None:
        name = f"{len(self._asked):05}.jpg"
        Image.fromarray(pixels).save(self._folder / "queries" / name, quality=90)
        self._asked.append(Asked(file=name, **asked))  # type: ignore[arg-type]

    def _ask_for_source(
        self,
        random: np.random.Generator,
        kind: Kind,
        kept: Sequence[Picture],
        names: Sequence[str],
        strangers: Sequence[Picture],
    ) -> None:
        chosen = random.choice(len(kept), 10, replace=False).tolist()
        beside = [kept[n] for n in chosen[1:]] if kind.others == "gallery" else _some(random, strangers)
        edited, photos = _edited(random, kind, kept[chosen[0]], beside)
        parts = {names[chosen[one.source]]: Part(one.edited, one.original) for one in edited.regions}
        truth = tuple(parts) or (names[chosen[0]],)
        self._ask(edited.pixels, sort="edit", group=kind.group, kind=kind.name, truth=truth, parts=parts, photos=photos)

    def _ask_for_edited(
        self, random: np.random.Generator, kind: Kind, guest: Picture, companions: Sequence[Picture]
    ) -> None:
        edited, photos = _edited(random, kind, guest, _some(random, companions))
        name = self._add(edited.pixels, f"edited-{len(self._asked):05}", photos)
        (region,) = edited.regions
        parts = {name: Part(region.original, region.edited)}
        what = {"sort": "edit", "group": kind.group, "kind": kind.name}
        self._ask(guest.pixels, **what, truth=(name,), parts=parts, photos=(guest.name,))

    def _ask_unknown(self, unknown: Sequence[Picture], strangers: Sequence[Picture]) -> None:
        """Ask for pictures that are not there: half of them as they are, half of them edited in any way."""
        for number, one in enumerate(unknown):
            random = np.random.default_rng([self._seed, 10_000 + number])
            kind = KINDS[int(random.integers(len(KINDS)))]
            if number % 2:
                edited, photos = _edited(random, kind, one, _some(random, strangers))
                what = f"{kind.group}: {kind.name}"
                self._ask(edited.pixels, sort="unknown", group="unknown", kind=what, photos=photos)
            else:
                self._ask(one.pixels, sort="unknown", group="unknown", kind="as it is", photos=(one.name,))

    def _ask_pairs(self, pictures: Sequence[Picture]) -> None:
        count = self._amounts.pairs
        studio = Studio.of(pictures, enough=6 * count)
        for pair in scene_pairs(self._seed, studio, count):
            name = self._ask_pair("scene", pair)
            random = np.random.default_rng([self._seed, 20_000 + len(self._asked)])
            copy = Kind("scene copy", pair.kind, _MILD).apply(random, pair.gallery, ())
            self._ask(copy.pixels, sort="scene copy", group="scene copy", kind=pair.kind, truth=(name,))
        for pair in chrome_pairs(self._seed, studio, count):
            self._ask_pair("chrome", pair)

    def _ask_pair(self, sort: str, pair: Pair) -> str:
        name = self._add(pair.gallery, f"{sort}-{len(self._asked):05}", pair.shown)
        self._ask(pair.query, sort=sort, group=sort, kind=pair.kind, shared=name)
        return name

    def _fill(self, distractors: list[Picture]) -> None:
        """Cut distractors into two parts each, and as many as must be into four."""
        missing = self._amounts.gallery - len(self._photos)
        if missing > 4 * len(distractors):
            raise SystemExit(f"There are {len(distractors)} distractors, too few for {missing}; lower --gallery.")
        quarters = max(0, (missing - 2 * len(distractors) + 1) // 2)
        pieces = (
            (piece, one.name)
            for number, one in enumerate(distractors)
            for piece in _cut(one.pixels, 2 if number < quarters else 1)
        )
        for number, (piece, photo) in zip(range(missing), pieces, strict=False):
            self._add(piece, f"distractor-{number:05}", [photo])


def _edited(
    random: np.random.Generator, kind: Kind, picture: Picture, others: Sequence[Picture]
) -> tuple[Edited, tuple[str, ...]]:
    """Edit a picture, and name all that it shows then."""
    edited = kind.apply(random, picture.pixels, [one.pixels for one in others])
    return edited, tuple((picture, *others)[source].name for source in edited.sources)


def _some(random: np.random.Generator, pictures: Sequence[Picture]) -> list[Picture]:
    return [pictures[int(n)] for n in random.choice(len(pictures), 9, replace=False)]


def _cut(pixels: Pixels, depth: int) -> Iterator[Pixels]:
    """Cut across the longer side, `depth` times."""
    if not depth:
        yield pixels
        return
    height, width = pixels.shape[:2]
    first, second = (
        (pixels[:, : width // 2], pixels[:, width // 2 :])
        if width >= height
        else (pixels[: height // 2], pixels[height // 2 :])
    )
    yield from _cut(first, depth - 1)
    yield from _cut(second, depth - 1)

"""Is anything that was acknowledged ever lost, or left half-written, when the process is killed?

Round after round a child opens the gallery, puts, describes and deletes batches, announces each call on a pipe and
acknowledges it when it has returned, until it is killed with SIGKILL at a random moment, which may be while it opens.
Then the gallery is opened again and must hold exactly what was acknowledged, perhaps with the one call that was
announced last: every record with its contents, embedding, words and properties; and its own check must find nothing.
One-bit codes are made from 300 rows on instead of 200,000, so that kills fall into that as well.

A process that dies loses nothing that it has handed to the operating system, so this tests the transactions, not the
disk's promise to keep what was synced.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.errors import GalleryError, NotFound
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.testing import make_record, make_space
from lookalike.types import ImageRecord, image_id
from report import Table, record

SPACE = make_space("made-up@1/semantic", dim=128)
SIZES = Sizes(few=1, exact=100, bytes=300)
PICTURES = 3_000
LONGEST_LIFE_S = 1.2

State = dict[int, tuple[int, int]]
"""Number of a picture → the version that the gallery holds, and how often it was described since."""


def main() -> None:
    """Kill, open, compare; exit with 1 where anything is wrong."""
    arguments = parse_arguments()
    if arguments.child:
        live(arguments.child, arguments.seed)
    rounds = 20 if arguments.quick else arguments.rounds
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        kills = Kills(Path(work) / "killed.gallery", arguments.seed)
        for number in range(rounds):
            kills.once(number)
            if sys.stderr.isatty():
                print(f"\r{number + 1} rounds", end="", file=sys.stderr)
    table = Table(["measure", "value"])
    table.row("kills", f"{rounds}, of which {kills.inside} between announcement and acknowledgement")
    table.row("acknowledged calls", f"{kills.acknowledged:,}")
    table.row("acknowledged records lost or changed", str(kills.lost))
    table.row("calls done by half", str(kills.halves))
    table.row("galleries that did not open, or whose check found damage", str(kills.damaged))
    table.print()
    if arguments.record:
        record("Durability", f"python bench/durability.py --rounds {rounds}", table)
    sys.exit(bool(kills.lost or kills.halves or kills.damaged))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="a folder on the disk to be tested")
    parser.add_argument("--quick", action="store_true", help="20 rounds, whatever --rounds says")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def live(path: Path, seed: int) -> None:
    """Put and delete for ever, announcing each call before and acknowledging it after."""
    for line in sys.stdin:
        say("opening")
        held = {int(number): (version, words) for number, (version, words) in json.loads(line).items()}
        with SqliteGallery.open(path, sizes=SIZES) as gallery:
            gallery.add_space(SPACE)
            for call in calls(random.Random(seed), held):  # noqa: S311 - nothing secret
                say(call)
                if put := call["put"]:
                    gallery.put([picture(number, *state) for number, state in put])
                elif described := call["describe"]:
                    described_as = {id_of(number): said(number, *state) for number, state in described}
                    gallery.describe(list(described_as), lambda one, to=described_as: replace(one, **to[one.id]))
                else:
                    gallery.delete([id_of(number) for number in call["delete"]])
                say("done")


def say(message: object) -> None:
    """Write a line that survives whatever comes next."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def calls(chance: random.Random, held: State) -> Iterator[dict[str, list]]:
    """Make up calls: mostly additions and replacements, some changes of words, some deletions."""
    states = dict(held)
    latest = {number: version for number, (version, _) in held.items()}
    while True:
        numbers = chance.sample(range(PICTURES), chance.choice([1, 5, 40, 200]))
        call: dict[str, list] = {"put": [], "describe": [], "delete": []}
        kind = chance.choices(["put", "describe", "delete"], [50, 25, 25])[0]
        for number in numbers:
            version, words = states.get(number, (0, 0))
            if kind == "put":
                latest[number] = latest.get(number, 0) + 1
                states[number] = latest[number], 0
                call["put"].append((number, states[number]))
            elif kind == "describe" and number in states:
                states[number] = version, words + 1
                call["describe"].append((number, states[number]))
            elif kind == "delete":
                states.pop(number, None)
                call["delete"].append(number)
        if any(call.values()):
            yield call


def id_of(number: int) -> str:
    """Give the id of a picture."""
    return image_id(uri_of(number))


def uri_of(number: int) -> str:
    """Give the uri of a picture."""
    return f"file:///pictures/{number % 17}/{number:05}.jpg"


def said(number: int, version: int, words: int) -> dict[str, Any]:
    """Make the words of a picture."""
    return {
        "title": str(words),
        "caption": f"picture{number} version{version}x words{words}",
        "tags": (f"tag{(version + words) % 5}",),
        "label": f"label{(number + words) % 7}",
    }


def picture(number: int, version: int, words: int) -> ImageRecord:
    """Make the record of a picture: everything in it follows from its number, version and words."""
    own = np.random.default_rng((number, version))
    vector = own.standard_normal(SPACE.dim)
    return make_record(
        uri_of(number),
        version=str(version),
        width=int(own.integers(1, 5_000)),
        embeddings={SPACE.name: (vector / np.linalg.norm(vector)).astype(np.float16)},
        **said(number, version, words),
    )


class Kills:
    """Kills children one after the other, and counts what they have broken."""

    def __init__(self, path: Path, seed: int) -> None:
        """Begin with no gallery at all."""
        self._path = path
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._held: State = {}
        self.inside = self.acknowledged = self.lost = self.halves = self.damaged = 0

    def once(self, number: int) -> None:
        """Let one child live for a while, and look at what it leaves."""
        lines = self._lines_of_a_short_life(number)
        pending: dict[str, list] | None = None
        for line in lines:
            if line == "done":
                self._held = applied(self._held, pending)
                self.acknowledged += 1
                pending = None
            elif line != "opening":
                pending = line
        self.inside += pending is not None
        try:
            with SqliteGallery.open(self._path, create=False, sizes=SIZES) as gallery:
                self._compare(gallery, pending)
        except NotFound:  # killed before there was a gallery
            self.lost += len(self._held)
            self.damaged += bool(self._held)
        except GalleryError as error:
            print(error, file=sys.stderr)
            self.damaged += 1

    def _lines_of_a_short_life(self, number: int) -> list:
        command = [sys.executable, __file__, "--child", str(self._path), "--seed", str(self._seed + 1 + number)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(self._held) + "\n")
            child.stdin.flush()
            first = child.stdout.readline()
            time.sleep(self._chance.random() ** 2 * LONGEST_LIFE_S)
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read()
        return [json.loads(line) for line in [first, *rest.splitlines(keepends=True)] if line.endswith("\n")]

    def _compare(self, gallery: SqliteGallery, pending: dict[str, list] | None) -> None:
        """Find out which state the gallery is in, and go on from there."""
        found = {number_of(one): (int(one.version), int(one.title)) for one in all_records(gallery)}
        after = applied(self._held, pending)
        if found not in (self._held, after):
            wrong = sum(
                found.get(number) not in (self._held.get(number), after.get(number)) for number in {*found, *after}
            )
            self.lost += wrong
            self.halves += not wrong
        self.damaged += bool(gallery.check())
        self.lost += sum(not whole(gallery, number, *state) for number, state in self._sample(found))
        self._held = found

    def _sample(self, found: State) -> list[tuple[int, tuple[int, int]]]:
        return self._chance.sample(sorted(found.items()), min(40, len(found)))


def applied(held: State, call: Mapping[str, list] | None) -> State:
    """Give the state after a call."""
    if call is None:
        return held
    kept = {number: state for number, state in held.items() if number not in call["delete"]}
    return kept | {number: (version, words) for number, (version, words) in (*call["put"], *call["describe"])}


def all_records(gallery: SqliteGallery) -> Iterator[ImageRecord]:
    """List every record."""
    after = ""
    while True:
        page = gallery.scan(order="path", after=after, limit=1_000)
        yield from page.records
        after = page.after
        if not after:
            return


def number_of(one: ImageRecord) -> int:
    """Give the number of a picture."""
    return int(one.uri[-9:-4])


def whole(gallery: SqliteGallery, number: int, version: int, words: int) -> bool:
    """Say whether a picture has all its contents, and is found by its embedding and by its words."""
    expected = picture(number, version, words)
    vector = expected.embeddings[SPACE.name]
    found = gallery.get([expected.id], embeddings=True)[0]
    return (
        replace(found, embeddings={}) == replace(expected, embeddings={})
        and np.array_equal(found.embeddings[SPACE.name], vector)
        and gallery.nearest(SPACE.name, vector.astype(np.float32)[None], 1)[0].ids == (expected.id,)
        and gallery.match_text(expected.caption, 1).ids == (expected.id,)
    )


if __name__ == "__main__":
    main()

"""What does a program do that is to be killed? It puts and deletes for ever, and tells of each call before and after.

    python -m disasters.life GALLERY SEED

On stdin is what the gallery holds.
"""

import json
import random
import sys
from pathlib import Path

from disasters.calls import SIZES, SPACE, calls, do
from lookalike.gallery.sqlite import SqliteGallery


def main() -> None:
    """Announce each call, make it, acknowledge it."""
    held = {int(number): (version, words) for number, (version, words) in json.loads(sys.stdin.readline()).items()}
    say("opening")
    with SqliteGallery.open(Path(sys.argv[1]), sizes=SIZES) as gallery:
        gallery.add_space(SPACE)
        for call in calls(random.Random(int(sys.argv[2])), held):  # noqa: S311 - nothing secret
            say(call)
            do(gallery, call)
            say("done")


def say(message: object) -> None:
    """Write a line that survives whatever comes next."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

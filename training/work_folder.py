"""Was what lies in a work folder made with the settings of this run?"""

import json
from pathlib import Path


def keep_to(work: Path, **settings: object) -> None:
    """Note in a work folder with which settings it is filled; stop where those were others.

    Else the tokenizer or the unfinished lessons of a trial would be taken for those of the whole.
    """
    work.mkdir(parents=True, exist_ok=True)
    note = work / "settings.json"
    if not note.exists():
        note.write_text(json.dumps(settings), "utf-8")
    known = json.loads(note.read_text("utf-8"))
    if known != settings:
        raise SystemExit(f"{work} was filled with {known}, not {settings}: give another --work.")

"""How is an edit taken back? What was said of a picture before waits for an hour, as deleted pictures do."""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from lookalike.describing import Edit, to_be_reworded
from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.packing import pack_record, unpack_record
from lookalike.service.ledger import Ledger
from lookalike.types import Described, ImageRecord

_WORDS = (*(field.name for field in fields(Described)), "recognised", "edited")
"""What an edit may change."""
_BATCH = 500
"""Edits that are taken back with one write."""

_LAST = """
SELECT id, made, before, after FROM edits WHERE id = ?1 AND made >= ?2 AND (?3 = '' OR made = CAST(?3 AS REAL))
"""
"""The last edit of a picture; where a time is given, only the one of that time."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edited:
    """A picture that was written about."""

    record: ImageRecord
    edit: str
    """Names what was done, so that it and nothing else is taken back."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """How a picture was before and after an edit."""

    made: float
    before: ImageRecord
    after: ImageRecord


def picture_of(edit: str) -> str:
    """Give the id of the picture that an edit of this name changed."""
    return edit.partition(".")[0]


class Edits:
    """Carries edits out, and takes the last one of each picture back. May be shared by threads."""

    def __init__(self, ledger: Ledger, gallery: Gallery, keep_s: float) -> None:
        """Remember in the ledger how records were, for so long."""
        self._ledger = ledger
        self._gallery = gallery
        self._keep_s = keep_s

    def make(self, id_: str, edit: Edit) -> Edited | None:
        """Change what is said of a picture; None where it is not there.

        Where it cannot be remembered how it was, as on a full disk, it is changed all the same.

        Raises:
            BadInput: as `Edit.apply` says.
            GalleryError: it cannot be written.
        """
        before: list[ImageRecord] = []

        def change(record: ImageRecord) -> ImageRecord:
            before[:] = [record]
            return edit.apply(record)

        with self._ledger.changing:
            found = self._gallery.describe([id_], change)
            if not found:
                return None
            kept = _Kept(time.time(), before[0], found[0])
            if _words(kept.before) != _words(kept.after):  # else the edit before can still be taken back
                self._keep(kept)
        return Edited(kept.after, f"{id_}.{kept.made!r}")

    def undo(self, named: Collection[str]) -> list[ImageRecord]:
        """Take edits back, each by its name, or by a picture's id the last one of that picture.

        Gives the pictures of which now is said what was said before. One that was written about again meanwhile, by
        whomever, is left as it is now; unknown names are passed over.

        Raises:
            GalleryError: it cannot be written.
        """
        undone: list[ImageRecord] = []
        wanted = list(dict.fromkeys(named))
        for start in range(0, len(wanted), _BATCH):
            with self._ledger.changing:  # whoever comes second finds it forgotten
                kept = self._kept(wanted[start : start + _BATCH])
                if kept:
                    undone += self._put_back(kept)
                    self._forget(kept)
        return undone

    def _keep(self, kept: _Kept) -> None:
        """Remember an edit; where that fails, say so in the log: the gallery has stored it."""
        row = (kept.after.id, kept.made, pack_record(kept.before), pack_record(kept.after))
        try:
            with self._ledger.transaction() as connection:
                connection.execute("DELETE FROM edits WHERE made < ?", (kept.made - self._keep_s,))
                connection.execute("INSERT OR REPLACE INTO edits VALUES (?, ?, ?, ?)", row)
        except GalleryError as error:
            _log.warning("An edit cannot be taken back: %s", error.what)

    def _kept(self, named: Sequence[str]) -> dict[str, _Kept]:
        """Give the edits of these names that can be taken back, by the ids of their pictures: each has one at most."""
        since = time.time() - self._keep_s
        rows: list[Any] = []
        with self._ledger.transaction() as connection:
            for name in named:
                id_, _, made = name.partition(".")
                rows += connection.execute(_LAST, (id_, since, made))
        return {id_: _Kept(made, unpack_record(before), unpack_record(after)) for id_, made, before, after in rows}

    def _forget(self, kept: Mapping[str, _Kept]) -> None:
        """Let edits go, unless another one has taken the place of one."""
        with self._ledger.transaction() as connection:
            pairs = [(id_, one.made) for id_, one in kept.items()]
            connection.executemany("DELETE FROM edits WHERE id = ? AND made = ?", pairs)

    def _put_back(self, kept: Mapping[str, _Kept]) -> list[ImageRecord]:
        """Say again what was said before of the pictures that nobody has written about since, and give those."""
        is_still: dict[str, bool] = {}

        def change(record: ImageRecord) -> ImageRecord:
            before, after = kept[record.id].before, kept[record.id].after
            is_still[record.id] = _words(record) == _words(after)
            if not is_still[record.id]:
                return record
            # What a person wrote may have hidden that the source says something else by now.
            version = record.version if record.version == after.version else to_be_reworded(record.version)
            return replace(record, **_words(before), version=version)

        return [record for record in self._gallery.describe(list(kept), change) if is_still[record.id]]


def _words(record: ImageRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _WORDS}

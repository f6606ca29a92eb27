"""How do uploaded pictures get into the gallery and out again? Kept as files by their sha256, then ingested."""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG
from threading import Lock

from lookalike.decode import sniff
from lookalike.errors import BadInput, Blocked, LookalikeError, TooLarge, Unreachable, UnreadableImage
from lookalike.service.parts import Parts
from lookalike.service.pictures.formats import EXTENSION
from lookalike.service.pictures.incoming import Incoming
from lookalike.service.pictures.trash import Trash
from lookalike.threads import stepping_aside
from lookalike.types import ImageRecord, Ingested, Item, Outcome
from lookalike.uris import image_id, local_path

_ERRORS = {Outcome.TOO_LARGE: TooLarge, Outcome.BLOCKED: Blocked}
_STRIPES = 64
_STALE_S = 86_400
_CUT_OFF_S = 3_600
"""How long ago an upload must have begun to be cut off: another program may be about to write its record."""
_OURS = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}\.[a-z]{3,4}")


class Uploads:
    """The folder of uploaded pictures, and the way from it into the gallery. May be shared by threads."""

    def __init__(self, parts: Parts) -> None:
        """Use the folder, which is made when the first picture comes."""
        self._parts = parts
        self._folder = parts.library.uploads.absolute()
        self._locks = [Lock() for _ in range(_STRIPES)]

    def receive(self, name: str) -> Incoming:
        """Open a file for a picture that is coming in; close it in any case.

        Raises:
            GalleryError: the folder cannot be written.
        """
        return Incoming(name, self._incoming, self._parts.limits.max_upload_bytes)

    def take_in(self, files: Sequence[Incoming]) -> list[Ingested]:
        """Store what is a picture and ingest it; one outcome a file, in their order, after all is safely stored.

        Raises:
            BadInput: there is no file.
            GalleryError: nothing can be stored.
        """
        if not files:
            raise BadInput("The request holds no picture.", "Send a multipart form with files.")
        with ExitStack() as held:
            for stripe in sorted({_stripe(one.sha256) for one in files}):
                self._hold(stripe, held)
            before = self._there(one.sha256 for one in files)
            with self._leaving_no_files(before) as moving:
                kept = [self._keep(one, moving) for one in files]
                outcomes = self._ingest([one for one in kept if isinstance(one, Item)])
        return list(_each_once(outcomes[one.uri] if isinstance(one, Item) else one for one in kept))

    def _hold(self, stripe: int, held: ExitStack) -> None:
        """Keep others from the files of a stripe; who must wait for that steps aside, but takes in when its turn is."""
        lock = self._locks[stripe]
        if not lock.acquire(blocking=False):
            with stepping_aside():
                lock.acquire()
        held.callback(lock.release)

    def discard(self, record: ImageRecord, is_over: Callable[[], bool]) -> None:
        """Delete the file of a record that is gone, where it was uploaded; anyone's own files are left alone.

        `is_over` tells whether it still cannot come back, and is asked once nobody else can take it in.
        """
        path = local_path(record.uri)
        if path is None or not path.is_relative_to(self._folder) or not self._is_ours(path):
            return
        with self._locks[_stripe(path.stem)]:
            # In this order: what was uploaded again and deleted since is in the trash before it leaves the gallery.
            if not self._parts.gallery.get([record.id]) and is_over():
                path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what came in halfway, and was cut off by a crash."""
        with suppress(OSError):
            for path in self._incoming.glob("upload-*"):
                if path.stat().st_mtime < time.time() - _STALE_S:
                    path.unlink(missing_ok=True)

    def sweep_cut_off(self, trash: Trash) -> None:
        """Delete pictures whose records were never written, as a crash came between: those that are noted, no others.

        What else has no record here is kept: it may have one in a gallery that was moved away or will be restored.
        """
        with suppress(OSError, LookalikeError):
            for note in self._incoming.iterdir():
                path = self._folder / note.name[:2] / note.name
                if self._is_ours(path) and note.lstat().st_mtime < time.time() - _CUT_OFF_S:
                    self._sweep_cut_off(path, trash)

    def _sweep_cut_off(self, path: Path, trash: Trash) -> None:
        """Delete one file, unless it has got its record."""
        sha256 = path.stem
        with self._locks[_stripe(sha256)]:
            known = self._parts.gallery.find("sha256", {sha256}).keys() | trash.holds({sha256})
            if not known and path.exists() and S_ISREG(path.lstat().st_mode):
                path.unlink()
            self._note_of(path).unlink(missing_ok=True)

    def _there(self, sha256s: Iterable[str]) -> set[str]:
        """Give the URIs of pictures that lie here already: records in the trash may need them."""
        found = (self._folder.glob(f"{sha256[:2]}/{sha256}.*") for sha256 in set(sha256s))
        return {path.as_uri() for paths in found for path in paths}

    @contextmanager
    def _leaving_no_files(self, before: Collection[str]) -> Iterator[list[Path]]:
        """Take files away again that were moved to where they stay and did not become records, but for those `before`.

        Gives the list to put them on. Each has a note as long, by which it is found after a crash.
        """
        moving: list[Path] = []
        try:
            yield moving
        finally:
            gallery = self._parts.gallery
            stored = {record.uri for record in gallery.get([image_id(path.as_uri()) for path in moving])}
            for path in moving:
                uri = path.as_uri()
                if uri not in stored:
                    gallery.drop_failures([uri])
                if uri not in stored and uri not in before:
                    path.unlink(missing_ok=True)
                if uri in stored or uri not in before:
                    self._note_of(path).unlink(missing_ok=True)

    def _keep(self, file: Incoming, moving: list[Path]) -> Item | Ingested:
        """Put a file where it stays, named by its content; what is no picture is not kept."""
        if file.too_large:
            limit = self._parts.limits.max_upload_bytes
            return Ingested(uri="", outcome=Outcome.TOO_LARGE, reason=f"It is larger than {limit:,} bytes.")
        try:
            format_ = sniff(file.read())
        except UnreadableImage as error:
            return Ingested(uri="", outcome=Outcome.UNREADABLE, reason=error.what)
        sha256 = file.sha256
        path = self._folder / sha256[:2] / f"{sha256}.{EXTENSION.get(format_, format_)}"
        moving.append(path)
        if not path.exists():
            file.note(path)
        file.move(path)
        return Item(uri=path.as_uri(), version=sha256, title=file.name)

    def _ingest(self, items: list[Item]) -> dict[str, Ingested]:
        """Ingest files in their place."""
        source = _Kept({item.uri: item for item in reversed(items)})  # of the same bytes, the first name counts
        # A crash may have left failures, which would make them `unchanged`.
        self._parts.gallery.drop_failures([item.uri for item in source.items()])
        return {one.uri: one for one in self._parts.library.ingest(source, catch_up=False)}

    @property
    def _incoming(self) -> Path:
        """Where files lie while they come in, and notes of those that have come and are about to get their records."""
        return self._folder / "incoming"

    def _note_of(self, path: Path) -> Path:
        return self._incoming / path.name

    def _is_ours(self, path: Path) -> bool:
        """Whether a path in the folder is named as we name files, and no link leads out of the folder on the way."""
        below = path.relative_to(self._folder).as_posix()
        return bool(_OURS.fullmatch(below)) and path.parent.resolve() == self._folder.resolve() / path.parent.name


class _Kept:
    """Offers uploaded files that have been put in their place."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, items: dict[str, Item]) -> None:
        self._items = items

    def items(self) -> Iterator[Item]:
        yield from self._items.values()

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002
        return uri not in self._items

    def open(self, item: Item) -> Path | bytes:
        return _path(item.uri)


def refuse_if_all_failed(outcomes: Sequence[Ingested]) -> None:
    """Answer with an error where no picture could be taken in.

    Raises:
        TooLarge, Blocked, UnreadableImage: so, with the reasons.
        Unreachable: it was not the picture's fault, at least of one; sent again it may do.
    """
    kinds = {one.outcome for one in outcomes}
    if all(kind.failed for kind in kinds):
        reasons = " ".join(dict.fromkeys(one.reason for one in outcomes))
        if Outcome.UNREACHABLE in kinds:
            raise Unreachable(reasons, "Send it again.")
        kind = _ERRORS.get(next(iter(kinds)), UnreadableImage) if len(kinds) == 1 else UnreadableImage
        raise kind(reasons)


def _each_once(outcomes: Iterable[Ingested]) -> Iterator[Ingested]:
    """Say of bytes that come again in one upload that they were there already: they are one picture."""
    added: set[str] = set()
    for one in outcomes:
        is_again = one.outcome is Outcome.ADDED and one.id in added
        added.add(one.id)
        yield replace(one, outcome=Outcome.UNCHANGED) if is_again else one


def _path(uri: str) -> Path:
    path = local_path(uri)
    assert path is not None  # noqa: S101 - made by as_uri()
    return path


def _stripe(sha256: str) -> int:
    return int(sha256[:4], 16) % _STRIPES

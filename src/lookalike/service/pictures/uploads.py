"""How do uploaded pictures get into the gallery and out again? Kept as files by their sha256, then ingested."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from stat import S_ISREG
from threading import Lock

from lookalike.decode import sniff
from lookalike.errors import BadInput, Blocked, LookalikeError, TooLarge, Unreachable, UnreadableImage
from lookalike.ingest import ingest
from lookalike.service.parts import Parts
from lookalike.service.pictures.formats import EXTENSION
from lookalike.service.pictures.incoming import Incoming
from lookalike.service.pictures.trash import Trash
from lookalike.types import ImageRecord, Ingested, Item, Outcome, image_id, local_path

_ERRORS = {Outcome.TOO_LARGE: TooLarge, Outcome.BLOCKED: Blocked}
_STRIPES = 64
_STALE_S = 86_400
_ORPHAN_S = 3_600
"""How old a file without a record must be to be nobody's: another program may be about to write the record."""
_OURS = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}\.[a-z]{3,4}")


class Uploads:
    """The folder of uploaded pictures, and the way from it into the gallery. May be shared by threads."""

    def __init__(self, parts: Parts) -> None:
        """Use the folder, which is made when the first picture comes."""
        self._parts = parts
        self._folder = parts.uploads.absolute()
        self._locks = [Lock() for _ in range(_STRIPES)]

    def receive(self, name: str) -> Incoming:
        """Open a file for a picture that is coming in; close it in any case.

        Raises:
            GalleryError: the folder cannot be written.
        """
        return Incoming(name, self._folder / "incoming", self._parts.limits.max_upload_bytes)

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
                held.enter_context(self._locks[stripe])
            before = self._there(one.sha256 for one in files)
            kept = [self._keep(one) for one in files]
            outcomes = self._ingest([one for one in kept if isinstance(one, Item)], before)
        return [outcomes[one.uri] if isinstance(one, Item) else one for one in kept]

    def discard(self, record: ImageRecord) -> None:
        """Delete the file of a record that is gone, where it was uploaded; anyone's own files are left alone."""
        path = local_path(record.uri)
        if path is None or not path.is_relative_to(self._folder) or not self._is_ours(path):
            return
        with self._locks[_stripe(path.stem)]:
            if not self._parts.gallery.get([record.id]):  # else it was uploaded again
                path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what uploads left behind that were cut off by a crash."""
        with suppress(OSError):
            for path in (self._folder / "incoming").iterdir():
                if path.stat().st_mtime < time.time() - _STALE_S:
                    path.unlink(missing_ok=True)

    def sweep_orphans(self, trash: Trash) -> None:
        """Delete pictures whose records were never written, or are gone: a crash came between the two.

        What may come back from the trash stays. Takes a while where there are many; may run beside everything else.
        """
        with suppress(OSError, LookalikeError):
            for folder in self._folder.iterdir():
                old = {path.stem: path for path in folder.glob("*.*") if self._is_old(path)}
                known = self._parts.gallery.find("sha256", old.keys()).keys() | trash.holds(old.keys())
                for sha256 in old.keys() - known:
                    self._sweep_orphan(old[sha256])

    def _sweep_orphan(self, path: Path) -> None:
        """Delete one file, unless it was uploaded again just now."""
        with self._locks[_stripe(path.stem)]:
            if self._is_old(path) and not self._parts.gallery.find("sha256", {path.stem}):
                path.unlink()

    def _is_old(self, path: Path) -> bool:
        """Whether a path is that of one of our files, and its upload is long over."""
        if not self._is_ours(path):
            return False
        status = path.lstat()
        return S_ISREG(status.st_mode) and max(status.st_mtime, status.st_ctime) < time.time() - _ORPHAN_S

    def _there(self, sha256s: Iterable[str]) -> set[str]:
        """Give the URIs of pictures that lie here already: records in the trash may need them."""
        found = (self._folder.glob(f"{sha256[:2]}/{sha256}.*") for sha256 in set(sha256s))
        return {path.as_uri() for paths in found for path in paths}

    def _keep(self, file: Incoming) -> Item | Ingested:
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
        file.move(path)
        return Item(uri=path.as_uri(), version=sha256, title=file.name)

    def _ingest(self, items: list[Item], before: set[str]) -> dict[str, Ingested]:
        """Ingest files in their place, and take those away again that came just now and did not become records."""
        parts = self._parts
        source = _Kept({item.uri: item for item in items})
        uris = [item.uri for item in source.items()]
        parts.gallery.drop_failures(uris)  # a crash may have left one, which would make it `unchanged`
        try:
            outcomes = ingest(
                source,
                parts.gallery,
                parts.encoder,
                parts.decoder,
                fingerprinter=parts.fingerprinter,
                captioner=parts.captioner,
                gate=parts.gate(),
            )
            return {one.uri: one for one in outcomes}
        finally:
            stored = {record.uri for record in parts.gallery.get([image_id(uri) for uri in uris])}
            for uri in set(uris) - stored:
                if uri not in before:
                    _path(uri).unlink(missing_ok=True)
                parts.gallery.drop_failures([uri])

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


def _path(uri: str) -> Path:
    path = local_path(uri)
    assert path is not None  # noqa: S101 - made by as_uri()
    return path


def _stripe(sha256: str) -> int:
    return int(sha256[:4], 16) % _STRIPES

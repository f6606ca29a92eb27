"""Which pictures shall never come in again, in whatever form? A small gallery of unwanted ones, asked at the door."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Self

from PIL import Image

from lookalike.copies.fingerprint import Fingerprinter
from lookalike.copies.verifier import QueryPicture
from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.describing import Edit
from lookalike.disk import replacing, sweep_unfinished
from lookalike.encoders import Encoder
from lookalike.errors import GalleryError, NotFound, TooLarge, UnreadableImage
from lookalike.gallery import Gallery, Page, open_gallery
from lookalike.gallery.filters import And
from lookalike.gallery.serving import Serving
from lookalike.gallery.walking import each_record
from lookalike.ingest import ingest
from lookalike.search.copies import CopyFinder, Wanted
from lookalike.thumbnails import Thumbnails
from lookalike.types import Grey, ImageRecord, Item, Relation
from lookalike.uris import image_id

_KEPT_PX = 512
_KEPT_QUALITY = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Why a picture may not come in."""

    id: str
    """Of the unwanted picture that it is."""
    title: str
    transform: str
    """What was done to the unwanted picture, in words; empty where it is the very picture."""

    @property
    def reason(self) -> str:
        """Say it in a sentence."""
        how = f"an edited copy ({self.transform}) of" if self.transform else "the same as"
        return f"It is {how} the blocked picture {self.id} ({self.title})."


class BlockList:
    """Remembers unwanted pictures, and tells when one comes again, edited or not. May be shared by threads.

    Of each picture a small one is kept, so that an edited copy can be proved even when the original is long gone.
    """

    def __init__(self, path: Path, encoder: Encoder, decoder: DecodePool, *, create: bool = True) -> None:
        """Open the list at `path`, a gallery of its own; small pictures lie in a folder beside it.

        Raises:
            NotFound: there is none, and `create` is off.
            GalleryError: it cannot be opened, or was made with another encoder.
        """
        self._pictures = Path(f"{path}.pictures").absolute()
        sweep_unfinished(self._pictures)
        self._encoder = encoder
        self._decoder = decoder
        self._gallery = _open(path, encoder, create=create)
        self._thumbnails = Thumbnails(None, decoder)
        self._finder = CopyFinder(self._gallery, self._grey, effort="fast")

    def add(self, picture: Path | bytes, title: str) -> ImageRecord:
        """Remember a picture, durably; the same bytes again change nothing but the title.

        Raises:
            BadInput: the title is too long, or no Unicode.
            UnreadableImage, TooLarge, Unreachable: it cannot be had or decoded.
            GalleryError: the list cannot be written.
        """
        name = Edit(title=title)
        decoded = self._decoder.decode(picture, Fit(size=_KEPT_PX, mode="inside"))
        path = self._path(decoded.sha256)
        self._keep(path, decoded)
        uri = f"blocked:{decoded.sha256}"  # wherever the list lies, for it moves with its gallery
        self._gallery.drop_failures([uri])
        source = _One(Item(uri=uri, version=decoded.sha256, title=title.strip()), picture)
        for one in ingest(source, self._gallery, self._encoder, self._decoder, fingerprinter=Fingerprinter()):
            if one.outcome.failed:  # it decoded a moment ago, so its file has changed
                path.unlink(missing_ok=True)
                raise (TooLarge if one.outcome == "too_large" else UnreadableImage)(one.reason)
        return self._gallery.describe([image_id(uri)], name.apply)[0]

    def remove(self, id_: str) -> ImageRecord:
        """Forget an unwanted picture, and give what was known of it.

        Raises:
            NotFound: there is none of that id.
        """
        found = self._gallery.get([id_])
        if not found:
            raise NotFound(f"There is no blocked picture {id_!r}.", "`lookalike block --list` names them all.")
        self._gallery.delete([id_])
        self._path(found[0].sha256).unlink(missing_ok=True)
        return found[0]

    def page(self, after: str = "", limit: int = 100) -> Page:
        """Give some of the unwanted pictures, those that were added last first.

        Raises:
            BadInput: `after` did not come from a page.
        """
        return self._gallery.scan(after=after, limit=limit)

    def __iter__(self) -> Iterator[ImageRecord]:
        """Give the unwanted pictures, those that were added last first."""
        return each_record(lambda after: self._gallery.scan(after=after))

    def __len__(self) -> int:
        """Count the unwanted pictures."""
        return self._gallery.count()

    def find(self, decoded: Decoded) -> Blocked | None:
        """Say which unwanted picture another is, if any; what merely shares a region with one is not blocked."""
        if not len(self):
            return None
        known = self._gallery.find("sha256", [decoded.sha256]) or self._gallery.find("pixels", [decoded.pixel_hash])
        for ids in known.values():
            return self._blocked(ids[0], "")
        if decoded.grey is None:
            return None
        found = self._finder.find(Wanted(picture=QueryPicture(decoded.grey)), And(()))
        same = [(one.confidence, id_) for id_, one in found.items() if one.relation is Relation.SAME]
        return self._blocked(max(same)[1], found[max(same)[1]].transform) if same else None

    def _blocked(self, id_: str, transform: str) -> Blocked | None:
        records = self._gallery.get([id_])  # gone, if somebody lets it in again at this moment
        return Blocked(id=id_, title=records[0].title, transform=transform) if records else None

    def _grey(self, record: ImageRecord) -> Grey:
        return self._thumbnails.grey(replace(record, uri=self._path(record.sha256).as_uri()))

    def _path(self, sha256: str) -> Path:
        return self._pictures / f"{sha256}.jpg"

    def _keep(self, path: Path, decoded: Decoded) -> None:
        """Write a small picture, so that it is whole or not there."""
        jpeg = BytesIO()
        Image.fromarray(decoded.pixels).save(jpeg, "JPEG", quality=_KEPT_QUALITY)
        try:
            self._pictures.mkdir(mode=0o700, exist_ok=True)
            with replacing(path, mode=0o600) as file:
                file.write(jpeg.getvalue())
        except OSError as error:
            what = f"The small picture {path} cannot be written: {error.strerror or error}."
            raise GalleryError(what, "Make room, or give the right to write there.") from None

    def close(self) -> None:
        """Close the list; the object is of no use afterwards."""
        self._finder.close()
        self._gallery.close()

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def _open(path: Path, encoder: Encoder, *, create: bool) -> Gallery:
    with ExitStack() as opened:
        try:
            gallery = opened.enter_context(open_gallery(path, create=create))
            for space in encoder.spaces.values():
                gallery.add_space(space)
            # No picture is blocked by its vectors, so that whichever encoder looks at the gallery will do.
            wanted = Serving(now=tuple(encoder.spaces))
            if gallery.serving.now != wanted.now:
                gallery.serve(lambda _: wanted)
        except GalleryError as error:
            what = f"The block list cannot be opened: {error.what}"
            raise GalleryError(what, "Put its backup there, or move it away and block anew.") from error
        opened.pop_all()
    return gallery


class _One:
    """Offers one picture, whose bytes come from elsewhere than where its record says it lies."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, item: Item, picture: Path | bytes) -> None:
        self._item = item
        self._picture = picture

    def items(self) -> Iterator[Item]:
        yield self._item

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002
        return uri != self._item.uri

    def open(self, item: Item) -> Path | bytes:  # noqa: ARG002
        return self._picture

"""How do the parts come together? One object that indexes, describes, compares and searches."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lookalike.captioners import Captioner
from lookalike.decode import DecodePool
from lookalike.describing import Edit
from lookalike.disk import expand_home
from lookalike.duplicates.moved_away import MovedAway
from lookalike.encoders import Encoder
from lookalike.errors import NotFound
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.serving import Serving
from lookalike.ingest import ingest, recaption, reencode
from lookalike.ingest.pacing import Pace
from lookalike.ingest.switching import answers, begin, roll_back, switch
from lookalike.library.parts import OpenParts, ReadyParts
from lookalike.search import Answer, Mode, Pair, Query, compare_pair, open_picture
from lookalike.seeing import Look, look_once
from lookalike.sources import FolderSource, Source, TableSource
from lookalike.sources.failed import WebRetrySource, is_unlinked, paths_to_retry
from lookalike.types import ImageRecord, Ingested, Region
from lookalike.uris import image_id

__all__ = ["Lookalike", "ReadyParts"]

Picture = str | Path | bytes | Query
"""A file, a URL, the bytes of a picture, the id of one in the gallery; or a query by one of these."""


class Lookalike(OpenParts):
    """A gallery with all that is needed to fill and to search it; its parts are open to whoever wants one alone."""

    def folder_source(
        self,
        paths: Iterable[Path],
        exclude: str | Sequence[str] | None = None,
        *,
        may_be_missing: bool = False,
        within: Sequence[Path] = (),
    ) -> FolderSource:
        """Plan to list files and folders, without what is excluded, the gallery's own files and duplicates moved away.

        `exclude` stands in for the setting of that name; it and the others are as in `FolderSource`.
        """
        roots = [Path(os.path.abspath(expand_home(path))) for path in paths]  # noqa: PTH100 - as in FolderSource
        return FolderSource(
            roots,
            self.settings.exclude if exclude is None else [exclude] if isinstance(exclude, str) else exclude,
            apart_from=self.own_files(),
            moved_away=MovedAway(self.journal, roots),
            may_be_missing=may_be_missing,
            within=within,
        )

    def table_source(
        self,
        table: str | Path,
        *,
        images: str | Path | None = None,
        columns: Mapping[str, Sequence[str]] | None = None,
        encoding: str = "utf-8",
        trusted: bool = False,
    ) -> TableSource:
        """Plan to list the pictures that a table names, as `TableSource` says; `~` is the home folder.

        Raises:
            BadInput: `columns` names no field that there is, or the encoding is not known.
        """
        return TableSource(
            expand_home(table),
            images=None if images is None else expand_home(images),
            columns=columns or {},
            encoding=encoding,
            trusted=trusted,
            fetcher=self.fetcher,
        )

    def sources_to_retry(self, within: Sequence[Path] | None = None) -> tuple[FolderSource, WebRetrySource]:
        """Plan to try again what could not be taken in: files here, and pictures on the web.

        Folders and tables wait until they are indexed again. With `within`, no link is followed out of these folders,
        but to a file that is tried again itself.
        """
        failed = self.gallery.failures()
        stored = {record.uri for record in self.gallery.get([image_id(one.uri) for one in failed])}
        paths = dict.fromkeys(paths_to_retry(failed, stored, within))
        bounds = () if within is None else (*within, *filter(is_unlinked, paths))
        return self.folder_source(paths, may_be_missing=True, within=bounds), WebRetrySource(failed, self.fetcher)

    def index(
        self,
        paths: str | Path | Sequence[str | Path],
        exclude: str | Sequence[str] | None = None,
        *,
        captions: bool | None = None,
        retry: bool = False,
    ) -> Generator[Ingested]:
        """Bring the gallery up to date with files and folders, yielding what became of each picture once it is stored.

        The work is done as the iterator is used. `~` is the home folder; `exclude` is as in `folder_source`, the rest
        as in `ingest`.
        """
        given = [paths] if isinstance(paths, str | Path) else paths
        source = self.folder_source([expand_home(path) for path in given], exclude)
        return self.ingest(source, captions=captions, retry=retry)

    def ingest(
        self,
        source: Source,
        *,
        captions: bool | None = None,
        retry: bool = False,
        decoder: DecodePool | None = None,
        catch_up: bool = True,
    ) -> Generator[Ingested]:
        """Bring the gallery up to date with any source, as `ingest` says; with the object's own decoder if not said.

        With `captions`, or if not said with the setting of that name, pictures without a caption get one. If the
        gallery switches encoders meanwhile, what came in is encoded for the new one, too, and not yielded again; not
        so without `catch_up`.
        """
        wanted = self.settings.captions if captions is None else captions
        encoder, pool = self.encoder, decoder or self.decoder
        yield from ingest(
            source,
            self.gallery,
            encoder,
            pool,
            fingerprinter=self.fingerprinter,
            captioner=self.captioning() if wanted else None,
            gate=self.gate,
            retry=retry,
        )
        if catch_up and not answers(self.gallery, encoder):
            deque(self.reencode(decoder=pool), maxlen=0)

    def reencode(
        self,
        encoder: str | Encoder = "",
        *,
        throttle: float | None = None,
        failed: set[str] | None = None,
        decoder: DecodePool | None = None,
    ) -> Generator[Ingested]:
        """Fill the space of another encoder, while the one in use goes on answering, until `switch`.

        With none named, go on with what was begun, else complete what the encoder in use lacks. Yields what became of
        each picture once that is stored, as `reencode` says, and `failed` is what that makes of it. With `throttle` no
        more pictures a second are encoded.
        """
        pace = Pace(throttle)
        wanted, pool = self.begin_reencoding(encoder), decoder or self.decoder
        yield from reencode(self.gallery, wanted, pool, self.fetcher, pace=pace, failed=failed)

    def begin_reencoding(self, encoder: str | Encoder = "") -> Encoder:
        """Make room for another encoder's vectors, and give it, loaded; with none named, as `reencode` says.

        Raises:
            BadInput: another one is being filled already; or as `load_encoder` says, as are NotFound, MissingExtra.
            GalleryError: the gallery cannot be written.
        """
        serving = self.gallery.serving
        unfinished = serving.filling or serving.now
        if not encoder and not set(unfinished) - self.encoder.spaces.keys():
            wanted = self.encoder
        else:
            wanted = self.prepare_encoder(encoder or self.gallery.spaces[unfinished[0]].encoder)
        begin(self.gallery, wanted)
        return wanted

    def switch(self, *, anyway: bool = False) -> Serving:
        """Have the encoder answer that was being filled; the one before stays, to go back to. Raises as `switch`."""
        return switch(self.gallery, anyway=anyway)

    def roll_back(self) -> Serving:
        """Have the encoder answer again that did before the last switch. Raises as `roll_back`."""
        return roll_back(self.gallery)

    def caption(self, picture: Picture) -> Look:
        """Say what a picture shows: its caption, and what is recognised in it; raises as `look` and `captioner` do."""
        captioner = self.captioner  # which says why there is none
        return self._look(picture, captioner)

    def look(self, picture: Picture) -> Look:
        """Say what is recognised in a picture, and its caption where the settings want a captioner.

        It is a file, a URL, the bytes of a picture, or the id of a picture in the gallery, which stays as it is.
        Raises as `original` does, and as the decoder and `captioning` do.
        """
        return self._look(picture, self.captioning())

    def _look(self, picture: Picture, captioner: Captioner | None) -> Look:
        query = _picture(picture)
        return look_once(self.decoder, self.original(query), self.encoder, captioner, query.region)

    def recaption(
        self, where: str = "", *, anew: bool = False, decoder: DecodePool | None = None
    ) -> Generator[Ingested]:
        """Have the pictures that pass a filter captioned by the captioner of the settings, as `recaption` says.

        Raises:
            BadInput: the filter cannot be read, or the settings want no captioner; and as `captioner` does.
        """
        wanted, pool = parse_filter(where), decoder or self.decoder
        return recaption(self.gallery, self.captioner, pool, self.fetcher, wanted, anew=anew)

    def edit(self, ids: str | Iterable[str], edit: Edit) -> list[ImageRecord]:
        """Change what is said of pictures by their ids, as a person; gives those that are there, as they are now.

        Raises:
            BadInput: a picture would have too many tags, or too much metadata.
            GalleryError: it cannot be stored.
        """
        return self.gallery.describe([ids] if isinstance(ids, str) else list(ids), edit.apply)

    def search(
        self,
        what: str | Path | bytes,
        k: int = 10,
        *,
        also: str = "",
        mode: Mode = "auto",
        where: str = "",
        region: Region | None = None,
    ) -> Answer:
        """Find the k pictures closest to words, a file, a URL, the bytes of a picture, or one of the gallery by its id.

        `also` are words beside a picture: `search("cat.jpg", also="in the snow")`. For further pages and lowest scores,
        give a `Query` to `searcher`. Raises as `query` and `Searcher.search` do.
        """
        return self.searcher.search(self.query(what, text=also, mode=mode, where=where, region=region), k)

    def query(self, what: str | Path | bytes, **options: Any) -> Query:
        """Make a query of what a person names: a picture by any of its names, or words, as `Query.parse` reads them.

        What only looks like an id, and is none in this gallery, is a word. `options` are the other fields of `Query`.

        Raises:
            BadInput, NotFound: as `Query` and `Query.parse` say.
        """
        query = _query(what, **options)
        is_word = query.id.isalpha() and not query.text and query.mode == "auto" and query.region is None
        if is_word and not self.gallery.get([query.id]):
            return replace(query, id="", text=query.id)
        return query

    def picture(self, what: Picture, **options: Any) -> Query:
        """Make a query of what a person names where only a picture will do; else as `query`.

        Raises:
            NotFound: it names none.
        """
        return _picture(what, **options)

    def compare(self, first: Picture, second: Picture, *, region: Region | None = None) -> Pair:
        """Say how two pictures relate; with a region, how that part of the first relates to the second.

        Each is a file, a URL, the bytes of a picture, or the id of a picture in the gallery. Raises as `original` and
        `compare_pair` do.
        """
        one, other = _picture(first, region=region), _picture(second)
        return compare_pair(self.decoder, self.original(one), self.original(other), one.region)

    def original(self, query: Query) -> Path | bytes:
        """Give the file, or the bytes, of a query's picture; a URL is asked each time.

        Raises:
            NotFound: no such id, or its original is not there any more.
            Unreachable, TooLarge: as `Fetcher.get` says.
        """
        return open_picture(query, self.record(query.id) if query.id else None, self.fetcher)

    def record(self, id_: str) -> ImageRecord:
        """Give what the gallery knows about a picture.

        Raises:
            NotFound: there is none of that id.
        """
        found = self.gallery.get([id_])
        if not found:
            raise NotFound(f"There is no picture {id_!r} in the gallery.")
        return found[0]


def _query(what: str | Path | bytes, **options: Any) -> Query:
    return _read(what, Query.parse, options)


def _picture(what: Picture, **options: Any) -> Query:
    """Make a query where only a picture will do; one that is a query already stays as it is."""
    return what if isinstance(what, Query) else _read(what, Query.parse_picture, options)


def _read(what: str | Path | bytes, parse: Callable[..., Query], options: dict[str, Any]) -> Query:
    match what:
        case bytes():
            return Query(data=what, **options)
        case Path():
            return Query(file=expand_home(what), **options)
        case _ if what.startswith("~"):
            return parse(str(expand_home(what)), **options)
        case _:
            return parse(what, **options)

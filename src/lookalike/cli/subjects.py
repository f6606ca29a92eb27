"""What does an evaluation from the terminal put under test? A gallery, or pictures in one of their own."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.cli.failing import say
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural

if TYPE_CHECKING:
    from lookalike.evaluation.subject import Subject
    from lookalike.library import Lookalike
    from lookalike.sources import Source


@contextmanager
def under_test(
    library: "Lookalike", path: Path | None, images: Path | None, where: str, side: str
) -> "Iterator[Subject]":
    """Open what is under test: a gallery as it is, or pictures with an encoder in a gallery of their own."""
    from lookalike.encoders import load_encoder
    from lookalike.evaluation.housing import RecordsSource, new_home
    from lookalike.evaluation.subject import Subject, all_records, holding_still
    from lookalike.gallery.filters import parse_filter
    from lookalike.library import Lookalike

    passing = parse_filter(where)
    encoder = side if side and is_encoder(side) else ""
    if side and not encoder:
        own = library.settings.model_copy(update={"encoder": ""})
        with Lookalike(side, settings=own, create=False) as other, holding_still(other) as still:
            yield Subject(still, where, side)
        return
    loaded = load_encoder(encoder, library.settings.engine) if encoder else library.encoder
    if path is None and (not encoder or loaded.spaces.keys() <= library.gallery.spaces.keys()):  # or being filled
        with holding_still(library, loaded) as still:
            yield Subject(still, where)
        return
    with new_home(library.settings, loaded) as home:
        if path is not None:
            source: Source = _source(home, path, images)
        else:
            source = RecordsSource(all_records(library.gallery, passing), library.fetcher)
            where = ""  # only what passes comes in, and may not pass a second time: it is added now
        _take_in(home, source)
        yield Subject(home, where, str(path) if path else library.gallery_name)


def is_encoder(text: str) -> bool:
    """Say whether a text names an encoder rather than a gallery: `mini`, or a family before a colon."""
    from lookalike.encoders import FAMILIES

    return text.partition(":")[0] in FAMILIES and not Path(text).exists()


def _source(home: "Lookalike", path: Path, images: Path | None) -> "Source":
    if path.is_dir():
        return home.folder_source([path])
    return home.table_source(path, images=images)


def _take_in(home: "Lookalike", source: "Source") -> None:
    tally = Tally()
    say(f"Indexing for this evaluation, with {home.encoder.name}.")
    with closing(following(home.ingest(source, captions=False), tally, source)) as outcomes:
        for _ in outcomes:
            pass
    if tally.failed:
        say(f"{plural(tally.failed, 'file')} could not be taken in; the evaluation goes without.")

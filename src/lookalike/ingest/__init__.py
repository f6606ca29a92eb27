"""How do pictures get into a gallery? source → decode → look → gallery, bounded, resumable, one outcome an item.

listing       what is new, what has other words
sweeping      what has vanished
decoding      items → pixels, ahead
inheriting    words of a picture that has vanished → its copy under another name
batching      pictures → what is made of them, a few at a time
looking       pixels → records
storing       records and words → gallery
reopening     what is there → pixels once more
recaptioning  other captions for what is there
reencoding    vectors of another encoder for what is there
pacing        how many pictures a second at most
switching     which encoder answers queries
"""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

from lookalike.captioners import Captioner
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.gallery import Gallery
from lookalike.ingest.batching import in_batches
from lookalike.ingest.decoding import FETCHES, Done, Opener, decode_ahead
from lookalike.ingest.listing import Listing, Task, uncaptioned
from lookalike.ingest.looking import Eyes, Gate, make_records
from lookalike.ingest.recaptioning import caption_batch, recaption
from lookalike.ingest.reencoding import reencode
from lookalike.ingest.storing import commit
from lookalike.ingest.sweeping import Sweep
from lookalike.ingest.switching import claim
from lookalike.seeing import own_fit
from lookalike.sources import Source
from lookalike.types import Ingested

__all__ = ["Gate", "ingest", "recaption", "reencode"]

_ENCODE_BATCH = 16
"""Past 16 a batch of the bundled encoder gets slower a picture, not quicker (`bench/encode_rate.py`)."""
_ENCODERS = 2
"""Batches encoded at a time; more only wait for the cores that the decoders use."""


def ingest(  # noqa: PLR0913 - each is a part that stands for itself
    source: Source,
    gallery: Gallery,
    encoder: Encoder,
    decoder: DecodePool,
    *,
    fingerprinter: Fingerprinter | None = None,
    captioner: Captioner | None = None,
    gate: Gate | None = None,
    retry: bool = False,
) -> Generator[Ingested]:
    """Bring a gallery up to date with a source, yielding what became of each item once that is safely stored.

    Items whose version the gallery knows are `unchanged`; those that were unreachable and, with `retry`, all that
    failed are tried again. Where only the source's words have changed, the picture is not looked at again. With a
    captioner, pictures without a caption get one, also those that are unchanged otherwise. What a person wrote stays
    in any case. What the gate objects to is `blocked`. What the source no longer offers is `removed` at the end, unless
    the part of the source it lay in could not be listed, or is an empty folder to which a drive may belong; what a
    person wrote about it passes to a copy of the same bytes.
    Stopping at any point loses nothing that was yielded; the next run goes on from there.

    Raises:
        NotFound: the source is not there.
        GalleryError: the gallery cannot store, or is searched with another encoder.
    """
    eyes = Eyes(decoder, encoder, fingerprinter or Fingerprinter(), captioner, gate)
    look = partial(make_records, gallery=gallery, eyes=eyes)
    size = caption_batch(captioner) if captioner and captioner.name != encoder.name else _ENCODE_BATCH
    claim(gallery, encoder)
    listing = Listing(source, gallery, retry=retry)
    sweep = Sweep(source, gallery, listing.missed)
    news = uncaptioned(listing.news(), gallery) if captioner else listing.news()
    with ThreadPoolExecutor(FETCHES, thread_name_prefix="fetch") as fetchers:
        opener = _opener(source, eyes, fetchers)

        def take_in(news: Iterator[Task | Done]) -> Iterator[Ingested]:
            with (
                closing(decode_ahead(news, opener)) as decoded,
                closing(in_batches(decoded, look, size=size, at_once=_ENCODERS)) as looked,
            ):
                yield from commit(looked, gallery)

        yield from take_in(news)
        if sweep.must_look_again():
            yield from take_in(listing.come_meanwhile())
    yield from sweep.sweep()


def _opener(source: Source, eyes: Eyes, fetchers: ThreadPoolExecutor) -> Opener:
    view = own_fit(eyes.encoder, eyes.captioner)
    return Opener(lambda task: source.open(task.item), eyes.decoder, fetchers, eyes.fit, view)

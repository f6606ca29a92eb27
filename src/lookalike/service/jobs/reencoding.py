"""How does the gallery change to another encoder while the service goes on answering?"""

from collections.abc import Iterable
from contextlib import closing, suppress

from lookalike.encoders import FAMILIES, PATHLESS_FAMILIES, Encoder
from lookalike.errors import BadInput, NotAllowed, Overloaded
from lookalike.gallery import Gallery
from lookalike.ingest import reencode
from lookalike.ingest.pacing import Pace
from lookalike.ingest.switching import begin, switch
from lookalike.service.jobs.job import Job, JobKind
from lookalike.service.jobs.running import Jobs, Work
from lookalike.service.parts import Parts
from lookalike.service.schemas.jobs import ReencodeRequest
from lookalike.types import ImageRecord

_HUB = "onnx:hf:"


def change_encoder(parts: Parts, asked: ReencodeRequest) -> Work:
    """Plan to fill the space of an encoder, and to have it answer then.

    Raises:
        NotAllowed: it is loaded from a file that the gallery does not know already.
        BadInput: none is named, and none was begun.
    """
    name = _named(parts.gallery, asked.encoder)

    def work(job: Job) -> None:
        encoder, failed = parts.library.prepare_encoder(name), set[str]()
        begin(parts.gallery, encoder)
        _fill(parts, encoder, job, failed, asked.throttle)
        filled = bool(set(parts.gallery.serving.filling) & encoder.spaces.keys())
        if asked.switch and filled and not job.cancelled.is_set():
            switch(parts.gallery, anyway=asked.anyway)
            _fill(parts, encoder, job, failed, asked.throttle)  # what came in until this very moment

    return work


def encode_anew(parts: Parts, jobs: Jobs) -> None:
    """Have what came in with the encoder before encoded in the background, as far as there is a place for that."""
    with suppress(Overloaded):
        jobs.submit(JobKind.REENCODE, "", lambda job: catch_up(parts, job))


def encode_what_lacks(records: Iterable[ImageRecord], parts: Parts, jobs: Jobs) -> None:
    """Have records encoded in the background that came back from before another encoder answered."""
    now = set(parts.gallery.serving.now)
    if any(now - record.embeddings.keys() for record in records):
        encode_anew(parts, jobs)


def catch_up(parts: Parts, job: Job, *, counted: bool = True) -> None:
    """Encode what came in with the encoder that answered before with the one that does now.

    What the job counted already when it came in is not `counted` again.
    """
    now = parts.gallery.serving.now
    if now:
        _fill(parts, parts.library.encoder_of(now), job, set(), counted=counted)


def _fill(
    parts: Parts, encoder: Encoder, job: Job, failed: set[str], throttle: float | None = None, *, counted: bool = True
) -> None:
    if counted:
        job.total = (job.total or 0) + max(0, parts.gallery.count_lacking(encoder.spaces) - len(failed))
    library, pace = parts.library, Pace(throttle, job.cancelled)
    with (
        library.make_decoder() as decoder,
        closing(reencode(library.gallery, encoder, decoder, library.fetcher, pace=pace, failed=failed)) as running,
    ):
        for one in running:
            if counted:
                job.add_ingested(one)
            if job.cancelled.is_set():
                return


def _named(gallery: Gallery, name: str) -> str:
    spaces, serving = gallery.spaces, gallery.serving
    unfinished = serving.filling or serving.now
    if not name and not unfinished:
        raise BadInput("The gallery holds nothing to encode.", "Index some pictures first.")
    family = name.partition(":")[0]
    is_known = name in {space.encoder for space in spaces.values()}
    if family in FAMILIES.keys() - PATHLESS_FAMILIES and not name.startswith(_HUB) and not is_known:
        raise NotAllowed(
            "Over the network, no encoder is loaded from a file.",
            "Begin on the service's machine: lookalike reencode --encoder NAME --no-switch",
        )
    return name or spaces[unfinished[0]].encoder

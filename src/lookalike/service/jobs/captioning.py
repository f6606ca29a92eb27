"""How are the gallery's pictures captioned again while the service goes on answering?"""

from contextlib import closing

from lookalike.errors import BadInput
from lookalike.gallery.filters import parse_filter
from lookalike.service.jobs.job import Job
from lookalike.service.jobs.running import Work
from lookalike.service.parts import Parts


def caption_gallery(parts: Parts, where: str, *, anew: bool) -> Work:
    """Plan to have the service's captioner describe the pictures that pass a filter, as `recaption` says.

    Raises:
        BadInput: the filter cannot be read, or nobody here writes captions; and as what loads the captioner says.
    """
    wanted = parse_filter(where)
    if parts.library.captioning() is None:
        raise BadInput("This service has no captioner.", "Start it with one.")

    def work(job: Job) -> None:
        job.total = parts.gallery.count(wanted)
        with (
            parts.library.make_decoder() as decoder,
            closing(parts.library.recaption(where, anew=anew, decoder=decoder)) as running,
        ):
            for one in running:
                job.add_ingested(one)
                if job.cancelled.is_set():
                    return

    return work

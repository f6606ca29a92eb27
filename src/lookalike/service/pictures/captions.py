"""What does a picture show, in words, and when is that kept?"""

from functools import partial

from lookalike.describing import PERSON, captioned, is_settled
from lookalike.errors import BadInput, Conflict, NotFound
from lookalike.search import Query
from lookalike.service.parts import Parts
from lookalike.types import Caption, ImageRecord


def caption_anew(parts: Parts, id_: str) -> ImageRecord:
    """Have a picture of the gallery captioned, and keep that.

    Raises:
        NotFound: there is no such picture, or its original has gone.
        Conflict: a person or its source wrote the caption.
        BadInput: nobody here writes captions.
        UnreadableImage, TooLarge, Unreachable: its original cannot be had or decoded.
    """
    captioner = parts.library.captioning()
    if captioner is None:
        raise BadInput("This service has no captioner.", "Start it with one.")
    record = parts.library.record(id_)
    if is_settled(record):
        who = "A person" if record.caption_source == PERSON else "Its source"
        raise Conflict(f"{who} wrote the caption.", "Empty it first; then a captioner may write again.")
    caption = parts.library.look(Query(id=id_)).caption or Caption(text="", confidence=0.0)
    found = parts.gallery.describe([id_], partial(captioned, caption=caption, captioner=captioner.name))
    if not found:
        raise NotFound(f"There is no picture {id_!r} in the gallery.")
    return found[0]

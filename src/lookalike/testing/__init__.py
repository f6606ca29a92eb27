"""What must a new encoder, captioner, gallery or source do? Contracts to subclass in your tests, and toys to test with.

A gallery's tests, for instance, run under pytest as soon as this stands in a test module:

    from lookalike.testing import GalleryContract

    class TestMyGallery(GalleryContract):
        def open(self, tmp_path):
            return MyGallery(tmp_path)

Every name is a sentence about what is expected; the first line of each docstring says what a subclass must give.
"""

from lookalike.testing.captioner_contract import CaptionerContract
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.testing.colour_captioner import ColourCaptioner
from lookalike.testing.colour_encoder import ColourEncoder, WordlessEncoder
from lookalike.testing.encoder_contract import EncoderContract, RecogniserContract, TextEncoderContract
from lookalike.testing.gallery_contract import DurableGalleryContract, FileGalleryContract, GalleryContract
from lookalike.testing.memory_gallery import MemoryGallery
from lookalike.testing.pictures import draw_picture, picture_bytes
from lookalike.testing.records import make_record, make_records, make_space
from lookalike.testing.source_contract import SourceContract

__all__ = [
    "CaptionerContract",
    "ColourCaptioner",
    "ColourEncoder",
    "DurableGalleryContract",
    "EncoderContract",
    "FileGalleryContract",
    "GalleryContract",
    "MemoryGallery",
    "RecogniserContract",
    "SourceContract",
    "TextEncoderContract",
    "WordlessEncoder",
    "assert_same_records",
    "draw_picture",
    "make_record",
    "make_records",
    "make_space",
    "picture_bytes",
    "refuses",
]

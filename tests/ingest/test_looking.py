"""What becomes of a picture that waited to be looked at while somebody wrote about it?"""

from dataclasses import replace

from PIL import Image

from lookalike.copies.fingerprint import Fingerprinter
from lookalike.describing import Edit
from lookalike.fetch import Fetcher
from lookalike.ingest import ingest
from lookalike.ingest.decoding import Picture
from lookalike.ingest.listing import Task, item_of
from lookalike.ingest.looking import Eyes, make_records
from lookalike.ingest.storing import commit
from lookalike.sources import TableSource
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery
from lookalike.types import Outcome


def test_what_somebody_writes_while_a_picture_waits_for_its_caption_stays_with_all_else(tmp_path, decoder):
    Image.new("RGB", (32, 24), (230, 20, 20)).save(tmp_path / "red.png")
    (tmp_path / "table.csv").write_text("image,title,tags,label\nred.png,Wall,home,wall\n")
    gallery, encoder = MemoryGallery(), ColourEncoder()
    list(ingest(TableSource(tmp_path / "table.csv", Fetcher()), gallery, encoder, decoder))
    (before,) = gallery.scan().records
    eyes = Eyes(decoder, encoder, Fingerprinter(), ColourCaptioner())
    listed = Picture(Task(item_of(before), known=True), decoder.submit(tmp_path / "red.png", eyes.fit).result())
    gallery.describe([before.id], Edit(caption="my wall").apply)
    done = list(commit(iter(make_records([listed], gallery, eyes)), gallery))
    assert [(one.id, one.outcome) for one in done] == [(before.id, Outcome.UNCHANGED)]
    assert gallery.scan().records == (replace(before, caption="my wall", caption_source="person"),)

"""What becomes of a picture that waited to be looked at while somebody wrote about it?"""

from dataclasses import replace

import pytest
from PIL import Image

from lookalike.copies.fingerprint import Fingerprinter
from lookalike.copies.packing import Level, holds
from lookalike.describing import Edit
from lookalike.fetch import Fetcher
from lookalike.ingest import ingest
from lookalike.ingest.decoding import Picture
from lookalike.ingest.listing import Task, item_of
from lookalike.ingest.looking import Eyes, make_records
from lookalike.ingest.storing import commit
from lookalike.sources import FolderSource, TableSource
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery, picture_bytes
from lookalike.types import Outcome
from lookalike.uris import image_id


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


@pytest.mark.parametrize(("before", "now", "level"), [("none", "fast", 1), ("fast", "full", 2), ("fast", "none", 1)])
def test_a_copy_of_a_known_picture_has_the_features_that_are_asked_for_now(tmp_path, decoder, before, now, level):
    gallery = MemoryGallery()
    for name, features in (("first.png", before), ("second.png", now)):
        (tmp_path / name).write_bytes(picture_bytes(1, (64, 48), "png"))
        source = FolderSource([tmp_path])
        list(ingest(source, gallery, ColourEncoder(), decoder, fingerprinter=Fingerprinter(features)))
    (copy,) = gallery.get([image_id((tmp_path / "second.png").as_uri())], embeddings=True)
    assert holds(copy.fingerprint.features, Level(level))

import os
import signal
import time
from contextlib import closing

import pytest

from lookalike.decode import Fit
from lookalike.ingest import ingest
from lookalike.ingest.batching import in_batches
from lookalike.ingest.decoding import Picture
from lookalike.ingest.listing import Task
from lookalike.sources import FolderSource
from lookalike.testing import ColourCaptioner, picture_bytes
from lookalike.types import Item


@pytest.fixture
def picture(decoder):
    return Picture(
        Task(Item(uri="file:///a.jpg", version="1")), decoder.decode(picture_bytes(1, (64, 48)), Fit(size=32))
    )


def test_whoever_stops_waits_for_no_batch_that_has_not_begun(picture):
    begun: list[int] = []

    def work(batch):
        begun.append(len(batch))
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        return batch

    with closing(in_batches(iter([picture] * 5), work, size=1, at_once=1)) as made, pytest.raises(KeyboardInterrupt):
        next(made)
    assert begun == [1]


def test_a_captioner_with_a_network_of_its_own_gets_few_pictures_at_a_time(photos, gallery, decoder, encoder):
    sizes: list[int] = []

    class SlowCaptioner(ColourCaptioner):
        def caption(self, images, maps=None):
            sizes.append(len(images))
            return super().caption(images, maps)

    captioner = SlowCaptioner()
    captioner.name = "slow"
    list(ingest(FolderSource([photos]), gallery, encoder, decoder, captioner=captioner))
    assert sum(sizes) == 10
    assert max(sizes) <= 4

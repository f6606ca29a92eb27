import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest
from waiting import eventually

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


def test_whoever_stops_waits_for_no_batch_that_has_not_begun(picture, monkeypatch):
    begun: list[int] = []
    submitted: list[Future] = []

    class Watched(ThreadPoolExecutor):
        """Tells what is to be done."""

        def submit(self, *given):
            submitted.append(super().submit(*given))
            return submitted[-1]

    def work(batch):
        begun.append(len(batch))
        if len(begun) == 1:
            eventually(lambda: len(submitted) == 2, within_s=5)
            os.kill(os.getpid(), signal.SIGINT)
            eventually(submitted[-1].cancelled, within_s=5)
        return batch

    monkeypatch.setattr("lookalike.ingest.batching.ThreadPoolExecutor", Watched)
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

"""Does an uploaded file take no more than it needs while it comes in?"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from uploading import upload

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow


@contextmanager
def few_files_more(count: int) -> Iterator[None]:
    """Let this process open no more than so many files besides those that are open."""
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_hundred_pictures_at_once_take_no_hundred_open_files(empty):
    upload(empty, picture_bytes(1))  # whatever is opened once is open
    with few_files_more(50):
        answer = upload(empty, *[b"<svg/>"] * 100, picture_bytes(2))
    assert answer.status_code == 201, answer.text
    assert [one["outcome"] for one in answer.json()["images"]] == ["unreadable"] * 100 + ["added"]

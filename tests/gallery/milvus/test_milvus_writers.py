"""Does an index of copies see what each of several writers wrote, whoever began first?"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery
from lookalike.gallery.milvus.notes import Notes
from lookalike.testing import make_record
from lookalike.types import Fingerprint, ImageRecord

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(120)]

SOON_S = 20.0
RECORD = replace(make_record("file:///a.jpg"), fingerprint=Fingerprint(pixels="ab" * 16, perceptual="01" * 32))


@pytest.fixture
def two(milvus: Shelf) -> Iterator[tuple[Gallery, Gallery]]:
    """One gallery as two programs have it open, with a record in it."""
    with milvus.open("writers") as one, milvus.open("writers") as other:
        one.put([RECORD])
        assert soon(lambda: other.get([RECORD.id]) != [])
        yield one, other
    milvus.clear()


def soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SOON_S
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def hashes(gallery: Gallery, since: int) -> set[str]:
    return {bits.tobytes().hex() for page in gallery.fingerprints(since) for bits in page.perceptual}


def test_what_began_before_anothers_change_and_lands_after_it_is_seen(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    since: list[int] = []

    def meanwhile(_: ImageRecord, new: ImageRecord) -> ImageRecord:
        other.put([make_record("file:///b.jpg")])
        since.append(other.state.revision)
        return new

    changed = replace(RECORD, fingerprint=replace(RECORD.fingerprint, perceptual="07" * 32))
    one.put([changed], merge=meanwhile)
    assert soon(lambda: other.state.revision > since[0])
    assert soon(lambda: "07" * 32 in hashes(other, since[0]))


def test_a_revision_never_falls_though_the_notes_of_two_writers_cross(two: tuple[Gallery, Gallery]) -> None:
    one, other = two
    before = other.state.revision
    late: Notes = one._notes
    late._put([{**late._get(["state"])[0], "number": before - 2_000, "vector": [1.0, 0.0]}])
    assert soon(lambda: other.state.revision > before)
    one.put([make_record("file:///b.jpg")])
    assert soon(lambda: other.state.revision > before + 1)

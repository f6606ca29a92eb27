"""Does a listing ask Milvus about no more than it needs, and give the same whichever way it goes?"""

import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus import listing
from lookalike.gallery.walking import each_record
from lookalike.testing import make_record

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(120)]


def listed(gallery: Gallery, order: str) -> list[tuple[str, str]]:
    where = parse_filter("width<=20")
    found = each_record(lambda after: gallery.scan(where, order=order, after=after, limit=4))
    return [(one.label, one.id) for one in found]


def test_few_records_are_sorted_by_their_labels_without_asking_for_each_label(
    milvus_lite: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["", "zebra", "Äpfel", *(f"label {n}" for n in range(40))]
    records = [make_record(f"file:///{i}", label=labels[i % len(labels)], width=1 + i) for i in range(60)]
    with milvus_lite.open("listing") as gallery:
        gallery.put(records)
        for order, falling in (("label", False), ("-label", True)):
            expected = sorted(
                sorted(((one.label, one.id) for one in records[:20]), key=lambda one: one[1]),
                key=lambda one: one[0],
                reverse=falling,
            )
            assert listed(gallery, order) == expected
            with monkeypatch.context() as patch:
                patch.setattr(listing, "_READ_AT_ONCE", 0)
                assert listed(gallery, order) == expected
            with monkeypatch.context() as patch:
                patch.setattr(listing.Listing, "_of_term", None)
                assert listed(gallery, order) == expected
    milvus_lite.clear()

"""In which order does every gallery list what it holds, and does paging through it miss nothing?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery import Gallery
from lookalike.gallery.filters import matches, parse_filter
from lookalike.testing.claims import refuses
from lookalike.testing.keeping_contract import KeepingContract
from lookalike.testing.records import make_record, make_records
from lookalike.types import ImageRecord

ORDERS = ("added", "taken", "path", "bytes", "width", "height")


class ListingContract(KeepingContract):
    """How a gallery is listed."""

    def test_listing_gives_every_record_once_in_order(self, tmp_path: Path) -> None:
        with self.filled(tmp_path) as gallery:
            for order in [*ORDERS, *(f"-{field}" for field in ORDERS)]:
                found = _scan_all(gallery, order, limit=7)
                assert {record.id for record in found} == {record.id for record in make_records(40)}
                assert len(found) == 40
                values = [_order_value(record, order.removeprefix("-")) for record in found]
                present = sorted((one for one in values if one is not None), reverse=order.startswith("-"))
                assert values == [*present, *[None] * (len(values) - len(present))]

    def test_listing_gives_only_what_passes_the_filter(self, tmp_path: Path) -> None:
        where = parse_filter("label:dog,cat -tag:blurry")
        expected = {record.id for record in make_records(40) if matches(record, where)}
        with self.filled(tmp_path) as gallery:
            found = _scan_all(gallery, "-taken", limit=3, where="label:dog,cat -tag:blurry")
            assert len(expected) > 3
            assert {record.id for record in found} == expected
            assert len(found) == len(expected)

    def test_paging_neither_repeats_nor_skips_while_records_come_and_go(self, tmp_path: Path) -> None:
        new = [make_record(f"file:///new/{i}", width=i * 700, taken_at=None) for i in range(8)]
        with self.filled(tmp_path) as gallery:
            for order in ("-added", "added", "path", "-width", "taken"):
                first = gallery.scan(order=order, limit=15)
                gallery.put(new[:4])
                gallery.delete([record.id for record in first.records[-2:]])
                second = gallery.scan(order=order, limit=15, after=first.after)
                gallery.put(new[4:])
                rest = gallery.scan(order=order, limit=100, after=second.after)
                seen = [record.id for page in (first, second, rest) for record in page.records]
                assert len(seen) == len(set(seen))
                assert {record.id for record in make_records(40)} <= set(seen)
                assert rest.after == ""
                gallery.delete([record.id for record in new])
                gallery.put(make_records(40))

    def test_an_unknown_order_or_a_foreign_cursor_is_refused(self, tmp_path: Path) -> None:
        with self.filled(tmp_path) as gallery:
            with refuses(BadInput):
                gallery.scan(order="beauty")
            by_path = gallery.scan(order="path", limit=5).after
            for after in ("rubbish", "ÿ", "bnVsbA==", by_path):
                with refuses(BadInput):
                    gallery.scan(order="-added", after=after)


def _scan_all(gallery: Gallery, order: str, limit: int, where: str = "") -> list[ImageRecord]:
    found: list[ImageRecord] = []
    after = ""
    while True:
        page = gallery.scan(parse_filter(where), order=order, after=after, limit=limit)
        assert len(page.records) <= limit
        found += page.records
        if not page.after:
            return found
        after = page.after


def _order_value(record: ImageRecord, field: str) -> Any:
    return getattr(record, {"added": "added_at", "taken": "taken_at"}.get(field, field))

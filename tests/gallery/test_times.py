"""Are times counted alike on every system, with a zone or without, before 1970 and after?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lookalike.gallery.milvus.codes import year_of
from lookalike.gallery.times import EPOCH, microseconds

NOON = datetime(2019, 5, 1, 12, 0, 0, 1)  # noqa: DTZ001 - a camera's clock has no zone


@pytest.mark.parametrize("year", [1, 800, 1839, 1969, 1970, 2019, 9999])
def test_years_are_told_on_every_system(year: int) -> None:
    assert year_of(microseconds(datetime(year, 12, 31, 23, 59, 59, 999_999))) == f"{year:04}"  # noqa: DTZ001


def test_a_time_is_counted_in_microseconds_since_1970_to_the_last_one() -> None:
    assert microseconds(EPOCH) == 0
    assert microseconds(EPOCH - timedelta(microseconds=1)) == -1
    assert microseconds(NOON) == 1_556_712_000_000_001
    assert microseconds(datetime.max) - microseconds(datetime.min) == (datetime.max - datetime.min) // timedelta(  # noqa: DTZ901
        microseconds=1
    )


def test_a_time_without_a_zone_counts_as_one_of_utc() -> None:
    assert microseconds(NOON.replace(tzinfo=UTC)) == microseconds(NOON)
    in_prague = NOON.replace(tzinfo=timezone(timedelta(hours=2)))
    assert microseconds(in_prague) == microseconds(NOON - timedelta(hours=2))

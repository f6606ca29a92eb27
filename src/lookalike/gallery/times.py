"""How is a time kept as a number? In microseconds since 1970, one without a zone as if it were UTC."""

from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a camera's clock has no zone
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Count from 1970 on."""
    if moment.tzinfo is not None:
        moment = (moment - moment.utcoffset()).replace(tzinfo=None)  # type: ignore[operator]
    return (moment - EPOCH) // _MICROSECOND

"""Does a record pass a filter? The reference that every gallery's translation is tested against."""

from datetime import UTC, datetime, timedelta

from lookalike.gallery.filters.patterns import matcher
from lookalike.gallery.filters.tree import And, Between, Filter, Matches, Not, Or, kind_of
from lookalike.gallery.texts import metadata_text, texts_of
from lookalike.types import ImageRecord

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a camera's clock has no zone


def matches(record: ImageRecord, where: Filter) -> bool:
    """Say whether a record passes."""
    match where:
        case And(parts):
            return all(matches(record, part) for part in parts)
        case Or(parts):
            return any(matches(record, part) for part in parts)
        case Not(part):
            return not matches(record, part)
        case Matches(field, pattern):
            passes = matcher(kind_of(field), pattern)
            return any(passes(value) for value in _texts(record, field))
        case Between(field, low, high):
            value = _number(record, field)
            return value is not None and (low is None or low <= value) and (high is None or value <= high)


def epoch_seconds(moment: datetime) -> int:
    """Count whole seconds since 1970; a time without a zone counts as if it were UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) // timedelta(seconds=1)


def _texts(record: ImageRecord, field: str) -> tuple[str, ...]:
    if field.startswith("meta."):
        return (metadata_text(record.metadata.get(field.removeprefix("meta."))),)
    if field == "tag":
        return record.all_tags
    if field == "text":
        return texts_of(record)
    text: str = getattr(record, field)
    return (text,)


def _number(record: ImageRecord, field: str) -> int | None:
    if field == "taken":
        return None if record.taken_at is None else epoch_seconds(record.taken_at)
    if field == "added":
        return epoch_seconds(record.added_at)
    number: int = getattr(record, field)
    return number

"""Who may say what about a picture? A person before its source, and its source before a captioner."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from lookalike.errors import BadInput
from lookalike.stamps import bytes_version, joined, source_of
from lookalike.types import Caption, Described, ImageRecord, Item
from lookalike.uris import is_web

PERSON, SOURCE = "person", "source"
"""Caption sources that are no captioner's name."""

FLAG = "blocked"
"""The tag of a picture that is unwanted, but was let in. It belongs to the picture, whatever is said about it."""

_CAPTION = ("caption", "caption_source")
EDITABLE = tuple(field.name for field in fields(Described) if field.name not in _CAPTION)
"""The fields that `ImageRecord.edited` may name."""

MAX_LENGTHS = {"title": 1_000, "caption": 5_000, "label": 200, "owner": 200, "link": 8_000}
"""Characters that a person may write."""
MAX_TAGS = 200
MAX_TAG_LENGTH = 100
MAX_METADATA = 100_000
"""Characters of JSON."""
MAX_DEPTH = 50
"""Objects and lists within one another; what writes answers out as JSON goes no deeper than some 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a person changes about a picture. None leaves a field as it is.

    An empty value gives a field up, so that sources and captioners may write there again.
    """

    title: str | None = None
    caption: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    """In any case; what was recognised can be taken away so, too."""
    label: str | None = None
    owner: str | None = None
    link: str | None = None
    metadata: Mapping[str, Any] | None = None
    """Entries to change; one that is None is taken out."""

    def __post_init__(self) -> None:
        """Check lengths and forms.

        Raises:
            BadInput: a value is too long, is nested too deep, is no Unicode, or no web page is at the link.
        """
        for name, most in MAX_LENGTHS.items():
            _check_text(name, getattr(self, name) or "", most)
        if self.link and not is_web(self.link):
            raise BadInput(f"The link {self.link[:100]!r} is no web page.", "Begin it with https:// or http://.")
        tags = (*(self.tags or ()), *self.add_tags)
        _check_tags(tags)
        for tag in tags:
            _check_text("tag", tag, MAX_TAG_LENGTH)
            if not tag.strip():
                raise BadInput("A tag is empty.", "Leave it out.")
        if self.metadata:
            try:
                written = _as_json(self.metadata)
            except (TypeError, ValueError, RecursionError) as error:
                raise BadInput(f"The metadata are no JSON: {error}.") from error
            check_depth(self.metadata)
            _check_text("metadata", written, MAX_METADATA)

    def apply(self, record: ImageRecord) -> ImageRecord:
        """Give a record with what the person changed, and note who wrote it.

        Raises:
            BadInput: it has too many tags now, or too much metadata.
        """
        new = {name: getattr(self, name) for name in ("title", "label", "owner", "link")}
        changed = {name: value.strip() for name, value in new.items() if value is not None}
        changed |= self._tags(record) | self._metadata(record)
        given_up = {name for name in EDITABLE if name in changed and not changed[name]}
        if self.tags is None:
            given_up.discard("tags")  # a person took the last one away
        edited = ({*record.edited, *changed} - given_up) & {*EDITABLE}
        if self.caption is not None:
            text = self.caption.strip()
            changed |= {"caption": text, "caption_source": PERSON if text else ""}
            if not text:
                given_up.add("caption")
        if given_up:
            changed["version"] = to_be_reworded(record.version)
        return replace(record, **changed, edited=tuple(sorted(edited)))

    def _tags(self, record: ImageRecord) -> dict[str, Any]:
        if self.tags is None and not self.add_tags and not self.remove_tags:
            return {}
        gone = {tag.strip().casefold() for tag in self.remove_tags}
        before = record.tags if self.tags is None else self.tags
        tags = dict.fromkeys(tag.strip() for tag in (*before, *self.add_tags))
        kept = tuple(tag for tag in tags if tag.casefold() not in gone)
        if len(kept) > len(record.tags):  # a source may have given more
            _check_tags(kept)
        seen = {name: sure for name, sure in record.recognised.items() if name.casefold() not in gone}
        if self.tags is None and not self.add_tags and (kept, seen) == (record.tags, record.recognised):
            return {}  # nothing was there to be taken away, so the source may still write
        return {"tags": kept, "recognised": seen}

    def _metadata(self, record: ImageRecord) -> dict[str, Any]:
        if not self.metadata:
            return {}
        entries = {**record.metadata, **self.metadata}
        kept = {name: value for name, value in entries.items() if value is not None}
        most = max(MAX_METADATA, len(_as_json(record.metadata)))  # a source may have given more
        _check_text("metadata", _as_json(kept), most)
        return {"metadata": kept}


def to_be_reworded(version: str) -> str:
    """Give a record's version with which its source, should it say anything, is asked for its words once more.

    Whose words they are stays in it, but not which: see `Item.described`.
    """
    of_bytes, sign, rest = version.partition(" ")
    described, more, others = rest.partition(" ")
    return f"{of_bytes}{sign}{source_of(described)}{more}{others}"


def prefer_persons_words(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Give the new record with all that a person wrote about the old one, whoever wrote the new one.

    Of the same picture, what a person took away is not recognised again.
    """
    kept = {name: getattr(old, name) for name in old.edited}
    if old.caption_source == PERSON:
        kept |= {name: getattr(old, name) for name in _CAPTION}
    if "tags" in old.edited and old.sha256 == new.sha256:
        kept["recognised"] = old.recognised
    return replace(new, **kept, edited=tuple(sorted({*old.edited, *new.edited})))


def inherited(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Give a record with what a person wrote about another of the same bytes, unless a person described it, too."""
    if has_persons_words(new):
        return new
    kept = prefer_persons_words(old, new)
    return _with_flag(kept, flagged=True) if FLAG in new.tags else kept


def keep_persons_words(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Give the new record with what a person wrote about the old one, unless a person wrote it anew.

    Of the same picture, what a person took away is not recognised again.
    """
    kept = {name: getattr(old, name) for name in old.edited if name not in new.edited}
    if old.caption_source == PERSON != new.caption_source:
        kept |= {name: getattr(old, name) for name in _CAPTION}
    if "tags" in kept and old.sha256 == new.sha256:
        kept["recognised"] = old.recognised
    return replace(new, **kept, edited=tuple(sorted({*old.edited, *new.edited})))


def reindexed(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Give what becomes of a record whose picture was looked at again.

    A source that says nothing about a picture takes nothing away. What a captioner wrote stays only as long as the
    picture is the same.
    """
    is_flagged = FLAG in new.tags
    old = old if "tags" in old.edited else _with_flag(old, flagged=False)
    new = _with_flag(new, flagged=False)
    before = old.version
    if _says_anything(new):
        before = to_be_reworded(before)
    else:
        new = replace(new, **{name: getattr(old, name) for name in EDITABLE})
        if is_settled(old):
            new = replace(new, caption=old.caption, caption_source=old.caption_source)
    if not new.caption_source and old.sha256 == new.sha256 and not is_settled(old):
        new = replace(new, caption=old.caption, caption_source=old.caption_source)
    kept = prefer_persons_words(old, replace(new, version=joined(before, new.version, new.uri)))
    return _with_flag(kept, flagged=True) if is_flagged else kept


def reworded(old: ImageRecord, item: Item) -> ImageRecord:
    """Give a record with what its source says now."""
    words: dict[str, Any] = {name: getattr(item, name) for name in EDITABLE}
    if item.caption:
        words |= {"caption": item.caption, "caption_source": item.caption_source or SOURCE}
    elif old.caption_source == SOURCE:
        words |= {"caption": "", "caption_source": ""}
    version = joined(old.version, item.stamp, item.uri)
    kept = prefer_persons_words(old, replace(old, **words, version=version, edited=()))
    return _with_flag(kept, flagged=True) if FLAG in old.tags else kept


def unworded(old: ImageRecord) -> ImageRecord:
    """Give a record without what a table said, which names its picture no more though a folder holds it."""
    item = Item(uri=old.uri, version=bytes_version(old.version))
    return replace(reworded(old, item), version=item.stamp)


def captioned(old: ImageRecord, caption: Caption, captioner: str) -> ImageRecord:
    """Give a record with a captioner's caption, unless a person or the source wrote one.

    Where the captioner would only guess, what another one wrote stays; else the record keeps that it was asked.
    """
    is_better_than_nothing = bool(old.caption) and old.caption_source != captioner and not caption.text
    if is_settled(old) or is_better_than_nothing:
        return old
    return replace(old, caption=caption.text, caption_source=captioner)


def has_persons_words(record: ImageRecord) -> bool:
    """Whether a person wrote anything about a picture, or took something away."""
    return bool(record.edited) or record.caption_source == PERSON


def is_settled(record: ImageRecord) -> bool:
    """Whether a record has a caption that no captioner may write over."""
    return bool(record.caption) and record.caption_source in {"", PERSON, SOURCE}


def lacks_caption(record: ImageRecord) -> bool:
    """Whether nobody has written a caption, nor been asked for one in vain."""
    return not record.caption and not record.caption_source


def _says_anything(new: ImageRecord) -> bool:
    return " " in new.version or new.caption_source == SOURCE or any(getattr(new, name) for name in EDITABLE)


def _with_flag(record: ImageRecord, *, flagged: bool) -> ImageRecord:
    tags = tuple(tag for tag in record.tags if tag != FLAG)
    return replace(record, tags=(*tags, FLAG) if flagged else tags)


def _as_json(metadata: Mapping[str, Any]) -> str:
    return json.dumps(dict(metadata), allow_nan=False, ensure_ascii=False)


def check_depth(metadata: Mapping[str, Any]) -> None:
    """Refuse metadata that could not be written into an answer.

    Raises:
        BadInput: objects or lists lie too deep within one another.
    """
    if _is_deeper(metadata, MAX_DEPTH):
        raise BadInput(f"The metadata are nested more than {MAX_DEPTH} deep.", "Write them flatter.")


def _is_deeper(value: Any, most: int) -> bool:
    if not isinstance(value, Mapping | list | tuple):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return most == 0 or any(_is_deeper(one, most - 1) for one in inner)


def _check_tags(tags: tuple[str, ...]) -> None:
    if len(tags) > MAX_TAGS:
        raise BadInput(f"{len(tags)} tags are too many.", f"Give at most {MAX_TAGS}.")


def _check_text(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise BadInput(f"The {name} has {len(text):,} characters.", f"Write at most {most:,}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        what = f"The {name} is no valid Unicode: {text[max(0, error.start - 20) : error.end]!r}."
        raise BadInput(what, "Write it in UTF-8.") from None

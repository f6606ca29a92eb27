"""Which bytes was a record made of, which sources gave it, and whose words stand? Its stamp says so.

`1-2 table:a:5f table:b: folder:` is version 1-2 of the bytes, with the words of the table a, which the table b and a
folder gave, too. A file of which nothing but a version is said came from a folder.
"""

from collections.abc import Collection

_FOLDER = "folder:"
"""The name of all sources of files that say nothing about them."""


def bytes_version(stamp: str) -> str:
    """Give the part of a stamp that says whether the bytes have changed."""
    return stamp.partition(" ")[0]


def source_of(mark: str) -> str:
    """Give the name of the source in what names it and says how it describes a picture."""
    return mark[: mark.rfind(":") + 1]


def sources_in(stamp: str) -> set[str]:
    """Give the names of the sources that a stamp speaks of."""
    return {source_of(mark) for mark in stamp.split()[1:]}


def holds(stamp: str, offered: str) -> bool:
    """Whether a record is as a source that describes it offers it now: of the same bytes, with the same words."""
    return stamp == offered or stamp.startswith(f"{offered} ")


def joined(old: str, new: str, uri: str) -> str:
    """Give the stamp of a record that another source offers, or the same one anew.

    The words of the last one stand, but one that says nothing takes nothing away.
    """
    before, now = _marks(old, uri), _marks(new, uri)
    if now in ([], [_FOLDER]):
        before, now = now, before or now
    named = {source_of(mark) for mark in now}
    return _stamp(new, [*now, *(name for mark in before if (name := source_of(mark)) not in named)])


def lacks(stamp: str, offered: str, uri: str) -> bool:
    """Whether a stamp does not say yet that a source which says nothing about a picture offers it, too."""
    return stamp != offered and stamp != joined(stamp, offered, uri)


def without(stamp: str, sources: Collection[str], uri: str) -> str:
    """Give the stamp of a record that some sources offer no more; nothing where no other one gave it."""
    left = [mark for mark in _marks(stamp, uri) if source_of(mark) not in sources]
    return _stamp(stamp, left) if left else ""


def _marks(stamp: str, uri: str) -> list[str]:
    _, sign, rest = stamp.partition(" ")
    return rest.split() if sign else [_FOLDER] if uri.startswith("file:") else []


def _stamp(version: str, marks: list[str]) -> str:
    return " ".join([bytes_version(version), *([] if marks == [_FOLDER] else marks)])

"""Which bytes was a record made of, whose words stand, and did a folder give it, too? Its stamp says so.

`1-2 table:a:5f folder:` is version 1-2 of the bytes, with the words of the table a, of a file that an indexed folder
holds. A file of which nothing but a version is said came from a folder alone.
"""

_FOLDER = "folder:"
"""The name of all sources of files that say nothing about them."""


def bytes_version(stamp: str) -> str:
    """Give the part of a stamp that says whether the bytes have changed."""
    return stamp.partition(" ")[0]


def source_of(mark: str) -> str:
    """Give the name of the source in what names it and says how it describes a picture."""
    return mark[: mark.rfind(":") + 1]


def words_mark(stamp: str) -> str:
    """Give what names the source whose words stand, and says which; empty where none said anything."""
    return next((mark for mark in stamp.split(" ")[1:] if mark != _FOLDER), "")


def is_in_folder(stamp: str, uri: str) -> bool:
    """Whether a folder gave a picture, alone or beside a table."""
    return uri.startswith("file:") if " " not in stamp else stamp.endswith(f" {_FOLDER}")


def holds(stamp: str, offered: str) -> bool:
    """Whether a record is as a source that describes it offers it now: of the same bytes, with the same words."""
    return stamp in {offered, f"{offered} {_FOLDER}"}


def joined(old: str, new: str, uri: str) -> str:
    """Give the stamp of a record that another source offers, or the same one anew.

    The words of the last one stand, but one that says nothing takes nothing away.
    """
    mark = words_mark(new) or words_mark(old)
    in_folder = bool(mark) and (is_in_folder(old, uri) or is_in_folder(new, uri))
    return " ".join([bytes_version(new), *([mark] if mark else []), *([_FOLDER] if in_folder else [])])

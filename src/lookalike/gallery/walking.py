"""How does one go through all that a gallery lists, without holding it all at once?"""

from collections.abc import Callable, Iterator

from lookalike.gallery import Page
from lookalike.types import ImageRecord


def each_page(list_after: Callable[[str], Page]) -> Iterator[tuple[ImageRecord, ...]]:
    """Give the records of page after page; `list_after` lists what follows a cursor, the empty one at the beginning.

    Pages without records are passed over.
    """
    after = ""
    while True:
        page = list_after(after)
        if page.records:
            yield page.records
        after = page.after
        if not after:
            return


def each_record(list_after: Callable[[str], Page]) -> Iterator[ImageRecord]:
    """Give record after record, as `each_page` does their pages."""
    for records in each_page(list_after):
        yield from records

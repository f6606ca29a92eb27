"""Which values of a field are shown, and with how many records? Those that filters tell apart, commonest first."""

from collections.abc import Mapping

from lookalike.gallery.filters.patterns import fold

_WORDS = {"label", "tag", "owner"}
"""Fields in which filters heed neither case nor how an accent is written."""


def commonest(counts: Mapping[str, int], field: str, limit: int, like: str = "") -> dict[str, int]:
    """Give the commonest values, equally common ones in their order; spellings of one word under the commonest.

    With `like`, only those that hold this text, in whatever case.
    A record that has a word in two spellings counts twice.
    """
    wanted = fold(like)
    holding = (pair for pair in counts.items() if not wanted or wanted in fold(pair[0]))
    ranked = sorted(holding, key=lambda pair: (-pair[1], pair[0]))
    spelling: dict[str, str] = {}
    totals: dict[str, int] = {}
    for value, count in ranked:
        shown = spelling.setdefault(fold(value) if field in _WORDS else value, value)
        totals[shown] = totals.get(shown, 0) + count
    return dict(sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))[:limit])

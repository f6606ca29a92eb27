"""How does a query become hits? Resolve, gather candidates, rank, page."""

from lookalike.search.copies import CopyFinder, Wanted
from lookalike.search.hits import proof_words
from lookalike.search.pair import Pair, compare_pair
from lookalike.search.query import Mode, Query, parse_data_uri
from lookalike.search.resolving import open_picture
from lookalike.search.searcher import MAX_DEPTH, Answer, Searcher
from lookalike.search.words import Part, Words, parse_words

__all__ = [
    "MAX_DEPTH",
    "Answer",
    "CopyFinder",
    "Mode",
    "Pair",
    "Part",
    "Query",
    "Searcher",
    "Wanted",
    "Words",
    "compare_pair",
    "open_picture",
    "parse_data_uri",
    "parse_words",
    "proof_words",
]

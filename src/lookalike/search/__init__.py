"""How does a query become hits? Resolve, gather candidates, rank, page."""

from lookalike.search.copies import CopyFinder, Wanted
from lookalike.search.pair import Pair, compare_pair
from lookalike.search.query import Query, check_region, parse_data_uri
from lookalike.search.searcher import MAX_DEPTH, Answer, Searcher

__all__ = [
    "MAX_DEPTH",
    "Answer",
    "CopyFinder",
    "Pair",
    "Query",
    "Searcher",
    "Wanted",
    "check_region",
    "compare_pair",
    "parse_data_uri",
]

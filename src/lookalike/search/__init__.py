"""How does a query become hits? Resolve, gather candidates, rank, page."""

from lookalike.search.query import Query, check_region, parse_data_uri
from lookalike.search.searcher import MAX_DEPTH, Answer, Searcher

__all__ = ["MAX_DEPTH", "Answer", "Query", "Searcher", "check_region", "parse_data_uri"]

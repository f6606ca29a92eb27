"""How does a picture come from a URL? One guarded GET: checked addresses, limited in bytes, seconds and redirects."""

from lookalike.fetch.fetcher import Fetcher

__all__ = ["Fetcher"]

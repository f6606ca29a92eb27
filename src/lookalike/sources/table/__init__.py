"""Which pictures does a table name, and what does it say about them? Tables of any kind, as a source.

reading   lines of text and Parquet → rows
datasets  the JSON of known datasets → rows
columns   a row → which picture, and what is said of it
"""

from lookalike.sources.table.columns import FIELDS
from lookalike.sources.table.source import TableSource

__all__ = ["FIELDS", "TableSource"]

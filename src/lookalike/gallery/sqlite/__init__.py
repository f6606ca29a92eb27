"""Where does a gallery live on one machine? In one SQLite file, with what is searched most also in memory.

gallery      the calls, each one transaction
opening      a path → an open file, read-only where it must be
schema       the tables, their version, and upgrades
database     readers' snapshots, and one writer at a time
faults       what SQLite's errors mean
rows         records ↔ rows
terms        labels, tags… ↔ numbers
pages        small columns of 1,024 keys at a time, as they are stored
spaces       embeddings and their codes, as they are stored
writing      what a put and a delete do
rewording    what a change of words does
calibrating  making one-bit codes, and measuring whether they suffice
columns      the pages in memory
codecs       vectors as they are, as bytes, or as bits; each scanned in its way
scanning     a space's codes in memory
view         a transaction together with the memory of the same moment
selection    filter → mask
searching    nearest to a vector, or suiting some words
text         words ↔ FTS5
listing      sort orders and cursors
facets       counting by value
fetching     records by id, hash or uri
backup       copying while in use
checking     looking for damage
"""

from lookalike.gallery.sqlite.gallery import SqliteGallery

__all__ = ["SqliteGallery"]

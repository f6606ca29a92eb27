"""How is a gallery laid out in SQLite? Its tables, their version, and the way from older versions to this one."""

from collections.abc import Mapping
from pathlib import Path

import apsw

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import text

APPLICATION_ID = 0x4C6F6F6B
"""`Look`, in the file's header: tells a gallery from any other SQLite file."""

VERSION = 7
PAGE_BYTES = 8_192
"""Seven embeddings of 512 float16 a page; half of that wastes a quarter of each page, twice that doubles what every
hash writes."""

FINGERPRINTS = """
-- Local features, and which pages' fingerprints have changed when.
CREATE TABLE features(
  key INTEGER PRIMARY KEY REFERENCES image(key) ON DELETE CASCADE,
  packed BLOB NOT NULL
) STRICT;
CREATE TABLE fingerprint_page(number INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
CREATE INDEX fingerprint_page_by_revision ON fingerprint_page(revision);
"""

KEY_REVISIONS = """
-- When the fingerprint of each of the 1,024 keys was written; empty where it may have been that of any, at `revision`.
ALTER TABLE fingerprint_page ADD COLUMN written BLOB NOT NULL DEFAULT x'';
"""

CALIBRATION = """
-- What was learned here about the scores in a space; it stands before the encoder's own slope and bias.
CREATE TABLE IF NOT EXISTS calibration(
  space INTEGER PRIMARY KEY REFERENCES space(number),
  slope REAL NOT NULL,
  bias REAL NOT NULL,
  text_slope REAL NOT NULL,
  text_bias REAL NOT NULL,
  note TEXT NOT NULL
) STRICT;
"""

TABLES = (
    FINGERPRINTS
    + KEY_REVISIONS
    + CALIBRATION
    + """
CREATE TABLE gallery(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL,  -- counts the transactions that changed something
  keys INTEGER NOT NULL,      -- keys 0 … keys - 1 are in use, or in free_key
  identity TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO gallery VALUES (1, 0, 0, lower(hex(randomblob(16))));

CREATE TABLE image(
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL,  -- looked up by the pages; an index would write a page for every record
  uri TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  version TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  pixels BLOB NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  format TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  taken_at TEXT,
  added_at TEXT NOT NULL,
  title TEXT NOT NULL,
  caption TEXT NOT NULL,
  caption_source TEXT NOT NULL,
  tags TEXT NOT NULL,
  label TEXT NOT NULL,
  owner TEXT NOT NULL,
  link TEXT NOT NULL,
  metadata TEXT NOT NULL,
  perceptual BLOB NOT NULL DEFAULT x'',  -- PDQ hash
  quality INTEGER NOT NULL DEFAULT 0,
  recognised TEXT NOT NULL DEFAULT '{}',    -- class name → confidence
  edited TEXT NOT NULL DEFAULT '[]'         -- which columns a person wrote
) STRICT;
CREATE INDEX image_by_path ON image(path);

CREATE TABLE free_key(key INTEGER PRIMARY KEY) STRICT;

CREATE TABLE failure(
  uri TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every distinct label, tag, owner, format and folder, numbered from 1 in each field.
CREATE TABLE term(
  field TEXT NOT NULL,
  code INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (field, code),
  UNIQUE (field, value)
) STRICT, WITHOUT ROWID;

-- What filters, facets and sorting read, of 1,024 keys at a time.
CREATE TABLE page(
  number INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  columns BLOB NOT NULL,
  tags BLOB NOT NULL
) STRICT;
CREATE INDEX page_by_revision ON page(revision);

-- The embeddings of space n are in embedding_n, made with the space.
CREATE TABLE space(
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dim INTEGER NOT NULL,
  encoder TEXT NOT NULL,
  digest TEXT NOT NULL,
  slope REAL NOT NULL,
  bias REAL NOT NULL,
  rows INTEGER NOT NULL DEFAULT 0,
  codec TEXT NOT NULL DEFAULT '',           -- 'bits' where code_page holds codes
  codec_revision INTEGER NOT NULL DEFAULT 0,
  calibrated_rows INTEGER NOT NULL DEFAULT 0,
  shortlist INTEGER NOT NULL DEFAULT 0,     -- how many to compare exactly for the best ten
  centre BLOB,
  axes BLOB,                                -- random and orthogonal, one a row
  spread BLOB,                              -- standard deviation along each axis
  place INTEGER NOT NULL DEFAULT 0,         -- grows with each space that is added, while numbers are given again
  role TEXT NOT NULL DEFAULT ''             -- 'now' where it answers queries, 'before', 'filling'
) STRICT;
CREATE TABLE code_page(
  space INTEGER NOT NULL REFERENCES space(number),
  number INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  codes BLOB,                               -- NULL where they are made from the embeddings on reading
  PRIMARY KEY (space, number)
) STRICT;
CREATE INDEX code_page_by_revision ON code_page(space, revision);
"""
    + text.TABLE
)

EMBEDDINGS = """
CREATE TABLE embedding_{number}(
  key INTEGER PRIMARY KEY REFERENCES image(key) ON DELETE CASCADE,
  vector BLOB NOT NULL
) STRICT;
"""

UPGRADES: Mapping[int, str] = {
    1: FINGERPRINTS  # noqa: S608 - nothing in it comes from outside
    + """
    ALTER TABLE image ADD COLUMN perceptual BLOB NOT NULL DEFAULT x'';
    ALTER TABLE image ADD COLUMN quality INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE space ADD COLUMN spread BLOB;
    -- Codes have another form now: they are made again with the next pictures that come in.
    ALTER TABLE gallery ADD COLUMN identity TEXT NOT NULL DEFAULT '';
    UPDATE gallery SET revision = revision + 1, identity = lower(hex(randomblob(16)));
    UPDATE code_page SET codes = NULL, revision = (SELECT revision FROM gallery);
    UPDATE space SET codec = '', codec_revision = (SELECT revision FROM gallery), calibrated_rows = 0, shortlist = 0,
      centre = NULL, axes = NULL;
    """,
    2: f"""
    ALTER TABLE image ADD COLUMN recognised TEXT NOT NULL DEFAULT '{{}}';
    ALTER TABLE image ADD COLUMN edited TEXT NOT NULL DEFAULT '[]';
    DROP TABLE vocabulary;
    DROP TABLE words;
    {text.TABLE}
    {text.REFILL}
    """,
    3: CALIBRATION,
    4: """
    ALTER TABLE space ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE space ADD COLUMN role TEXT NOT NULL DEFAULT '';
    UPDATE space SET place = number;
    """,
    5: f"""
    -- Words are found by their other spellings, too.
    DROP TABLE words;
    {text.TABLE}
    {text.REFILL}
    """,
    6: KEY_REVISIONS,
}
"""Version → the statements that make the next version of it."""


def prepare(
    connection: apsw.Connection, path: Path, *, version: int = VERSION, upgrades: Mapping[int, str] = UPGRADES
) -> None:
    """Make the tables in an empty file, or bring those of an older version up to date.

    Raises:
        GalleryError: the file is something else, or newer than this program.
    """
    if is_empty(connection):
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    elif check_version(connection, path, version) == version:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _migrate(connection, path, version, upgrades)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: apsw.Connection, path: Path, version: int, upgrades: Mapping[int, str]) -> None:
    """Run what is missing, inside a transaction; another process may have done so meanwhile."""
    if is_empty(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(TABLES)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    text.teach(connection)
    for older in range(check_version(connection, path, version), version):
        connection.execute(upgrades[older])
        connection.execute(f"PRAGMA user_version = {older + 1}")


def is_empty(connection: apsw.Connection) -> bool:
    """Say whether the file holds nothing at all, as after a crash while it was made."""
    return not connection.execute("SELECT count(*) FROM sqlite_schema").get and not _pragma(
        connection, "application_id"
    )


def check_version(connection: apsw.Connection, path: Path, version: int = VERSION) -> int:
    """Give the layout's version.

    Raises:
        GalleryError: the file is something else, or newer than this program.
    """
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise GalleryError(
            f"{path} is a database of another program, not a gallery.",
            "Give the path of a gallery, or of a file that is not there yet.",
        )
    found = _pragma(connection, "user_version")
    if found > version:
        raise GalleryError(
            f"The gallery {path} was made by a newer Lookalike: its layout is {found}, this program knows {version}.",
            "Update Lookalike: `git pull`, then `pip install .`, in the copy of its repository.",
        )
    return found


def _pragma(connection: apsw.Connection, name: str) -> int:
    value = connection.pragma(name)
    assert isinstance(value, int)  # noqa: S101 - both pragmas asked are numbers of the file's header
    return value

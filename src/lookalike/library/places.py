"""Where on this machine lies what belongs to a gallery? Beside its file; or, of a server's, in the user-data folder."""

import re
from pathlib import Path

from platformdirs import user_data_path

from lookalike.config import Settings
from lookalike.disk import expand_home
from lookalike.gallery import is_on_server, shown_url
from lookalike.gallery.sqlite.opening import gallery_path

_SERVERS = "servers"
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_PRIVATE = 0o700
_SQLITE_FILES = ("", "-wal", "-shm", "-journal")


class Places:
    """Names what belongs to one gallery, there or not."""

    def __init__(self, where: str | Path, settings: Settings) -> None:
        """Take the gallery's path or URL, and the settings that may put something elsewhere."""
        self.settings = settings
        self.where = where
        """The path or URL as it was given: who is shown it may see a password."""

    @property
    def gallery_path(self) -> Path:
        """Where the gallery's file lies, or would; of one on a server, what files beside it are named after.

        Raises:
            BadInput: as `open_gallery` says.
        """
        if not is_on_server(self.where):
            return gallery_path(self.where)
        name = _UNFIT.sub("-", shown_url(self.where).partition("://")[2]).strip("-")
        return user_data_path("lookalike", appauthor=False) / _SERVERS / f"{name}.gallery"

    @property
    def gallery_name(self) -> str:
        """What people are told of where the gallery is: its path, or its URL without secrets.

        Raises:
            BadInput: as `open_gallery` says.
        """
        return shown_url(self.where) if is_on_server(self.where) else str(gallery_path(self.where))

    @property
    def gallery_argument(self) -> str:
        """What a command is given to open the gallery: its path, or its URL with its options, but without secrets.

        Raises:
            BadInput: as `open_gallery` says.
        """
        return shown_url(self.where, whole=True) if is_on_server(self.where) else self.gallery_name

    @property
    def uploads(self) -> Path:
        """The folder where uploaded pictures are kept, there or not: beside the gallery, if not set otherwise."""
        return expand_home(self.settings.uploads or f"{self.gallery_path}.uploads")

    @property
    def blocked(self) -> Path:
        """Where the block list lies, there or not; its small pictures are in a folder of that name and `.pictures`."""
        return Path(f"{self.gallery_path}.blocked")

    @property
    def keys(self) -> Path:
        """The file of the keys to come in over the network, there or not."""
        return expand_home(self.settings.keys or f"{self.gallery_path}.keys")

    @property
    def journal(self) -> Path:
        """The file that says what was done about duplicates, so that it can be taken back; there or not."""
        return Path(f"{self.gallery_path}.duplicates.jsonl")

    @property
    def ledger(self) -> Path:
        """Where the service keeps what must outlive it, there or not: the trash, edits that can be undone, answers."""
        return Path(f"{self.gallery_path}.service")

    @property
    def copies_index(self) -> Path:
        """The folder of the index of edited copies, there or not; it may be deleted at any time."""
        return Path(f"{self.gallery_path}.copies")

    @property
    def thumbnails_cache(self) -> Path:
        """The file of small pictures, there or not; it may be deleted at any time."""
        return Path(f"{self.gallery_path}.thumbnails")

    def own_files(self) -> list[Path]:
        """Name all that lies beside the gallery, or may: none of it is a picture to index."""
        databases = (self.gallery_path, self.thumbnails_cache, self.blocked, self.ledger)
        beside = (f"{self.blocked}.pictures", f"{self.journal}.lock", f"{self.keys}.lock")
        files = [f"{one}{suffix}" for one in databases for suffix in _SQLITE_FILES]
        return [*map(Path, (*files, *beside)), self.copies_index, self.journal, self.keys, self.uploads]

    def make_room(self) -> None:
        """Make the folder of what belongs to a gallery on a server; others make theirs when the file is made."""
        if is_on_server(self.where):
            self.gallery_path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)

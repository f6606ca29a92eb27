"""How does a repository come to this machine? Listed, chosen from, and fetched file by file."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from lookalike.errors import LookalikeError, MachineError, TooLarge, Unreachable
from lookalike.models.hub.allowed import MAX_TEXT_BYTES, MAX_WEIGHT_BYTES, WEIGHTS, choose, require_enough
from lookalike.models.hub.cache import Home, RemoteFile, Snapshot, found_in, lacking
from lookalike.models.hub.download import download
from lookalike.models.hub.environment import is_offline, require_client
from lookalike.models.hub.faults import offline
from lookalike.models.hub.listing import Listing, list_repository
from lookalike.models.writing import telling_disk

ELSEWHERE = "set HF_HOME to a folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a repository has come."""

    repo: str
    file: str
    """That is coming now."""
    received_bytes: int
    total_bytes: int
    """Of all files that are wanted."""


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Following:
    progress: Progress | None = None
    refresh: bool = False
    offline: bool = False


_following = ContextVar("_following", default=_Following())  # noqa: B039 - it is frozen


@contextmanager
def following(progress: Progress, *, refresh: bool = False) -> Iterator[None]:
    """Be told how far it is whenever, in here, a repository is fetched, however deep below: by loading an encoder, say.

    With `refresh`, the hub is asked each time whether the revision has moved on.
    """
    token = _following.set(_Following(progress=progress, refresh=refresh))
    try:
        yield
    finally:
        _following.reset(token)


@contextmanager
def staying_offline() -> Iterator[None]:
    """Ask no hub for anything in here, as if HF_HUB_OFFLINE were set."""
    token = _following.set(_Following(offline=True))
    try:
        yield
    finally:
        _following.reset(token)


def fetch_repository(
    repo: str,
    revision: str = "main",
    wanted: Sequence[str] = ("*.json", "*.safetensors"),
) -> Snapshot:
    """Give the files of a repository that `wanted` names, and fetch what is not on this machine.

    `wanted` are patterns such as `*.json` or `onnx/*.onnx`; a star stands for no slash. What can carry code never
    comes, whatever they say. What is there already is taken as it is, without asking the hub; only of what another
    program fetched without a list it is asked once, if it can be, whether that is all. An interrupted call goes on
    where it stopped when it is made again; `following` is told how far it is.

    The client's own variables count: HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN.

    Raises:
        BadInput: the name or the revision cannot be one, or nothing there may be loaded.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable: as `telling_faults` says; the last also where a file
            comes only in part, or is not the one that the hub lists.
        TooLarge: a file is past the limit; MachineError: the disk has too little room, or cannot be written.
        MissingExtra: the client is not installed.
    """
    home = Home(repo, revision)
    if not asks_first():
        _learn_list(home)
        if found := found_in(home, wanted):
            return found
    listing = _ask(home, lacking(home, wanted))
    names = choose(listing.files, wanted)
    require_enough(repo, list(listing.files), names, wanted)
    with telling_disk(home.folder, ELSEWHERE):
        _fetch(home, listing, names)
    snapshot = found_in(home, wanted, listing.commit)
    if snapshot is None:
        raise Unreachable(f"{repo} was deleted while it came.", "Run it again.")
    return snapshot


def _fetch(home: Home, listing: Listing, names: Sequence[str]) -> None:
    """Fetch what is missing of a commit's files, and only then say that the revision is that commit."""
    files = [listing.files[name] for name in names]
    _require_room(home, files, listing.commit)
    home.keep_listing(listing.commit, listing.files.values())
    count = _Count(home.repo, sum(file.bytes for file in files))
    for file in files:
        count.begin(file.name)
        if (home.snapshot(listing.commit) / file.name).is_file():
            count.add(file.bytes)
        else:
            download(home, file, listing.commit, count.add)
            home.place(file, listing.commit)
    home.keep_commit(listing.commit)


def list_files(repo: str, revision: str = "main") -> tuple[str, list[str]]:
    """Give the commit of a revision, and the names of all its files, fetched or not.

    The hub is asked only where nothing was fetched before. What is fetched by this commit, to learn what else is
    wanted, leaves the revision where it is, in case the rest never comes. Raises as `fetch_repository` does.
    """
    home = Home(repo, revision)
    commit = home.commit()
    if commit and not asks_first():
        _learn_list(home)
        if names := home.listed(commit):
            return commit, names
    listing = _ask(home)
    with telling_disk(home.folder, ELSEWHERE):
        home.keep_listing(listing.commit, listing.files.values())
    return listing.commit, list(listing.files)


def asks_first() -> bool:
    """Tell whether the hub is asked even for what is here."""
    return _following.get().refresh and not is_offline()


def may_ask() -> bool:
    """Tell whether the hub may be asked in here."""
    return not is_offline() and not _following.get().offline


def _ask(home: Home, lacking: Sequence[str] = ()) -> Listing:
    """Ask for the list of a revision; `lacking` are files that are known not to be here."""
    if not may_ask():
        raise offline(home.repo, lacking)
    require_client()
    return list_repository(home.repo, home.revision)


def _learn_list(home: Home) -> None:
    """Get the list of a commit of which another program fetched some files, and kept none.

    Without it nobody can tell whether that is all of them. Where the hub cannot be asked, it has to do; it is tried
    once, or a hub that does not answer would be waited for again and again.
    """
    commit = home.commit()
    if not commit or home.is_listed(commit) or not home.snapshot(commit).is_dir() or not may_ask():
        return
    if (asked := home.snapshot(commit)) in _asked:
        return
    _asked.add(asked)
    with suppress(LookalikeError), telling_disk(home.folder, ELSEWHERE):
        require_client()
        home.keep_listing(commit, list_repository(home.repo, commit).files.values())


_asked: set[Path] = set()
"""Of which commits, by their folders, this process has asked for the list that nobody kept."""


class _Count:
    """Adds up what came, and tells it on."""

    def __init__(self, repo: str, total_bytes: int) -> None:
        self._progress = _following.get().progress or (lambda _: None)
        self._step = Step(repo=repo, file="", received_bytes=0, total_bytes=total_bytes)

    def begin(self, file: str) -> None:
        self._step = replace(self._step, file=file)
        self.add(0)

    def add(self, received: int) -> None:
        self._step = replace(self._step, received_bytes=self._step.received_bytes + received)
        self._progress(self._step)


def _require_room(home: Home, files: Sequence[RemoteFile], commit: str) -> None:
    """See that no file is larger than its kind ever is, and that the disk can hold what is missing.

    Raises:
        TooLarge: a file is.
        MachineError: the disk has too little room.
    """
    for file in files:
        limit = MAX_WEIGHT_BYTES if file.name.endswith(WEIGHTS) else MAX_TEXT_BYTES
        if file.bytes > limit:
            raise TooLarge(f"{file.name} of {home.repo} has {file.bytes:,} bytes, past the limit of {limit:,}.")
    missing = sum(home.missing_bytes(file, commit) for file in files)
    home.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home.folder).free
    if missing > free:
        what = f"{home.repo} needs {missing / 1e6:,.0f} MB, and {home.folder} has {free / 1e6:,.0f} MB left."
        raise MachineError(what, f"Make room, or {ELSEWHERE} on a larger disk.")

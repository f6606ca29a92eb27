"""Who may come in over the network? Keys, of which a small file beside the gallery keeps only the hashes."""

import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

from lookalike.disk import held_alone, replacing
from lookalike.errors import BadInput, GalleryError, NotFound

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""The narrowest first; each holds those before it."""
PREFIX = "lk_"
"""What every key begins with, so that people and scanners for leaked secrets know one when they see it."""
_KEY_BYTES = 32
_LONGEST_NAME = 100
_VERSION = 1
_SPAN = re.compile(r"(\d{1,5}) ?(h|d|w|y)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}


def covers(scope: Scope, wanted: Scope) -> bool:
    """Tell whether a scope holds another, or is that very one."""
    return SCOPES.index(scope) >= SCOPES.index(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is kept of a key."""

    id: str
    name: str
    scope: Scope
    sha256: str
    created_at: datetime
    expires_at: datetime | None = None

    def is_expired(self, now: datetime | None = None) -> bool:
        """Tell whether its time is over."""
        return self.expires_at is not None and self.expires_at <= (now or datetime.now(UTC))


class KeyFile:
    """The keys of one gallery. May be shared by threads; other processes see a change at once."""

    def __init__(self, path: Path) -> None:
        """Name the file, there or not; it is made with the first key, and only its owner may read it."""
        self.path = path
        self._lock = Lock()
        self._seen: tuple[int, ...] | None = None
        self._by_hash: dict[str, Key] = {}

    def exists(self) -> bool:
        """Tell whether a key was ever made here; then nobody comes in without one, also after all are revoked."""
        return self.path.exists()

    def add(self, name: str, scope: Scope = "read", expires_at: datetime | None = None) -> tuple[Key, str]:
        """Make a key. The second of what is given is the key itself, which is kept nowhere.

        Raises:
            BadInput: the name is taken or unusable, or the time is over already.
            GalleryError: the file cannot be written.
        """
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise BadInput(
                f"A key cannot be called {name[:_LONGEST_NAME]!r}.", "Say whose it is: phone, backup-script."
            )
        # 256 random bits cannot be guessed however fast the hash is, so that a slow one would only slow requests.
        text = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
        made = Key(
            id=secrets.token_hex(4),
            name=name,
            scope=scope,
            sha256=_hash(text),
            created_at=datetime.now(UTC).replace(microsecond=0),
            expires_at=expires_at,
        )
        if made.is_expired():
            over = f"{expires_at:%Y-%m-%d %H:%M} UTC"
            raise BadInput(f"The key would be over already, since {over}.", "Give a time to come, like 90d.")
        with self._changing() as keys:
            if any(name in {key.name, key.id} for key in keys):
                raise BadInput(f"There is a key called {name!r}.", "Revoke it first, or take another name.")
            keys.append(made)
        return made, text

    def revoke(self, name: str) -> Key:
        """Take back the key of a name or an id.

        Raises:
            NotFound: there is none.
            GalleryError: the file cannot be written.
        """
        with self._changing() as keys:
            found = next((key for key in keys if name in {key.id, key.name}), None)
            if found is None:
                raise NotFound(f"There is no key called {name[:_LONGEST_NAME]!r}.", "`lookalike keys list` lists them.")
            keys.remove(found)
        return found

    def all(self) -> list[Key]:
        """Give the keys as they are now, the oldest first.

        Raises:
            GalleryError: the file cannot be read, or others may write it.
        """
        self._refresh()
        return list(self._by_hash.values())

    def find(self, text: str) -> Key | None:
        """Give what is kept of a key, if it is one and its time is not over; raises as `all` does."""
        self._refresh()
        found = self._by_hash.get(_hash(text))
        return None if found is None or found.is_expired() else found

    def get(self, id_: str) -> Key | None:
        """Give the key of an id, if there is one and its time is not over; raises as `all` does."""
        return next((key for key in self.all() if key.id == id_ and not key.is_expired()), None)

    def _refresh(self) -> None:
        """Read the file again if it is another one than before: it is only ever replaced as a whole."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._by_hash = None, {}
            return
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from error
        seen = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)
        with self._lock:
            if seen != self._seen:
                self._by_hash = {key.sha256: key for key in _read(self.path)}
                self._seen = seen

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        """Read the keys, and write them as the block leaves them, while nobody else does the same."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with held_alone(Path(f"{self.path}.lock")):
                keys = _read(self.path) if self.path.exists() else []
                yield keys
                _write(self.path, keys)
        except OSError as error:
            fix = "Make room there." if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
            raise _unusable(self.path, error.strerror or str(error), fix) from error


def parse_expiry(text: str, now: datetime | None = None) -> datetime:
    """Read until when a key is good: `12h`, `90d`, `2w`, `1y`, or a day like `2027-01-31` (its end, in UTC).

    Gives it in UTC, whichever zone was written.

    Raises:
        BadInput: it is none of these.
    """
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span:
            hours = int(span[1]) * _HOURS[span[2]]
            return (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(hours=hours)
        day = datetime.fromisoformat(text.strip())
        given = day.astimezone(UTC) if day.tzinfo else day.replace(tzinfo=UTC)
        return given + timedelta(days=1) if len(text.strip()) <= len("2027-01-31") else given
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{text[:50]!r} is no time.", "Write 12h, 90d, 2w, 1y, or a day like 2027-01-31.") from error


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> list[Key]:
    """Read a key file.

    Raises:
        GalleryError: it is none, or others than its owner may write it.
    """
    try:
        with path.open("rb") as file:
            if os.name != "nt" and os.fstat(file.fileno()).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise _unusable(path, "others than its owner may write it", f"Run `chmod 600 {path}`.")
            stored = json.load(file)
        if stored["version"] != _VERSION:
            raise _unusable(path, "a newer Lookalike wrote it", "Update Lookalike.")
        return [_key(one) for one in stored["keys"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unusable(path, "it is damaged", "Delete it, and make new keys.") from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _key(stored: dict[str, Any]) -> Key:
    if stored["scope"] not in SCOPES:
        raise ValueError(stored["scope"])
    expires = stored["expires_at"]
    times = {
        "created_at": datetime.fromisoformat(stored["created_at"]),
        "expires_at": expires and datetime.fromisoformat(expires).astimezone(UTC),
    }
    return Key(**{**stored, **times})


def _write(path: Path, keys: list[Key]) -> None:
    """Replace a key file by a new one, whole or not at all."""
    stored = {"version": _VERSION, "keys": [asdict(key) for key in keys]}
    with replacing(path, mode=0o600) as file:
        file.write(json.dumps(stored, indent=1, default=lambda time: time.isoformat()).encode())


def _unusable(path: Path, reason: str, fix: str = "") -> GalleryError:
    usual = "Make it readable and writable for the person who runs Lookalike, and nobody else."
    return GalleryError(f"The key file {str(path)!r} cannot be used: {reason}.", fix or usual)

"""What does an error of Milvus mean to the user? One table from what it says to a sentence and a fix."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from lookalike.errors import GalleryError, LookalikeError, Unreachable

_MEANINGS: tuple[tuple[str, type[LookalikeError], str, str], ...] = (
    (r"create connection first|closed channel", GalleryError, "The gallery {url} has been closed.", "Open it again."),
    (
        r"auth check failure|unauthenticated|missing authorization|invalid.?token|incorrect password|password verify",
        GalleryError,
        "Milvus at {url} does not know who asks.",
        "Put user:password, or a key, into a file and name it with LOOKALIKE_GALLERY_TOKEN_FILE. If the setting "
        "gallery names one on a server, no other server is told.",
    ),
    (
        r"permission deny|privilege",
        GalleryError,
        "This user may not do that on Milvus at {url}.",
        "Give the role of the user the right to read, or to write, the gallery's collections.",
    ),
    (
        r"database not found|database not exist",
        GalleryError,
        "Milvus at {url} has no such database.",
        "Make it there, or leave ?database= out.",
    ),
    (
        r"can't find collection|collection not found|collection .*(not exist|does not exist)",
        GalleryError,
        "A collection of the gallery {url} is gone.",
        "`lookalike doctor` says which. Vectors, `lookalike reencode` makes anew, or gives up with --drop; records and "
        "notes come back from Milvus's own backup.",
    ),
    (
        r"not loaded|not been loaded|recovering|node not match",
        Unreachable,
        "Milvus has not loaded the gallery {url}.",
        "After a restart it takes Milvus a minute: try again. If somebody released it, opening it anew loads it.",
    ),
    (
        r"disk quota|disk.*full|no space left|quota exceeded|memory quota|force deny|out of memory|(?-i:\bOOM\b)",
        GalleryError,
        "Milvus at {url} has no room left: {said}.",
        "Give it more disk or memory; what was reported as stored is there, so indexing may be run again.",
    ),
    (
        r"rate limit|too many requests",
        Unreachable,
        "Milvus at {url} is asked more often than it allows: {said}.",
        "Try again, or raise its quotaAndLimits.",
    ),
    (
        r"deadline exceeded|timeout|timed out",
        Unreachable,
        "Milvus at {url} did not answer in time.",
        "Look whether it is overloaded; ?timeout=60 in the gallery's URL waits longer.",
    ),
    (
        r"connect|unavailable|not ready|shutting down|channel not available|no available|node offline|not healthy"
        r"|not serving|Socket closed|Stream removed|goaway",
        Unreachable,
        "Milvus at {url} cannot be reached.",
        "Look whether it runs, and whether host, port and TLS in the gallery's URL are right.",
    ),
)
_LONGEST = 300


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise one of our errors in place of any of the client's."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, RpcError, ConnectionError, TimeoutError) as error:
        raise explained(error, url) from error
    except ValueError as error:
        if "closed channel" in str(error):
            raise explained(error, url) from error
        raise


def explained(error: Exception, url: str) -> LookalikeError:
    """Say what happened, where, and what to do."""
    said = " ".join(str(getattr(error, "message", "") or error).split())[:_LONGEST]
    # That nobody gets in without a password is only said by what lies beneath "cannot connect".
    everything = f"{said} {error.__cause__ or ''} {getattr(error.__context__, 'details', str)()}"
    for pattern, kind, what, fix in _MEANINGS:
        if re.search(pattern, everything, re.IGNORECASE):
            return kind(what.format(url=url, said=said), fix)
    return GalleryError(f"Milvus at {url} cannot do this: {said}.")

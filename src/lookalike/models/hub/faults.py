"""What does it mean when a hub, or the way to it, fails? The client's errors, told as ours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lookalike.errors import LoginNeeded, LookalikeError, NotAllowed, NotFound, TooOften, Unreachable
from lookalike.models.hub.environment import endpoint

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_LOGIN = "If it is there, run `hf auth login`, or set HF_TOKEN to a token that may read it."


@contextmanager
def telling_faults(repo: str, revision: str) -> Iterator[None]:
    """Turn what the client raises into our errors.

    Raises:
        NotFound: no such repository, revision or file.
        LoginNeeded: the hub wants to know who asks.
        NotAllowed: one must ask the owners first.
        TooOften: the hub says so.
        Unreachable: it is offline, does not answer, or answers nonsense.
    """
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise offline(repo) from None
    except errors.GatedRepoError as error:
        where = error.response.url.copy_with(path=f"/{repo}", query=None)
        what = f"The owners of {repo} want to be asked first."
        raise NotAllowed(what, f"Accept their terms at {where}, then set HF_TOKEN or run `hf auth login`.") from None
    except errors.RevisionNotFoundError:
        raise NotFound(f"{repo} has no revision {revision!r}.", "Give a branch, a tag or a commit of it.") from None
    except errors.HfHubHTTPError as error:
        raise _by_status(repo, error) from None
    except httpx2.HTTPError as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise Unreachable(f"{endpoint()} cannot be reached: {reason}.", "Check the network, and HF_ENDPOINT.") from None
    except httpx2.InvalidURL as error:
        raise Unreachable(f"{endpoint()} is no address: {str(error).rstrip('.')}.", "Correct HF_ENDPOINT.") from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise nonsense(repo, f"{type(error).__name__}: {str(error)[:200]}") from None


def offline(repo: str, lacking: Sequence[str] = ()) -> Unreachable:
    """Say that the hub may not be asked; `lacking` are files of a repository of which others are there."""
    named = f"{lacking[0][:100]} of {repo}" if lacking else repo
    more = f", nor are {len(lacking) - 1} more of its files" if len(lacking) > 1 else ""
    what = f"{named} is not on this machine{more}, and HF_HUB_OFFLINE forbids to ask for it."
    return Unreachable(what, "Unset HF_HUB_OFFLINE, or fetch it on another machine and copy its cache (HF_HOME).")


def nonsense(repo: str, reason: str) -> Unreachable:
    """Say that what answers is no hub, or a broken one."""
    return Unreachable(f"{endpoint()} answers nonsense about {repo}: {reason}.", "Check HF_ENDPOINT.")


def _by_status(repo: str, error: "HfHubHTTPError") -> LookalikeError:
    status = error.response.status_code
    if status == 429:
        wait_s = seconds_to_wait(error.response.headers.get("retry-after", ""))
        what = f"{endpoint()} is asked too often from here; in {wait_s:.0f} s it may be asked again."
        return TooOften(what, "Wait, then run it again; with a token (HF_TOKEN) more is allowed.", wait_s)
    if status in (401, 404):
        # The hub answers 401 for what is private and for what is not there alike, so that nobody can tell.
        kind = LoginNeeded if status == 401 else NotFound
        return kind(
            f"{endpoint()} shows no repository {repo}: it is private, or not there.", f"Check the name. {_LOGIN}"
        )
    if status == 403:
        return NotAllowed(f"{endpoint()} refuses {repo}: {_message(error)}", _LOGIN)
    return Unreachable(f"{endpoint()} failed with HTTP {status}: {_message(error)}", "Try again later.")


def seconds_to_wait(said: str) -> float:
    """Read Retry-After; a minute where it says nothing that one can count."""
    try:
        seconds = float(said)
    except ValueError:
        return 60.0
    return min(seconds, 86_400.0) if seconds >= 0 else 60.0


def _message(error: "HfHubHTTPError") -> str:
    said = error.server_message or error.response.reason_phrase
    return " ".join(said.split())[:200].rstrip(".") + "."

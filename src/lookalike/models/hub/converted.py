"""Where a repository has only pickles, has the hub's own program converted it? It does so in pull requests."""

from lookalike.models.hub.asking import ask
from lookalike.models.hub.cache import Home
from lookalike.models.hub.environment import endpoint, require_client
from lookalike.models.hub.faults import offline, telling_faults
from lookalike.models.hub.fetching import ELSEWHERE, asks_first, may_ask
from lookalike.models.writing import telling_disk

_PROGRAM = "SFconvertbot"
"""Who opens them on huggingface.co; those of others are passed over. Source: transformers, safetensors_conversion.py"""
_TITLE = "Adding `safetensors` variant of this model"


def find_converted(repo: str) -> str:
    """Give the revision in which the hub has added safetensors, such as `refs/pr/3`; empty where there is none.

    It is kept for `known_conversion`, and what was kept is forgotten where there is none.

    Raises:
        BadInput: that is no repository's name.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable: as `telling_faults` says.
        MissingExtra: the client is not installed.
        MachineError: the cache cannot be written.
    """
    home = Home(repo, "main")
    require_client()
    if not may_ask():
        raise offline(repo)
    revision = _ask(repo)
    with telling_disk(home.folder, ELSEWHERE):
        if revision:
            home.keep_conversion(revision)
        else:
            home.forget_conversion()
    return revision


def known_conversion(repo: str) -> str:
    """Give what was found so before, without asking; empty where nothing was, or where a newer one is looked for.

    Raises:
        BadInput: that is no repository's name.
    """
    return "" if asks_first() else Home(repo, "main").conversion()


def forget_conversion(repo: str) -> None:
    """Know of none any more, since the repository itself can be loaded.

    Raises:
        BadInput: that is no repository's name.
        MachineError: the cache cannot be written.
    """
    home = Home(repo, "main")
    with telling_disk(home.folder, ELSEWHERE):
        home.forget_conversion()


def _ask(repo: str) -> str:
    with telling_faults(repo, "main"):
        opened = ask(f"{endpoint()}/api/models/{repo}/discussions", author=_PROGRAM, type="pull_request")
        for found in opened["discussions"]:
            by_program = found.get("author", {}).get("name") == _PROGRAM
            if by_program and found["title"] == _TITLE and found["status"] in {"open", "draft"}:
                return f"refs/pr/{int(found['num'])}"
    return ""

"""A hub of models on loopback: what Hugging Face's answers, as its client asks, with faults on demand.

Source: https://huggingface.co/docs/hub/api, and the client: `huggingface_hub`, file_download.py and hf_api.py
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_LARGE = (".safetensors", ".onnx", ".onnx_data", ".bin", ".pt")
"""What is kept apart from git (LFS), and comes from another server."""


def listing(*siblings: dict) -> bytes:
    """Say what a repository holds, as the hub does."""
    return json.dumps({"id": "org/model", "sha": COMMIT, "siblings": siblings}).encode()


@dataclass
class Repository:
    """What one repository holds, who may read it, and what goes wrong with it."""

    files: Mapping[str, bytes]
    commit: str = COMMIT
    revisions: tuple[str, ...] = ("main",)
    token: str = ""
    """Who does not send it is told that nothing is there."""
    gated: bool = False
    spoilt: dict[str, bytes] = field(default_factory=dict)
    """Files that are sent other than they are listed."""
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    """File → after how many bytes the connection breaks, once for each number."""
    stuck_after: dict[str, list[int]] = field(default_factory=dict)
    """File → after how many bytes nothing more comes, once for each number; the connection stays."""
    busy: list[str] = field(default_factory=list)
    """What Retry-After says while the hub answers 429 to who asks for a file, once for each."""
    busy_listing: list[str] = field(default_factory=list)
    """The same to who asks which files there are."""
    pulls: dict[int, "Repository"] = field(default_factory=dict)
    """Pull requests: what the repository would hold, by number."""
    pulled_by: str = "SFconvertbot"
    says: bytes | None = None
    """What it says when it is asked which files there are, in place of the truth."""
    sends_on: dict[str, str] = field(default_factory=dict)
    """File → where whoever asks for it is sent."""
    endless: str = ""
    """What has no end: a file, `tree` for the answer which files there are, or `failure` for one in place of that."""
    ranges: bool = True
    """Whether a part of a file can be had."""


@dataclass
class Hub:
    """The hub that runs."""

    endpoint: str
    storage: str
    """The other server, which must never see a token."""
    repositories: dict[str, Repository]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, URL and headers, by their names in small letters, of each request."""

    def asked_for(self, part: str, method: str = "GET") -> list[dict[str, str]]:
        """Give the headers of the requests whose URL holds `part`."""
        return [headers for how, url, headers in self.asked if how == method and part in url]


def blob_id(data: bytes) -> str:
    """Give the sum that git keeps of a file."""
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


@contextmanager
def serving_hub(repositories: Mapping[str, Repository]) -> Iterator[Hub]:
    """Run a hub, and the server on which it keeps what is large."""
    with _server() as main, _server() as storage:
        hub = Hub(_url(main), _url(storage), dict(repositories))
        for server in (main, storage):
            server.hub = hub
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield hub
        finally:
            for server in (main, storage):
                server.over.set()
                server.shutdown()


def ask_only(hub: Hub, home: Path, patch: pytest.MonkeyPatch) -> None:
    """Have the client ask this hub and no other, and keep what it fetches in a home of its own."""
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        patch.delenv(name, raising=False)
    patch.setenv("HF_ENDPOINT", hub.endpoint)
    patch.setenv("HF_HOME", str(home))
    patch.setenv("NO_PROXY", "127.0.0.1")


def _server() -> "_Server":
    return _Server(("127.0.0.1", 0), _Handler)


def _url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.over = Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for a sign of life
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        hub.asked.append((self.command, f"{_url(self.server)}{self.path}", _lowered(self.headers)))
        if _url(self.server) == hub.storage:
            self._send_stored(path)
            return
        discussed = re.fullmatch(r"/api/models/(?P<repo>[^/]+/[^/]+)/discussions", path)
        if discussed and discussed["repo"] in hub.repositories:
            self._send(200, json.dumps(_discussions(hub.repositories[discussed["repo"]])).encode())
            return
        if path == "/api/agent-harnesses":
            self._send(200, b"{}")
            return
        asked = re.fullmatch(
            r"/(api/models/)?(?P<repo>[^/]+(?:/[^/]+)?)"
            r"(?:/(?P<what>revision|tree|resolve)/(?P<rest>.+))?",
            path,
        )
        repository = asked and hub.repositories.get(asked["repo"])
        if repository and asked["rest"]:
            repository = _pulled(repository, asked["rest"])
        busy = repository and (repository.busy if asked["what"] == "resolve" else repository.busy_listing)
        if busy:
            self._send(429, b"", {"Retry-After": busy.pop(0)})
        elif not repository or (repository.token and not self._has(repository.token)):
            self._send(401, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
        elif asked["what"] == "resolve":
            self._resolve(repository, asked["repo"], asked["rest"])
        else:
            self._describe(repository, asked["repo"], asked["what"], asked["rest"] or "main")

    def _has(self, token: str) -> bool:
        return self.headers.get("authorization") == f"Bearer {token}"

    def _describe(self, repository: Repository, repo: str, what: str | None, revision: str) -> None:
        if revision not in (*repository.revisions, repository.commit):
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id"})
            return
        if repository.endless in {"tree", "failure"}:
            self._send_endless(200 if repository.endless == "tree" else 500)
            return
        if repository.says is not None:
            self._send(200, repository.says)
            return
        entries: Any = [_entry(name, data) for name, data in repository.files.items()]
        if what != "tree":
            siblings = [_sibling(entry) for entry in entries]
            entries = {"id": repo, "modelId": repo, "sha": repository.commit, "private": False, "tags": []}
            entries |= {"siblings": siblings, "gated": repository.gated and "manual", "downloads": 0, "likes": 0}
        self._send(200, json.dumps(entries).encode(), {"X-Repo-Commit": repository.commit})

    def _resolve(self, repository: Repository, repo: str, rest: str) -> None:
        revision = next((one for one in (*repository.revisions, repository.commit) if rest.startswith(f"{one}/")), "")
        name = rest.removeprefix(f"{revision}/")
        where = {"X-Repo-Commit": repository.commit}
        if not revision:
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
        elif repository.gated and not self._has(repository.token or "approved"):
            self._send(403, b"", {**where, "X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"})
        elif name not in repository.files:
            self._send(404, b"", {**where, "X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"})
        elif name in repository.sends_on:
            self._send(302, b"", {**where, "Location": repository.sends_on[name]})
        elif name == repository.endless:
            self._send_endless(200)
        elif name.endswith(_LARGE):
            data = repository.files[name]
            where |= {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"'}
            where |= {"Location": f"{self.server.hub.storage}/{repo}/{name}"}
            self._send(302, b"", where)
        else:
            self._send_file(repository, name, {**where, "ETag": f'"{blob_id(repository.files[name])}"'})

    def _send_stored(self, path: str) -> None:
        hub = self.server.hub
        repo = next(repo for repo in hub.repositories if path.startswith(f"/{repo}/"))
        name, known = path.removeprefix(f"/{repo}/"), hub.repositories[repo]
        holder = next(one for one in (known, *known.pulls.values()) if name in one.files)
        self._send_file(holder, name, {})

    def _send_file(self, repository: Repository, name: str, headers: dict[str, str]) -> None:
        data = repository.spoilt.get(name, repository.files[name])
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        status, start = 200, 0
        if wanted and repository.ranges:
            status, start = 206, int(wanted[1])
            headers = {**headers, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            if start >= len(data):
                self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
        cuts = repository.cut_after.get(name, [])
        cut = cuts.pop(0) if cuts and self.command == "GET" else None
        stuck = repository.stuck_after.get(name, [])
        if stuck and self.command == "GET":
            cut = stuck.pop(0)
        self._send(status, data[start:], {"Accept-Ranges": "bytes", **headers}, cut)
        if cut is not None and not cuts and name in repository.stuck_after:
            self.wfile.flush()
            self.server.over.wait(60)

    def _send_endless(self, status: int) -> None:
        """Send until the other side has had enough."""
        self.send_response(status)
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(OSError):
            while not self.server.over.is_set():
                self.wfile.write(b" " * 100_000)

    def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:cut])
        if cut is not None:
            self.close_connection = True


def _pulled(repository: Repository, rest: str) -> Repository:
    """Give what a pull request would make of a repository, where a revision or a path within one means that."""
    for number, pull in repository.pulls.items():
        if re.match(rf"(refs/pr/{number}|{pull.commit})(/|$)", rest):
            pull.revisions = (f"refs/pr/{number}",)
            return pull
    return repository


def _discussions(repository: Repository) -> dict[str, Any]:
    listed = [
        {
            "title": "Adding `safetensors` variant of this model",
            "num": number,
            "status": "open",
            "author": {"name": repository.pulled_by},
            "isPullRequest": True,
            "createdAt": "2023-02-27T15:00:00.000Z",
            "repo": {"name": "org/model", "type": "model"},
        }
        for number in repository.pulls
    ]
    return {"discussions": listed, "count": len(listed), "start": 0, "numClosedDiscussions": 0}


def _lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _entry(name: str, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": blob_id(data)}
    if name.endswith(_LARGE):
        found["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 132}
    return found


def _sibling(entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {"rfilename": entry["path"], "size": entry["size"], "blobId": entry["oid"]}
    if "lfs" in entry:
        found["lfs"] = {"sha256": entry["lfs"]["oid"], "size": entry["size"], "pointerSize": 132}
    return found

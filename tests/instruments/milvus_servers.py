"""What does a test of the Milvus adapter talk to? The real server of the package `milvus`, or `milvus-lite`'s."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from free_ports import free_ports

from lookalike.gallery import Gallery, open_gallery
from lookalike.testing.records import make_space

PASSWORD = "root:Milvus"  # noqa: S105
"""The user and password that a server which asks for one begins with."""
_LONG_SESSION = 3600
"""Seconds; a server that was paused for longer than its session ends itself."""
_START_S = 90.0
_PORTS = (
    *("proxy", "proxy_internal", "etcd", "root_coord", "query_coord", "query_node"),
    *("index_coord", "index_node", "data_coord", "data_node"),
)
"""What listens on a port of its own, besides the metrics."""
_SETTINGS: dict[str, Any] = {
    "common.session.ttl": _LONG_SESSION,
    "proxy.timeTickInterval": 50,
    "queryCoord.checkInterval": 50,
    "queryCoord.distPullInterval": 50,
    "queryNode.stats.publishInterval": 100,
    "quotaAndLimits.ddl.enabled": False,
    "log.level": "warn",
    "log.stdout": False,
    "etcd.log.level": "error",
}


class MilvusProcess:
    """A standalone Milvus on loopback that can be killed and started again on the same port and data."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.ports = free_ports(len(_PORTS) + 3)
        self._authorization = settings.pop("authorization", False)
        self._settings = _SETTINGS | settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        binary = self.folder / "bin" / "milvus"
        if not binary.exists():
            self._configure()
        environment = os.environ | {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(self.ports[-1]),
            "MILVUS_RUN_DIR": str(self.folder / "run"),
            "LD_LIBRARY_PATH": str(binary.parent),
            "GOMAXPROCS": "2",
        }
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary, "run", "standalone"], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        if wait:
            self.wait()

    def _configure(self) -> None:
        from milvus import MilvusServerConfig, _initialize_data_files

        config = MilvusServerConfig(data_dir=str(self.folder))
        config.configs |= {f"{name}_port": port for name, port in zip(_PORTS, self.ports, strict=False)}
        config.configurable_items["authorization_enabled"][1] = self._authorization
        config.resolve_storage()
        config.extra_configs |= self._settings
        config.resolve()
        self._give_etcd_ports_of_its_own()
        _initialize_data_files(str(self.folder))

    def _give_etcd_ports_of_its_own(self) -> None:
        """Without a file of its own, the etcd within listens on 2379 and 2380, so that only one Milvus can run."""
        client, peer = (f"http://127.0.0.1:{port}" for port in self.ports[-3:-1])
        own = self.folder / "configs" / "etcd.yaml"
        own.write_text(
            f"listen-client-urls: {client}\nadvertise-client-urls: {client}\nlisten-peer-urls: {peer}\n"
            f"initial-advertise-peer-urls: {peer}\nname: default\ninitial-cluster: default={peer}\n"
        )
        written = self.folder / "configs" / "milvus.yaml"
        text = written.read_text()
        written.write_text(text.replace("\netcd:", f"\netcd:\n  config:\n    path: {own}", 1))

    def wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"Milvus ended while it started: see {self.folder / 'out.log'}.")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[-1]}/healthz", timeout=5) as answer:
                    if b"OK" in answer.read():
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise TimeoutError("Milvus did not start")

    def revive(self) -> None:
        """Start it where it has ended: a Milvus that was held up for longer than its session ends itself."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def stop(self, how: int = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class LiteProcess:
    """Milvus Lite, which speaks the same protocol, as a server of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (self.port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", self.path, "--port", str(self.port)]
        with self.path.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("Milvus Lite did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


class Shelf:
    """Galleries on one server, made once and emptied after each test: loading a collection takes Milvus seconds."""

    def __init__(self, server: str, ready: int = 2) -> None:
        """Make some at once: most of the time, Milvus only waits."""
        from pymilvus import MilvusClient

        self.server = server
        given, _, place = server.partition("://")[2].rpartition("@")
        self._client = MilvusClient(f"http://{place}", token=given, timeout=60, dedicated=True)
        self._taken: dict[str, str] = {}
        self._made = [f"shelf_{i}" for i in range(ready)]
        with ThreadPoolExecutor(ready) as threads:
            list(threads.map(self._make, self._made))
        self._taken = {name: name for name in self._made}
        self.clear()

    def _make(self, name: str) -> None:
        with open_gallery(f"{self.server}/{name}") as gallery:
            gallery.add_space(make_space())

    def url(self, owner: str) -> str:
        """Give the url of the gallery that belongs to somebody, an empty one at first."""
        if owner not in self._taken:
            free = [name for name in self._made if name not in self._taken.values()]
            name = free[0] if free else f"shelf_{len(self._made)}"
            self._made += [] if free else [name]
            self._taken[owner] = name
        return f"{self.server}/{self._taken[owner]}"

    def open(self, owner: str) -> Gallery:
        return open_gallery(self.url(owner))

    def clear(self) -> None:
        """Empty what was taken."""
        if not self._taken:
            return
        beginnings = tuple(f"{name}_" for name in self._taken.values())
        taken = [one for one in self._client.list_collections() if one.startswith(beginnings)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(self._empty, taken))
        self._taken.clear()

    def _empty(self, collection: str) -> None:
        self._client.load_collection(collection)
        while rows := self._client.query(collection, filter='id != ""', output_fields=["id"], limit=16_384):
            self._client.delete(collection, ids=[row["id"] for row in rows])
            self._client.query(collection, filter='id == ""', limit=1, consistency_level="Strong")

    def drop(self, gallery: str) -> None:
        """Drop a gallery that is not one of these: whatever is there, the server loads again when it starts."""
        for collection in self._client.list_collections():
            if collection.startswith(f"{gallery}_"):
                self._client.drop_collection(collection)

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

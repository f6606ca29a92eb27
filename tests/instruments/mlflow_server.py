"""A real MLflow server on loopback, with SQLite behind it, and a home of its own for what comes from it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from free_ports import free_ports

_START_S = 200
"""It imports much, and makes its tables first."""


@contextmanager
def serving_registry(folder: Path) -> Iterator[str]:
    """Run the server in a folder; gives its address."""
    (port,) = free_ports(1)
    where = ["--backend-store-uri", f"sqlite:///{folder / 'registry.db'}", "--artifacts-destination", folder / "files"]
    command = [sys.executable, "-m", "mlflow", "server", *where, "--host", "127.0.0.1", "--port", str(port)]
    quiet = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--workers", "1"], stdout=log, stderr=log, env=quiet, cwd=folder, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(server, address, folder / "log")
        yield address
    finally:
        os.killpg(server.pid, 9)
        server.wait()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    asked = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + _START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            asked.open(f"{address}/health", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text()[-2_000:])

"""Is what goes wrong with a registry told for what it is, and soon? MLflow is but a stand-in here."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lookalike.errors import LoginNeeded, LookalikeError, Unreachable
from lookalike.models.registry.client import telling_faults

_MLFLOW = """
import socket

class MlflowClient:
    def __init__(self, tracking, registry):
        self.port = int(tracking.rpartition(":")[2])

    def get_model_version_by_alias(self, name, alias):
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.recv(1)
"""
_PROGRAM = """
from lookalike.errors import Unreachable
from lookalike.models.registry import newer_version
try:
    newer_version("mlflow:models:/photos/3@champion", 0.2)
except Unreachable as error:
    print(error.what)
"""


@pytest.mark.slow
def test_a_program_ends_though_the_registry_never_answers(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "__init__.py").write_text(_MLFLOW)
    (tmp_path / "mlflow" / "exceptions.py").write_text("class MlflowException(Exception): pass")
    (tmp_path / "requests.py").write_text("class RequestException(OSError): pass")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "MLFLOW_TRACKING_URI": uri}
        environment.pop("MLFLOW_REGISTRY_URI", None)
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
    assert (done.stdout, done.returncode) == (f"The registry {uri} does not answer.\n", 0), done.stderr


class Failed(Exception):
    """What MLflow raises where it is not told the status."""

    error_code = "INTERNAL_ERROR"

    def get_http_status_code(self) -> int:
        return 500


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("API request to endpoint /api/2.0/mlflow/x failed with error code 401 != 200. Response body: ''", LoginNeeded),
        ("Failures: model.onnx: HTTPError('401 Client Error: Unauthorized for url: http://a/b')", LoginNeeded),
        ("API request to http://127.0.0.1:4010/api failed with timeout", Unreachable),
        ("API request to endpoint /photos401 failed with error code 500 != 200", Unreachable),
        ("API request to endpoint /photos failed with error code 4010 != 200", Unreachable),
    ],
)
def test_a_login_is_asked_for_only_where_the_server_does(
    said: str, expected: type[LookalikeError], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, attributes in {
        "mlflow": {},
        "mlflow.exceptions": {"MlflowException": Failed},
        "requests": {"RequestException": OSError},
    }.items():
        module = ModuleType(name)
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:4010")
    with pytest.raises(expected), telling_faults("models:/photos401@champion"):
        raise Failed(said)

"""How is MLflow asked? By its own client, which reports nothing; its errors told as ours."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lookalike.errors import BadInput, LoginNeeded, MissingExtra, NotAllowed, NotFound, Unreachable
from lookalike.models.writing import FULL

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

_SERVERS = ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI")
_QUIETLY = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # else it tells its makers what is done with it
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # its own 7 take minutes to say that nobody answers
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""What is set of MLflow's own variables where the user has not."""

_LOGIN_NEEDED = re.compile(r"error code 401\b|\b401 Client Error")
"""How a 401 is told in passing, as when one of many files is refused. Source: MLflow, mlflow/utils/rest_utils.py,
`verify_rest_response`; Requests, `Response.raise_for_status`."""


def registry_uri() -> str:
    """Give the address of the registry that the user's environment names.

    Raises:
        BadInput: it names none; MLflow would begin one in the folder one happens to be in.
    """
    found = next((os.environ[name] for name in _SERVERS if os.environ.get(name)), "")
    if not found:
        raise BadInput("No MLflow registry is named.", "Set MLFLOW_TRACKING_URI, such as http://localhost:5000.")
    return found


def tracking_uri() -> str:
    """Give the address of the server that keeps the files: the registry's own, unless another is named.

    Raises as `registry_uri` does.
    """
    return os.environ.get("MLFLOW_TRACKING_URI") or registry_uri()


def make_client() -> "MlflowClient":
    """Give MLflow's client for the registry that the environment names.

    Raises:
        BadInput: it names none.
        MissingExtra: the client is not installed.
    """
    uri = registry_uri()
    if find_spec("mlflow") is None:
        raise MissingExtra("Models from a registry need MLflow.", 'Run `pip install "lookalike[mlflow]"`.')
    for name, value in _QUIETLY.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri(), uri)


@contextmanager
def telling_faults(about: str) -> Iterator[None]:
    """Turn what MLflow raises into our errors.

    Raises:
        NotFound: no such model, version or alias.
        LoginNeeded, NotAllowed: the server wants to know who asks, or refuses.
        Unreachable: it does not answer, or fails.
        OSError: the disk is full.
    """
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    try:
        yield
    except MlflowException as error:
        raise _as_ours(about, error) from None
    except (RequestException, OSError) as error:
        if error.errno in FULL:
            raise
        raise Unreachable(f"The registry fails at {about}: {_brief(error)}.", "Check MLFLOW_TRACKING_URI.") from None


def _as_ours(about: str, error: "MlflowException") -> Exception:
    said, status = _brief(error), error.get_http_status_code()
    if error.error_code == "RESOURCE_DOES_NOT_EXIST" or "not found" in said:
        return NotFound(f"The registry {registry_uri()} has no {about}: {said}.", "Check name, version and alias.")
    if status == 401 or _LOGIN_NEEDED.search(said):
        fix = "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
        return LoginNeeded(f"The registry {registry_uri()} wants to know who asks for {about}.", fix)
    if status == 403 or error.error_code == "PERMISSION_DENIED":
        return NotAllowed(f"The registry {registry_uri()} refuses {about}: {said}.", "Ask its owners.")
    fix = "See that it runs, and check MLFLOW_TRACKING_URI."
    return Unreachable(f"The registry {registry_uri()} fails at {about}: {said}.", fix)


def _brief(error: BaseException) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")

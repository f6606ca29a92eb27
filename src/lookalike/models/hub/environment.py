"""What did the user set for the hub's client? Its own variables, read anew each time.

Source: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
"""

import os
from importlib.util import find_spec
from pathlib import Path

from lookalike.disk import expand_home
from lookalike.errors import MissingExtra, Unreachable

_TRUE = {"1", "ON", "YES", "TRUE"}


def cache() -> Path:
    """Where repositories lie: HF_HUB_CACHE, else `hub` in HF_HOME, else in the user's cache folder."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    folder = named or str(Path(os.environ.get("HF_HOME") or usual) / "hub")
    return expand_home(os.path.expandvars(folder))


def endpoint() -> str:
    """The address of the hub: HF_ENDPOINT, else that of Hugging Face."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def is_offline() -> bool:
    """Tell whether the hub may not be asked: HF_HUB_OFFLINE, or TRANSFORMERS_OFFLINE."""
    return (os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or "").upper() in _TRUE


def require_client() -> None:
    """See that the hub's client is there, and have it report nothing.

    Raises:
        MissingExtra: it is not installed.
        Unreachable: HF_ENDPOINT is no address, which the client asks as it is imported.
    """
    if find_spec("huggingface_hub") is None:
        raise MissingExtra("Models from a hub need its client.", 'Run `pip install "lookalike[hub]"`.')
    # Else it tells the hub which packages are installed here, and asks it once a day how to recognise other programs.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import constants
    except ValueError as error:
        raise Unreachable(f"{endpoint()} is no address: {str(error).rstrip('.')}.", "Correct HF_ENDPOINT.") from None

    constants.HF_HUB_DISABLE_TELEMETRY = True  # another library may have read the variable before

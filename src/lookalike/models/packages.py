"""Are the packages installed that a model needs, and do they fit together?"""

from importlib import import_module
from importlib.util import find_spec

from lookalike.errors import MissingExtra


def require_torch_and(who: str, *packages: str) -> None:
    """See that PyTorch and other packages are installed; `who` begins the message: `Encoders of timm need`.

    Raises:
        MissingExtra: one is missing, or was made for another PyTorch.
    """
    missing = [name for name in ("torch", "safetensors", *packages) if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{who} {' and '.join(missing)}.", 'Run `pip install "lookalike[torch]"`.')
    if find_spec("torchvision") is not None:
        try:
            import_module("torchvision")
        except (ImportError, OSError, RuntimeError) as error:
            what = f"The torchvision that is installed does not fit its torch: {str(error)[:200]}."
            fix = "Install both from one place, such as `pip install --force-reinstall torch torchvision`."
            raise MissingExtra(what, fix) from None

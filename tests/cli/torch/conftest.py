"""Which tests of the command line need PyTorch? All in this folder: without it they are not even read."""

from importlib.util import find_spec

if find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import fitting_torchvision  # noqa: F401 - before whatever imports torchvision

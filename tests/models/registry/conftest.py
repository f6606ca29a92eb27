"""Which tests need MLflow? Those against a real server: without it they are not even read."""

from importlib.util import find_spec

if find_spec("mlflow") is None or find_spec("sqlalchemy") is None:
    collect_ignore_glob = ["test_registry_server.py"]

"""Has an alias moved on since a version was taken because of it?"""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from threading import Thread

from lookalike.errors import Unreachable
from lookalike.models.registry.address import Address
from lookalike.models.registry.client import make_client, registry_uri, telling_faults

_PREFIX = "mlflow:"


def newer_version(name: str, timeout_s: float = 10.0) -> Address | None:
    """Say which version the alias names now in an encoder's or captioner's name, `mlflow:models:/photos/3@champion`.

    None where it is the same one, where the name holds no alias, or where it is no registered model's.

    Raises:
        NotFound: the model or its alias is not there any more.
        BadInput, LoginNeeded, NotAllowed, Unreachable, MissingExtra: as `fetch_registered`; also after `timeout_s`.
    """
    if not name.startswith(_PREFIX):
        return None
    taken = Address.parse(name.removeprefix(_PREFIX))
    if not (taken.alias and taken.version):
        return None
    answer = Future[int]()
    # A program that ends waits for the threads of executors, but not for this one.
    Thread(target=_ask, args=(taken, answer), daemon=True, name="registry").start()
    try:
        now = answer.result(timeout_s)
    except TooLate:
        raise Unreachable(f"The registry {registry_uri()} does not answer.", "Check MLFLOW_TRACKING_URI.") from None
    return taken.pinned(now) if now != taken.version else None


def _ask(taken: Address, answer: Future[int]) -> None:
    try:
        answer.set_result(_version_of(taken))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again where the answer is waited for
        answer.set_exception(error)


def _version_of(taken: Address) -> int:
    client = make_client()
    with telling_faults(str(taken)):
        return int(client.get_model_version_by_alias(taken.name, taken.alias).version)

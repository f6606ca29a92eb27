"""How do queries that come at the same time share one pass of the network? Whoever waits goes along with the next."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Any, Generic, TypeVar, cast

from lookalike.encoders import Encoder
from lookalike.threads import usable_cores

Asked = TypeVar("Asked")
Given = TypeVar("Given")

_MOST = 16
"""Queries in one pass; larger ones take longer a query, not shorter (`bench/encode_rate.py`)."""


@dataclass(eq=False, slots=True)
class _Ticket(Generic[Asked, Given]):
    """One query on its way through a pass."""

    asked: Asked
    given: Given | None = None
    error: BaseException | None = None
    is_taken: bool = False
    is_done: bool = False


class Merging(Generic[Asked, Given]):
    """Runs single queries; those that come while all passes are busy go together. May be shared by threads.

    Nobody waits for company: who finds a pass free goes at once, and takes along all who wait by then.
    """

    def __init__(self, run: Callable[[Sequence[Asked]], Sequence[Given]], at_once: int) -> None:
        """Run no more than `at_once` passes at a time; `run` gives one answer a query."""
        self._run = run
        self._free = at_once
        self._waiting: deque[_Ticket[Asked, Given]] = deque()
        self._changed = Condition()

    def __call__(self, asked: Asked) -> Given:
        """Give what a query gives on its own; raises what it raises on its own."""
        mine: _Ticket[Asked, Given] = _Ticket(asked)
        with self._changed:
            self._waiting.append(mine)
            while not mine.is_done:
                self._changed.wait_for(lambda: mine.is_done or (self._free and not mine.is_taken))
                if not mine.is_done:
                    self._lead()
        if mine.error is not None:
            raise mine.error
        return cast(Given, mine.given)

    def _lead(self) -> None:
        """Take those who wait longest through a pass; the lock is held, but for the pass itself."""
        together = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
        for ticket in together:
            ticket.is_taken = True
        self._free -= 1
        self._changed.release()
        try:
            self._pass(together)
        finally:
            self._changed.acquire()
            self._free += 1
            for ticket in together:
                ticket.is_done = True
            self._changed.notify_all()

    def _pass(self, together: Sequence[_Ticket[Asked, Given]]) -> None:
        try:
            answers = self._run([ticket.asked for ticket in together])
        except BaseException as error:  # noqa: BLE001 - whose query it was is told
            if len(together) == 1:
                together[0].error = error
                return
            for ticket in together:  # one bad query must not spoil the others'
                self._pass([ticket])
            return
        for ticket, given in zip(together, answers, strict=True):
            ticket.given = given


class _Merged:
    """Everything public that an encoder has; capabilities show in what is there, so nothing else may be."""

    def __init__(self, encoder: Encoder, at_once: int) -> None:
        for name in dir(encoder):
            if not name.startswith("_"):
                value = getattr(encoder, name)
                setattr(self, name, _MERGED[name](value, at_once) if name in _MERGED else value)


def merged(encoder: Encoder) -> Encoder:
    """Give an encoder for queries: single pictures, and single texts, that come at the same time share a pass.

    Batches of several pass as they are.
    """
    device = getattr(encoder, "device", "cpu")
    return cast(Encoder, _Merged(encoder, max(1, usable_cores() - 1) if device == "cpu" else 1))


def _merge_pictures(encode: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    def run(images: Sequence[Any]) -> Sequence[Any]:
        made = encode(images)
        return [{name: rows[i : i + 1] for name, rows in made.items()} for i in range(len(images))]

    return _one_by_one(encode, Merging(run, at_once))


def _merge_texts(encode_text: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    def run(texts: Sequence[str]) -> Sequence[Any]:
        made = encode_text(texts)
        return [made[i : i + 1] for i in range(len(texts))]

    return _one_by_one(encode_text, Merging(run, at_once))


def _one_by_one(whole: Callable[..., Any], merging: Merging[Any, Any]) -> Callable[..., Any]:
    def encode(given: Sequence[Any]) -> Any:
        return merging(given[0]) if len(given) == 1 else whole(given)

    return encode


_MERGED = {"encode": _merge_pictures, "encode_text": _merge_texts}

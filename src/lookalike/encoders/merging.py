"""How do queries that come at the same time share one pass of the network? Whoever waits goes along with the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Any, Generic, TypeVar, cast

from lookalike.encoders import Encoder
from lookalike.threads import await_turn, stepping_aside, usable_cores

Asked = TypeVar("Asked")
Given = TypeVar("Given")

_MOST = 8
"""Queries in one pass on a processor: with more, a query takes longer, not shorter (`bench/encode_rate.py`)."""
_MOST_ELSEWHERE = 64
"""On graphics cards and the like, which want more work at once."""


@dataclass(eq=False, slots=True)
class _Ticket(Generic[Asked, Given]):
    """One query on its way through a pass."""

    asked: Asked
    given: Given | None = None
    error: BaseException | None = None
    is_taken: bool = False
    is_done: bool = False


class Merging(Generic[Asked, Given]):
    """Runs single queries; those that wait meanwhile go together. May be shared by threads.

    Nobody waits for company: who finds a pass free, and whose turn it is where threads take turns, goes at once, and
    takes along others who have come by then, whether or not their turn has.
    """

    def __init__(self, run: Callable[[Sequence[Asked]], Sequence[Given]], at_once: int, most: int) -> None:
        """Run no more than `at_once` passes at a time, of `most` queries each; `run` gives one answer a query."""
        self._run = run
        self._free = at_once
        self._most = most
        self._waiting: list[_Ticket[Asked, Given]] = []
        self._changed = Condition()

    def __call__(self, asked: Asked) -> Given:
        """Give what a query gives on its own; raises what it raises on its own."""
        mine: _Ticket[Asked, Given] = _Ticket(asked)
        with self._changed:
            self._waiting.append(mine)
        await_turn()
        while not mine.is_done:
            if self._may_lead(mine) and (together := self._board(mine)):
                self._lead(together)
            else:
                with stepping_aside(), self._changed:
                    self._changed.wait_for(lambda: mine.is_done or self._may_lead(mine))
        if mine.error is not None:
            raise mine.error
        return cast(Given, mine.given)

    def _may_lead(self, ticket: _Ticket[Asked, Given]) -> bool:
        return self._free > 0 and not ticket.is_taken

    def _board(self, mine: _Ticket[Asked, Given]) -> list[_Ticket[Asked, Given]]:
        """Take a pass, with those who have waited longest; nobody boards where another thread was quicker."""
        with self._changed:
            if not self._may_lead(mine):
                return []
            self._waiting.remove(mine)
            together = [mine, *self._waiting[: self._most - 1]]
            del self._waiting[: self._most - 1]
            for ticket in together:
                ticket.is_taken = True
            self._free -= 1
            return together

    def _lead(self, together: Sequence[_Ticket[Asked, Given]]) -> None:
        try:
            self._pass(together)
        finally:
            with self._changed:
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

    def __init__(self, encoder: Encoder, at_once: int, most: int) -> None:
        for name in dir(encoder):
            if not name.startswith("_"):
                value = getattr(encoder, name)
                setattr(self, name, _MERGED[name](value, at_once, most) if name in _MERGED else value)


def merged(encoder: Encoder) -> Encoder:
    """Give an encoder for queries: single pictures, and single texts, that come at the same time share a pass.

    On a processor each core may run one; elsewhere there is one at a time, and larger. Batches of several pass as they
    are.
    """
    is_processor = getattr(encoder, "device", "cpu") == "cpu"
    return cast(Encoder, _Merged(encoder, *((usable_cores(), _MOST) if is_processor else (1, _MOST_ELSEWHERE))))


def _merge_pictures(encode: Callable[..., Any], at_once: int, most: int) -> Callable[..., Any]:
    def run(images: Sequence[Any]) -> Sequence[Any]:
        made = encode(images)
        return [{name: rows[i : i + 1] for name, rows in made.items()} for i in range(len(images))]

    return _one_by_one(encode, Merging(run, at_once, most))


def _merge_texts(encode_text: Callable[..., Any], at_once: int, most: int) -> Callable[..., Any]:
    def run(texts: Sequence[str]) -> Sequence[Any]:
        made = encode_text(texts)
        return [made[i : i + 1] for i in range(len(texts))]

    return _one_by_one(encode_text, Merging(run, at_once, most))


def _one_by_one(whole: Callable[..., Any], merging: Merging[Any, Any]) -> Callable[..., Any]:
    def encode(given: Sequence[Any]) -> Any:
        if len(given) == 1:
            return merging(given[0])
        await_turn()
        return whole(given)

    return encode


_MERGED = {"encode": _merge_pictures, "encode_text": _merge_texts}

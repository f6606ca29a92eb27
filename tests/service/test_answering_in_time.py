"""Is nobody kept waiting for ever, and does nobody keep us waiting?"""

import asyncio
import json
from collections.abc import Callable

import pytest

from lookalike.service.passage.deadlines import Deadlines, Stalled


class Caller:
    """One who sends a body in parts, and takes what comes at their own pace."""

    def __init__(self, *parts: bytes, every_s: float = 0.0, takes_s: float = 0.0, byte_s: float = 0.0) -> None:
        self.parts = list(parts) or [b""]
        self.every_s = every_s
        self.takes_s = takes_s
        self.byte_s = byte_s
        self.got: list[dict] = []
        self.has_all = asyncio.Event()

    async def receive(self) -> dict:
        await asyncio.sleep(self.every_s)
        if not self.parts:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": self.parts.pop(0), "more_body": bool(self.parts)}

    async def send(self, message: dict) -> None:
        await asyncio.sleep(self.takes_s + self.byte_s * len(message.get("body", b"")))
        self.got.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.has_all.set()

    @property
    def statuses(self) -> list[int]:
        return [one["status"] for one in self.got if one["type"] == "http.response.start"]


async def read_body(receive: Callable) -> None:
    while (await receive()).get("more_body"):
        pass


def answering(
    before_s: float = 0.0, *, after: Caller | None = None, between_s: float = 0.0, chunks: int = 1, reads: bool = True
) -> Callable:
    """Make an app that takes its time before and within its answer; it begins `after` a caller has had another."""

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        if reads:
            await read_body(receive)
        if after is not None:
            async with asyncio.timeout(20):
                await after.has_all.wait()
        await asyncio.sleep(before_s)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(chunks):
            await asyncio.sleep(between_s)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def ask(app: Callable, caller: Caller, method: str = "POST", *, answer_s: float = 0.05, silence_s: float = 5.0) -> None:
    body = [(b"content-length", b"9")] if len(caller.parts) > 1 else []
    scope = {"type": "http", "method": method, "headers": body, "path": "/"}
    asyncio.run(Deadlines(app, answer_s, silence_s)(scope, caller.receive, caller.send))


def test_a_quick_answer_passes_unchanged():
    caller = Caller(b"a", b"b")
    ask(answering(chunks=3), caller)
    assert [one.get("body") for one in caller.got] == [None, b"x", b"x", b"x", b""]


@pytest.mark.parametrize(
    ("method", "reads"), [("POST", True), ("POST", False), ("GET", True), ("GET", False), ("DELETE", False)]
)
def test_whoever_would_wait_too_long_is_told_to_come_back_and_gets_no_second_answer(method, reads):
    caller = Caller()
    ask(answering(after=caller, reads=reads), caller, method)
    assert caller.statuses == [503]
    headers = dict(caller.got[0]["headers"])
    assert int(headers[b"retry-after"]) > 0
    assert json.loads(caller.got[1]["body"])["status"] == 503
    assert len(caller.got) == 2


def test_a_body_that_takes_long_to_come_does_not_count():
    caller = Caller(b"a", b"b", b"c", every_s=0.04)
    ask(answering(), caller)
    assert caller.statuses == [200]


def test_an_answer_that_has_begun_may_take_as_long_as_it_takes():
    caller = Caller()
    ask(answering(between_s=0.03, chunks=4), caller)
    assert caller.statuses == [200]
    assert sum(one.get("body") == b"x" for one in caller.got) == 4


def test_a_caller_who_takes_nothing_is_hung_up_on():
    with pytest.raises(Stalled):
        ask(answering(chunks=9), Caller(takes_s=0.2), silence_s=0.05)


def test_a_caller_who_has_not_taken_what_came_before_is_hung_up_on():
    async def app(_: dict, __: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(Stalled):
        ask(app, Caller(takes_s=0.2), silence_s=0.05)


def test_a_slow_caller_has_the_time_for_each_piece_of_a_large_part_of_an_answer():
    async def app(_: dict, __: Callable, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": whole, "more_body": True})
        await send({"type": "http.response.body", "body": b"end"})

    whole, caller = bytes(range(256)) * 12_000, Caller(byte_s=2e-7)
    ask(app, caller, answer_s=20, silence_s=0.5)
    assert b"".join(one.get("body", b"") for one in caller.got) == whole + b"end"
    assert [one["more_body"] for one in caller.got[1:-1]] == [True] * (len(caller.got) - 2)


def test_a_caller_who_is_told_to_come_back_and_takes_nothing_is_not_waited_for():
    caller = Caller(takes_s=0.5)
    ask(answering(0.3), caller, silence_s=0.05)
    assert caller.got == []


@pytest.mark.parametrize(
    ("headers", "closes"),
    [
        ([(b"content-length", b"1000000000")], True),
        ([(b"transfer-encoding", b"chunked")], True),
        ([(b"content-length", b"1000000")], False),
        ([], False),
    ],
)
def test_a_flood_that_was_refused_is_hung_up_on_and_less_is_read_to_its_end(headers, closes):
    caller = Caller(b"a", b"b")
    scope = {"type": "http", "method": "POST", "headers": headers, "path": "/"}
    asyncio.run(Deadlines(answering(reads=False), 1, 1)(scope, caller.receive, caller.send))
    assert ((b"connection", b"close") in caller.got[0]["headers"]) is closes

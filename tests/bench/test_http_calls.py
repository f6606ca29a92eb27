"""Are callers answered, refused and left alone as they say?"""

import asyncio
from contextlib import asynccontextmanager
from importlib import import_module
from itertools import count
from types import SimpleNamespace

import pytest

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def server(statuses, after_s=0.0):
    """Answer with one status after the other, over and over; 0 hangs up, 201 says that it will, 206 does halfway."""
    turn = 0

    async def serve(reader, writer):
        nonlocal turn
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                status = statuses[turn % len(statuses)]
                turn += 1
                if not status:
                    break
                await asyncio.sleep(after_s)
                closing = "Connection: close\r\n" if status == 201 else ""
                waiting = "Retry-After: 1\r\n" if status == 429 else ""
                length = 9 if status == 206 else 2
                writer.write(f"HTTP/1.1 {status} -\r\n{closing}{waiting}Content-Length: {length}\r\n\r\nok".encode())
                if closing or status == 206:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"


@pytest.fixture
def ticking(bench, monkeypatch):
    """Have callers look at a clock that goes on by a millisecond with each look: as many ask however slow this is."""
    ticks = count()
    clock = SimpleNamespace(monotonic=lambda: next(ticks) / 1_000)
    monkeypatch.setattr(import_module("http_calls"), "time", clock)


@pytest.mark.parametrize(
    ("statuses", "counted"), [([200], {200}), ([200, 503], {200, 503}), ([200, 0], {200}), ([201, 200], {200, 201})]
)
def test_each_answer_counts_and_a_connection_that_was_closed_is_opened_again(ticking, statuses, counted):
    calls = import_module("http_calls")

    async def run():
        async with server(statuses) as url:
            return await calls.closed_loop(url, [REQUEST], 1, 0.05)

    load = asyncio.run(run())
    assert {one.status for one in load.asked} == counted
    assert len(load.asked) > 5
    assert load.failed == sum(one.status == 201 for one in load.asked)
    assert all(one.at > load.began for one in load.asked if one.status)


def test_a_request_is_sent_again_where_nothing_had_come_and_that_is_counted(bench):
    calls = import_module("http_calls")

    async def run(statuses):
        async with server(statuses) as url:
            caller = calls.Caller(url)
            asked = [await caller.ask(REQUEST) for _ in range(2)]
            caller.close()
            return [(one.status, one.resent) for one in asked]

    assert asyncio.run(run([200, 0, 200])) == [(200, False), (200, True)]
    assert asyncio.run(run([200, 206, 200])) == [(200, False), (0, False)]
    assert asyncio.run(run([0, 200])) == [(0, False), (200, False)]


def test_answers_that_come_after_the_end_are_no_part_of_the_rate(bench):
    calls = import_module("http_calls")
    asked = [calls.Asked(200, 0.1, at=at) for at in (10.5, 11.9, 12.1)] + [calls.Asked(503, 0.1, at=11.0)]
    load = calls.Load(10.0, 2.0, asked)
    assert load.rate == 1.0
    assert len(load.times(200)) == 3


@pytest.mark.slow
def test_a_caller_who_is_told_to_come_back_waits(bench):
    calls = import_module("http_calls")

    async def run():
        async with server([200, 429, 200]) as url:
            return await calls.closed_loop(url, [REQUEST], 1, 0.5)

    assert [one.status for one in asyncio.run(run()).asked] == [200, 429]


def test_a_server_that_is_not_there_is_a_failure(ticking):
    calls = import_module("http_calls")
    load = asyncio.run(calls.closed_loop("http://127.0.0.1:1", [REQUEST], 1, 0.01))
    assert load.failed == len(load.asked) > 1


def test_requests_come_at_their_pace(bench):
    calls = import_module("http_calls")

    async def run():
        async with server([200]) as url:
            return await calls.open_loop(url, [REQUEST], 500, 0.02)

    load = asyncio.run(run())
    assert len(load.asked) == 10
    assert load.failed == 0


def test_that_no_more_is_asked_is_told_where_asking_fails(bench):
    calls = import_module("http_calls")

    async def run():
        stopped = asyncio.Event()
        with pytest.raises(ValueError, match="Port"):
            await calls.open_loop("http://127.0.0.1:99999", [REQUEST], 500, 0.02, stopped)
        return stopped.is_set()

    assert asyncio.run(run())


def test_a_request_that_no_connection_was_left_for_is_told_from_one_that_was_not_answered(bench, monkeypatch):
    calls = import_module("http_calls")
    monkeypatch.setattr(calls, "_MOST_CONNECTIONS", 1)

    async def run():
        async with server([200], after_s=0.2) as url:
            return await calls.open_loop(url, [REQUEST], 1_000, 0.003)

    load = asyncio.run(run())
    assert [one.status for one in load.asked] == [0, 0, 200]
    assert load.failed == load.unsent == 2


@pytest.mark.parametrize(("failed", "said"), [(0, None), (1_234, "1,234 requests failed")])
def test_a_measurement_fails_where_a_request_did(bench, failed, said):
    measured = import_module("http_calls").Measured(import_module("report").Table(["a"]), failed=failed)
    if said is None:
        measured.hold()
    else:
        with pytest.raises(SystemExit, match=said):
            measured.hold()


def test_that_no_more_is_asked_is_told_while_answers_are_under_way(bench):
    calls = import_module("http_calls")

    async def run():
        async with server([200], after_s=0.2) as url:
            stopped = asyncio.Event()
            flood = asyncio.create_task(calls.open_loop(url, [REQUEST], 500, 0.02, stopped))
            await stopped.wait()
            is_under_way = not flood.done()
            return is_under_way, await flood

    is_under_way, load = asyncio.run(run())
    assert is_under_way
    assert len(load.times(200)) == 10

"""Do so many work at a time, in the order in which they came, while others prepare, and are encoded together?"""

import asyncio
import threading
from collections import Counter

import pytest

from lookalike.config import load_settings
from lookalike.encoders.merging import merged
from lookalike.encoders.timed import timed
from lookalike.errors import BadInput, Overloaded, Unreachable
from lookalike.fetch import Fetcher
from lookalike.library import Lookalike
from lookalike.search import Query, Searcher, open_picture
from lookalike.service.passage.turns import Turns
from lookalike.testing import ColourCaptioner, ColourEncoder, make_record, picture_bytes
from lookalike.threads import await_turn, stepping_aside
from lookalike.thumbnails import Thumbnails
from lookalike.types import Region

PATIENCE_S = 20


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


def slow_fetcher(gate):
    """What fetches nothing before a gate opens."""

    class SlowFetcher(Fetcher):
        def get(self, url):
            assert gate.wait(PATIENCE_S)
            return super().get(url)

    return SlowFetcher()


@pytest.fixture
def gate():
    """What work can be made to wait at."""
    return threading.Event()


def test_turns_come_in_the_order_of_arrival_though_the_last_has_prepared_first(gate):
    turns, worked, prepared = Turns(1, 3, preparing=3), [], [threading.Event() for _ in range(4)]

    def work(number):
        if number == 0:
            await_turn()
            assert gate.wait(PATIENCE_S)
        elif number < 3:
            assert prepared[number + 1].wait(PATIENCE_S)
        prepared[number].set()
        await_turn()
        worked.append(number)

    async def all_of_them():
        asked = [asyncio.create_task(turns.let_in(work, 0))]
        await until(lambda: turns.running == 1)
        asked += [asyncio.create_task(turns.let_in(work, number)) for number in range(1, 4)]
        await until(lambda: len(turns._line._bells) == 3)
        assert (turns.running, turns.waiting, worked) == (1, 3, [])
        gate.set()
        await asyncio.gather(*asked)

    asyncio.run(all_of_them())
    assert worked == [0, 1, 2, 3]
    assert turns.running == 0


@pytest.mark.parametrize("is_ready", [False, True])
def test_who_only_waits_lets_the_next_work_and_returns_before_those_who_came_later(is_ready, gate):
    turns, worked, (aside, begun, done) = Turns(1, 2, preparing=2), [], [threading.Event() for _ in range(3)]

    def waits():
        await_turn()
        with stepping_aside():
            aside.set()
            assert gate.wait(PATIENCE_S)
        worked.append("first")

    def works(name):
        await_turn()
        worked.append(name)
        begun.set()
        assert done.wait(PATIENCE_S)

    async def all_of_them():
        enter = turns.run if is_ready else turns.let_in
        asked = [asyncio.create_task(turns.let_in(waits))]
        await until(aside.is_set)
        asked.append(asyncio.create_task(enter(works, "second")))
        await until(begun.is_set)
        asked.append(asyncio.create_task(enter(works, "third")))
        await until(lambda: len(turns._line._bells) == 1)
        gate.set()
        await until(lambda: len(turns._line._bells) == 2)
        done.set()
        await asyncio.gather(*asked)

    asyncio.run(all_of_them())
    assert worked == ["second", "first", "third"]


@pytest.mark.parametrize("has_its_turn", [False, True])
def test_who_fails_leaves_the_turn_to_others(has_its_turn):
    turns = Turns(1, 0)

    def fail():
        if has_its_turn:
            await_turn()
        raise BadInput("No.")

    async def twice():
        with pytest.raises(BadInput):
            await turns.let_in(fail)
        return await turns.run(lambda: turns.running)

    assert asyncio.run(twice()) == 1
    assert (turns.running, turns.waiting) == (0, 0)


@pytest.mark.parametrize("has_come", [False, True])
def test_who_is_cancelled_in_the_line_leaves_the_turn_to_others(has_come):
    turns = Turns(1, 2)

    async def all_of_them():
        release = threading.Event()
        first = asyncio.create_task(turns.run(release.wait, PATIENCE_S))
        await until(lambda: turns.running)
        second = asyncio.create_task(turns.run(lambda: None))
        await until(lambda: turns._line._bells)
        if has_come:
            turns._line.give_back()  # as if there were a turn more
            turns._line._at_once += 1
        second.cancel()
        release.set()
        await asyncio.gather(first, second, return_exceptions=True)
        assert second.cancelled()
        return await turns.run(lambda: turns.running)

    assert asyncio.run(asyncio.wait_for(all_of_them(), PATIENCE_S)) == 1


def test_those_who_may_not_prepare_yet_take_no_thread(gate):
    turns, begun = Turns(1, 4, preparing=1), []

    def work():
        begun.append(threading.get_ident())
        await_turn()
        assert gate.wait(PATIENCE_S)

    async def all_of_them():
        asked = [asyncio.create_task(turns.let_in(work)) for _ in range(5)]
        await until(lambda: len(begun) == 2)
        await asyncio.sleep(0.01)
        assert (len(begun), turns.waiting, turns.is_full) == (2, 4, True)
        with pytest.raises(Overloaded):
            await turns.run(work)
        gate.set()
        await asyncio.gather(*asked)

    asyncio.run(all_of_them())
    assert len(begun) == 5
    assert not turns.is_full


def test_while_a_captioner_is_loaded_those_who_wait_for_it_hold_no_turn_and_half_of_the_places(
    tmp_path, gate, monkeypatch
):
    def load(*_: object, **__: object) -> ColourCaptioner:
        assert gate.wait(PATIENCE_S)
        return ColourCaptioner()

    monkeypatch.setattr("lookalike.library.captioning.load_captioner", load)
    turns = Turns(1, 3)

    async def all_of_them(library: Lookalike):
        waiting = [asyncio.create_task(turns.run(library.captioning)) for _ in range(2)]
        await until(lambda: turns.waiting == 2)
        with pytest.raises(Overloaded):
            await turns.run(library.captioning)
        assert await turns.run(lambda: "found") == "found"
        gate.set()
        first, second = await asyncio.gather(*waiting)
        assert first is second
        assert await asyncio.gather(*(turns.run(library.captioning) for _ in range(4))) == [first] * 4

    with Lookalike(tmp_path / "new.gallery", ColourEncoder(), settings=load_settings(captioner="hf:org/blip")) as one:
        asyncio.run(asyncio.wait_for(all_of_them(one), PATIENCE_S))


def test_where_none_take_turns_nobody_waits():
    await_turn()
    with stepping_aside():
        pass


@pytest.mark.parametrize("kind", ["text", "data"])
def test_searches_that_wait_for_their_turn_are_encoded_together(kind, filled, gate):
    sizes, turns = [], Turns(1, 4, preparing=4)
    encoder = merged(timed(ColourEncoder(), lambda _, count, __: sizes.append(count)))
    searcher = Searcher(filled.gallery, encoder, filled.library.decoder, Fetcher())
    queries = [Query(text="red") if kind == "text" else Query(data=picture_bytes(n)) for n in range(5)]
    alone = [filled.search(query, 3).hits for query in queries]

    def busy():
        assert gate.wait(PATIENCE_S)

    async def all_of_them():
        first = asyncio.create_task(turns.run(busy))
        await until(lambda: turns.running)
        asked = [asyncio.create_task(turns.let_in(searcher.search, query, 3)) for query in queries[:4]]
        await until(lambda: len(turns._line._bells) == 4)
        gate.set()
        await first
        return [(await one).hits for one in asked] + [(await turns.let_in(searcher.search, queries[4], 3)).hits]

    found = asyncio.run(all_of_them())
    assert sizes == [4, 1]
    assert [[hit.record.id for hit in hits] for hits in found] == [[hit.record.id for hit in hits] for hits in alone]


@pytest.mark.parametrize("mode", ["picture", "caption", "all"])
def test_sites_that_keep_searches_waiting_hold_nobody_else_up(mode, filled, gate):
    turns, fetcher = Turns(1, 9, preparing=9), slow_fetcher(gate)
    searcher = Searcher(filled.gallery, ColourEncoder(), filled.library.decoder, fetcher)
    from_there = Query(url="http://127.0.0.1/a.jpg", mode=mode)
    whole, part = Region(x=0, y=0, width=1, height=1), Region(x=0, y=0, width=0.5, height=0.5)
    known = filled.search(Query(text="red"), 1).hits[0].record.id
    others = [Query(text="red"), Query(data=picture_bytes(1)), Query(id=known, region=whole)]

    async def all_of_them():
        slow = [asyncio.create_task(turns.let_in(searcher.search, from_there, 3)) for _ in range(5)]
        slow.append(asyncio.create_task(turns.run(open_picture, from_there, None, fetcher)))
        await until(lambda: turns.waiting == 5 and not turns.running)
        found = [await turns.let_in(searcher.search, query, 3) for query in others]
        found.append(await turns.run(searcher.search, Query(id=known, region=part), 3))
        gate.set()
        return found, await asyncio.gather(*slow, return_exceptions=True)

    found, slow = asyncio.run(all_of_them())
    assert all(one.hits for one in found)
    assert Counter(map(type, slow)) == {Overloaded: 1, Unreachable: 5}
    assert (turns.running, turns.waiting, turns._out._value) == (0, 0, 5)


def test_a_site_that_keeps_a_thumbnail_waiting_holds_no_other_up(gate, decoder, photos):
    turns = Turns(1, 3)
    here, there = (make_record(uri) for uri in ((photos / "picture-7.png").as_uri(), "http://127.0.0.1/a.jpg"))

    async def both(thumbnails):
        slow = asyncio.create_task(turns.run(thumbnails.jpeg, there, 128))
        await until(lambda: turns.waiting == 1 and not turns.running)
        found = await turns.run(thumbnails.jpeg, here, 128)
        gate.set()
        with pytest.raises(Unreachable):
            await slow
        return found

    with Thumbnails(None, decoder, fetcher=slow_fetcher(gate)) as thumbnails:
        assert asyncio.run(both(thumbnails))


def test_work_that_goes_on_though_nobody_waits_for_it_any_more_keeps_its_turn(gate):
    turns = Turns(1, 1)

    async def all_of_them():
        broken_off = asyncio.create_task(turns.run(gate.wait, PATIENCE_S))
        await until(lambda: turns.running)
        await asyncio.sleep(0.01)
        broken_off.cancel()
        with pytest.raises(asyncio.CancelledError):
            await broken_off
        second = asyncio.create_task(turns.run(lambda: turns.running))
        await until(lambda: turns._line._bells)
        assert turns.running == 1
        gate.set()
        return await second

    assert asyncio.run(all_of_them()) == 1
    assert turns.running == 0


def test_nobody_waits_for_a_turn_that_an_ended_loop_can_hand_on_no_more(gate, monkeypatch):
    monkeypatch.setattr("lookalike.service.passage.turns._LOOK_S", 0.01)
    turns, loop, threads, ended = Turns(1, 1, preparing=1), asyncio.new_event_loop(), [], []

    def work(is_first):
        threads.append(threading.current_thread())
        await_turn()
        assert not is_first or gate.wait(PATIENCE_S)
        ended.append(is_first)

    async def until_one_waits():
        tasks = [asyncio.create_task(turns.let_in(work, True))]
        await until(lambda: turns.running == 1)
        tasks.append(asyncio.create_task(turns.let_in(work, False)))
        await until(lambda: turns._line._bells)
        for task in tasks:
            task.cancel()

    loop.run_until_complete(until_one_waits())
    gate.set()
    loop.close()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert ended == [True, False]

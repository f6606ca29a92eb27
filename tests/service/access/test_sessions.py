"""Does a browser stay logged in for as long as it should, and no longer?"""

import pytest
from clock import Clock

from lookalike.service.access import Caller
from lookalike.service.access.sessions import LONGEST_S, Sessions

HOST = "pictures.example:8000"
WEEK_S = 7 * 24 * 3_600


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock=clock)


def caller(ends: float | None = None, key: str = "abcd") -> Caller:
    return Caller("anna", "write", "key", key, ends)


def cookie(sessions: Sessions, value: str) -> str:
    return f"{sessions.plain(HOST)}={value}"


def test_a_session_is_good_for_a_week_and_no_longer(sessions: Sessions, clock: Clock) -> None:
    value, seconds = sessions.open(caller())
    assert seconds == LONGEST_S == WEEK_S
    clock.now += WEEK_S - 1
    assert sessions.find(cookie(sessions, value), HOST) == caller()
    clock.now += 1
    assert sessions.find(cookie(sessions, value), HOST) is None
    clock.now -= 2
    assert sessions.find(cookie(sessions, value), HOST) is None, "it was forgotten"


@pytest.mark.parametrize(("left_s", "good_for_s"), [(60, 60), (2 * WEEK_S, WEEK_S), (0, 0), (-5, 0)])
def test_a_session_ends_with_the_key_behind_it(sessions: Sessions, clock: Clock, left_s: int, good_for_s: int) -> None:
    value, seconds = sessions.open(caller(clock.now + left_s))
    assert seconds == good_for_s
    if good_for_s:
        assert sessions.find(cookie(sessions, value), HOST) is not None
    clock.now += good_for_s
    assert sessions.find(cookie(sessions, value), HOST) is None


def test_whoever_logs_out_ends_their_own_session_alone(sessions: Sessions) -> None:
    first, second = (sessions.open(caller())[0] for _ in range(2))
    sessions.close(cookie(sessions, first), HOST)
    assert sessions.find(cookie(sessions, first), HOST) is None
    assert sessions.find(cookie(sessions, second), HOST) == caller()


def test_whoever_logs_in_without_end_ends_their_own_oldest_sessions_and_nobody_elses(sessions: Sessions) -> None:
    other = sessions.open(caller(key="efgh"))[0]
    values = [sessions.open(caller())[0] for _ in range(202)]
    good = [sessions.find(cookie(sessions, value), HOST) is not None for value in values]
    assert good == [False] * 102 + [True] * 100
    assert sessions.find(cookie(sessions, other), HOST) is not None


def test_sessions_that_are_over_take_no_memory(sessions: Sessions, clock: Clock) -> None:
    for number in range(20):
        sessions.open(caller(key=str(number)))
    clock.now += WEEK_S
    sessions.open(caller())
    assert len(sessions._sessions) == 1

"""Is nobody let in more often than they may, and nobody else held up by it?"""

import pytest

from lookalike.service.access.rates import Buckets, neighbourhood


def test_a_burst_is_let_in_and_then_as_many_as_fill_up(clock):
    buckets = Buckets(10, 5, clock)
    assert [buckets.take("a") for _ in range(5)] == [0.0] * 5
    assert buckets.take("a") == pytest.approx(0.1)
    clock.now += 0.1
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0


def test_whoever_waits_as_long_as_told_gets_in(clock):
    buckets = Buckets(3, 7, clock)
    while not (wait_s := buckets.take("a")):
        pass
    clock.now += wait_s + 1e-9
    assert buckets.take("a") == 0.0


def test_asking_in_vain_costs_nothing(clock):
    buckets = Buckets(1, 1, clock)
    buckets.take("a")
    assert [round(buckets.take("a"), 6) for _ in range(50)] == [1.0] * 50


def test_one_does_not_hold_up_another(clock):
    buckets = Buckets(1, 1, clock)
    buckets.take("a")
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0


def test_nothing_is_saved_up_beyond_the_burst(clock):
    buckets = Buckets(10, 5, clock)
    buckets.take("a")
    clock.now += 3600
    assert sum(buckets.take("a") == 0.0 for _ in range(20)) == 5


def test_what_costs_more_than_fits_in_is_let_in_once_in_a_while(clock):
    buckets = Buckets(1, 5, clock)
    assert buckets.take("a", 20) == 0.0
    assert buckets.take("a", 20) > 0


def test_no_rate_is_no_limit(clock):
    buckets = Buckets(0, 0, clock)
    assert [buckets.take("a") for _ in range(100)] == [0.0] * 100


def test_strangers_without_number_take_no_memory_without_bound(clock, monkeypatch):
    monkeypatch.setattr("lookalike.service.access.rates._MOST", 100)
    buckets = Buckets(1, 1, clock)
    for number in range(1_000):
        buckets.take(str(number))
    assert len(buckets._buckets) == 100
    assert buckets.take("999") > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("testclient", "testclient", True),
    ],
)
def test_whoever_has_one_address_of_a_network_has_them_all(one, other, same):
    assert (neighbourhood(one) == neighbourhood(other)) is same

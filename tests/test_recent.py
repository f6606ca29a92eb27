"""Is what was asked for last kept, and no more than there is room for?"""

from lookalike.recent import Recent


def test_what_was_not_asked_for_for_longest_is_forgotten_first():
    recent: Recent[int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_what_is_put_again_takes_the_place_of_what_was_there():
    recent: Recent[int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.put("a", 3)
    recent.put("c", 4)
    assert [recent.get(key) for key in "abc"] == [3, None, 4]


def test_what_is_kept_is_not_made_again():
    recent: Recent[int] = Recent(1)
    assert [recent.get_or_make(key, lambda: 1) for key in "ab"] == [1, 1]
    assert recent.get_or_make("b", lambda: 2) == 1
    assert recent.get_or_make("a", lambda: 2) == 2

"""Does an hour at half load fail where something went wrong?"""

from importlib import import_module

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("failed", "growth", "minutes", "said"),
    [(0, 0.009, 60, []), (2, 0.0, 1, ["2 requests"]), (0, 0.011, 60, ["1.10%"]), (0, 0.2, 1, [])],
)
def test_failed_requests_and_memory_that_grows_are_faults(bench, failed, growth, minutes, said):
    found = import_module("http_endurance").faults(failed, growth, minutes)
    assert len(found) == len(said)
    assert all(part in whole for part, whole in zip(said, found, strict=True))

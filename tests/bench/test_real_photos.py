"""Are samples drawn from all there is, and not from where it begins?"""

from importlib import import_module
from itertools import pairwise

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("there", "most"), [(2_640, 300), (1_999, 1_000), (1_000, 1_000), (7, 10), (3, 1), (0, 5)])
def test_a_sample_spreads_over_the_whole(bench, there, most):
    drawn = import_module("real_photos").spread(range(there), most)
    assert len(set(drawn)) == len(drawn) == min(there, most)
    assert drawn == sorted(drawn)
    steps = {after - before for before, after in pairwise([*drawn, there])}
    assert max(steps, default=0) - min(steps, default=0) <= 1

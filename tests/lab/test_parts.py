"""Computing in parts: the same numbers with less memory at once."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ratecheck.lab.parts import in_parts


@given(st.integers(1, 70), st.integers(1, 80))
def test_parts_make_up_the_whole(count, rows):
    x = torch.rand(count, 5, dtype=torch.float64)
    y = torch.rand(count, dtype=torch.float64)
    seen = []

    def function(a, b):
        seen.append(len(a))
        return (a.sin() * b[:, None]).sum(1)

    assert torch.equal(in_parts(function, x, y, rows=rows), (x.sin() * y[:, None]).sum(1))
    assert max(seen) <= rows
    assert sum(seen) == count


def test_what_does_not_fit_together_is_refused():
    x, y = torch.zeros(3), torch.zeros(4)
    with pytest.raises(ValueError, match="same number"):
        in_parts(torch.add, x, y, rows=2)
    with pytest.raises(ValueError, match="computes nothing"):
        in_parts(torch.neg, x, rows=0)

"""What a claim file says is said once, and whatever it raises is a sentence."""

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.errors import ClaimError


@pytest.mark.parametrize(
    "line",
    [
        "claim.title = None",
        "claim.symbols = {'n': object()}",
        "claim.symbols['n'] = object()",
        "claim.free['n'] = (1,)",
        "del claim.title",
        "class Other(Claim): title = None",
        "claim.experiments['mean'] = claim.experiments.pop('mean')",
    ],
)
def test_what_a_claim_says_is_fixed_once_it_is_made(claim_file, line):
    path = claim_file(replace={"SHIFT = 0.3\n": f"SHIFT = 0.3\n{line}\n"})
    with pytest.raises(ClaimError, match=r"^half\.py: "):
        load(path)


def test_an_error_whose_class_has_no_usable_name_is_a_sentence(claim_file):
    odd = """class Meta(type):
    @property
    def __name__(cls):
        raise ValueError
class Odd(Exception, metaclass=Meta): pass
raise Odd("x")
"""
    path = claim_file(replace={"SHIFT = 0.3\n": f"SHIFT = 0.3\n{odd}"})
    with pytest.raises(ClaimError, match=r"half\.py: file: line 17: Odd: x"):
        load(path)

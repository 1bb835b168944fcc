"""The words that verdicts, tables, pages and terminals share."""

import subprocess
import sys

import pytest

from ratecheck import words
from ratecheck.claim.checks import KINDS, Additive, Decay, Faster
from ratecheck.report.wording import phrase_of


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_kind_of_check_has_a_phrase_whose_names_are_filled(kind):
    said = kind.said
    for template in (said.subject, said.before, said.after, said.drawn):
        assert "{" not in said.filled(template, ["deep_net", "ridge", "rest"], "n")


def test_names_are_put_in_as_words_and_never_looked_into():
    said = Faster.said
    assert said.filled(said.before, ["deep_net", "ridge"]) == "beats ridge by at least the factor"
    assert said.filled(said.drawn, ["deep_net", "{axis}"], "n") == "{axis} / deep net"
    parts = Additive.said
    assert parts.filled(parts.subject, ["both", "bias", "noise"]) == "bias and noise"


def test_a_document_may_bring_the_phrase_of_a_kind_that_is_not_known_here():
    check = {"kind": "threshold", "scale": "ratio"}
    assert phrase_of(check).before == "threshold"
    told = {"before": "begins to learn at", "drawn": "{quantity.__class__}", "more": 1}
    said = phrase_of({**check, "phrase": told})
    assert (said.before, said.subject) == ("begins to learn at", "{quantity}")
    assert said.filled(said.drawn, ["risk"]) == "{quantity.__class__}"
    assert words.noun_of({**check, "noun": "threshold"}) == "threshold"


def test_a_bound_on_a_decay_is_said():
    assert Decay("gap", "exp(-t)", margin=0.1).phrase.before == "decays like"
    assert Decay("gap", "exp(-t)", margin=0.1, bound=True).phrase.before == "decays at least like"


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (None, "(no interval)"),
        ((-1.23456, 0.5), "[-1.235, 0.500]"),
        ((None, 0.5), "(-inf, 0.500]"),
        ((0.5, None), "[0.500, inf)"),
    ],
)
def test_interval(ends, text):
    assert words.interval(ends) == text


def test_what_is_claimed_says_its_side_and_margin():
    assert words.claimed("at most", -2 / 3, 0.12) == "at most -0.667 with margin 0.12"
    assert words.claimed("equal", None, 0.1) == "nothing with margin 0.1"


def test_parameters_are_as_typed():
    assert words.assigned({"r": 0.5, "n": 16.0, "rule": "adam"}) == "r=0.5, n=16, rule=adam"


def test_words_weigh_nothing():
    code = "import sys, ratecheck.words; print('numpy' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]

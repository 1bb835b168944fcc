"""Bundled data against their published descriptions, and what is said where there are none."""

import sys

import pytest
import torch

from ratecheck import lab
from ratecheck.errors import RatecheckError
from ratecheck.lab import bundled as module

SHAPES = {"breast_cancer": (569, 30, 2), "diabetes": (442, 10, None), "digits": (1797, 64, 10),
          "iris": (150, 4, 3), "wine": (178, 13, 3)}  # fmt: skip


@pytest.mark.parametrize("name", module.NAMES)
def test_the_sets_are_those_that_are_described(name):
    x, y = lab.bundled.bundled(name)
    n, d, classes = SHAPES[name]
    assert (x.shape, x.dtype, y.shape) == ((n, d), torch.float64, (n,))
    assert y.is_floating_point() if classes is None else y.unique().tolist() == list(range(classes))


def test_what_is_changed_is_a_copy():
    x, _ = lab.bundled.bundled("digits")
    x.zero_()
    assert lab.bundled.bundled("digits")[0].max() == 16


def test_the_means_are_the_published_ones():
    """Mean sepal length of Fisher's iris, 5.84 cm; class sizes of the Wisconsin tumours."""
    assert round(float(lab.bundled.bundled("iris")[0][:, 0].mean()), 2) == 5.84
    assert lab.bundled.bundled("breast_cancer")[1].bincount().tolist() == [212, 357]


def test_without_scikit_learn_a_sentence_names_the_fix(monkeypatch):
    module._loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(RatecheckError, match=r'pip install "ratecheck\[data\]"'):
        lab.bundled.bundled("wine")


def test_an_unknown_set_is_refused():
    with pytest.raises(RatecheckError, match="take one of breast_cancer"):
        lab.bundled.bundled("mnist")

"""Photographs against their descriptions and another reader, and what is said without one."""

import sys
from importlib.resources import files

import pytest
import torch
from matplotlib.image import imread

from ratecheck.errors import RatecheckError
from ratecheck.lab import images


@pytest.mark.parametrize("name", images.NAMES)
def test_grey_levels_are_means_of_three_colours(name):
    grey = images.photograph(name)
    colours = torch.tensor(imread(str(files("sklearn.datasets.images") / f"{name}.jpg")))
    assert (grey.shape, grey.dtype) == ((427, 640), torch.float64)
    assert torch.allclose(grey, colours.double().mean(-1) / 255)
    assert 0 <= grey.min() < 0.1
    assert 0.8 < grey.max() <= 1


def test_what_is_changed_is_a_copy():
    images.photograph("china").zero_()
    assert images.photograph("china").max() > 0.9


@pytest.mark.parametrize("missing", ["sklearn.datasets", "PIL"])
def test_without_a_library_a_sentence_names_the_fix(monkeypatch, missing):
    images._loaded.cache_clear()
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(RatecheckError, match=r'pip install "ratecheck\[data\]"'):
        images.photograph("flower")


def test_an_unknown_photograph_is_refused():
    with pytest.raises(RatecheckError, match="take one of china, flower"):
        images.photograph("lena")

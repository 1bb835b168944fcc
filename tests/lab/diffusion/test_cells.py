"""Places of cells against plain counting."""

import numpy as np

from ratecheck.lab.diffusion import cells


def test_centres_are_the_means_of_edges():
    edges = np.linspace(-1, 1, 8)
    assert np.allclose(cells.centres(7), (edges[1:] + edges[:-1]) / 2)

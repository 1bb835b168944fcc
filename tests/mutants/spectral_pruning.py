"""Mistakes in pruning by degrees of freedom."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/networks/pruning.py", "claims/deep_learning/spectral_pruning.py"
NETWORKS = "ratecheck/lab/networks/classifiers.py"
DENSE, CONV = {"conv": 0}, {"conv": 1}

MUTANTS = [
    Mutant("degrees of freedom at 100 lam", CLAIM, "tau = spectrum.leverage(here)",
           "tau = spectrum.leverage(100 * here)", "bound", DENSE),
    Mutant("nodes whose coefficients are not rebuilt: weights that forget the size of the sample",
           LAB, "counts / (size[:, None] * probability)", "counts / (100 * size[:, None])", "bound",
           DENSE),
    Mutant("a size without 5 log(80 N)", LAB, "return (5 * degrees * (80 * degrees).log()).ceil()",
           "return (degrees / 5).ceil()", "bound", DENSE),
    Mutant("draws of the nodes of least leverage", LAB, "bounds = share.cumsum(1)",
           "bounds = (share.amax(1, keepdim=True) - share).cumsum(1)", "bound", DENSE),
    Mutant("one node drawn again and again", LAB, "nodes = torch.searchsorted(bounds, draws",
           "nodes = torch.searchsorted(bounds, 0 * draws", "bound", DENSE),
    Mutant("penalties by the number of draws, not over it", LAB,
           "counts / (size[:, None] * probability)", "1 / (counts * size[:, None] * probability)",
           "bound", DENSE),
    Mutant("a covariance before the ReLU", LAB, "nodes = values.relu().double().flatten(1, 2)",
           "nodes = values.double().flatten(1, 2)", "sizes", DENSE),
    Mutant("a centred covariance", LAB, "    return nodes.mT @ nodes / nodes.shape[1]",
           "    nodes = nodes - nodes.mean(1, keepdim=True)\n"
           "    return nodes.mT @ nodes / nodes.shape[1]", "sizes", DENSE),
    Mutant("the least useful nodes first", LAB, "when < most, -2.0).argmax(1, keepdim=True)",
           "when < most, 1e300).argmin(1, keepdim=True)", "sizes", DENSE),
    Mutant("nodes that are replaced by the transposed map", LAB,
           "networks = networks.reading(layer, maps)",
           "networks = networks.reading(layer, maps.mT)", "sizes", DENSE),
    Mutant("a ridge of a tenth of the trace", LAB, "RIDGE = 1e-6", "RIDGE = 1e-1", "sizes", DENSE),
    Mutant("widths from eigenvalues above the square root of the level", LAB,
           "(self.eigenvalues > threshold[:, None])",
           "(self.eigenvalues > (threshold * self.largest).sqrt()[:, None])", "sizes", CONV),
    Mutant("channels of a convolution that are replaced at one tap only", NETWORKS,
           "new = maps.to(old.dtype)[:, None] @ taps",
           "new = taps.clone()\n        new[:, 0] = maps.to(old.dtype) @ taps[:, 0]\n"
           "        new[:, 1:] *= (maps.abs().sum(2) > 0)[:, None, :, None]", "sizes", CONV),
    Mutant("networks that are not trained", CLAIM, "steps=120", "steps=1", "bound", DENSE,
           survives="the bound is one of linear algebra: it holds for the nodes of any network"),
]  # fmt: skip

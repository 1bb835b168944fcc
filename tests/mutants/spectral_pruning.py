"""Mistakes in pruning by degrees of freedom."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/networks/pruning.py", "claims/deep_learning/spectral_pruning.py"
NETWORKS = "ratecheck/lab/networks/classifiers.py"
DENSE, CONV = {"conv": 0}, {"conv": 1}

MUTANTS = [
    Mutant("the mean of the leverages for their sum", CLAIM, "lib.theorem_size(tau.sum(1))",
           "lib.theorem_size(tau.mean(1)).clamp(min=1)", "bound", DENSE),
    Mutant("penalties that forget probabilities", LAB, "counts / (size[:, None] * probability)",
           "counts / (100 * size[:, None])", "bound", DENSE),
    Mutant("a size without 5 log(80 N)", LAB, "return (5 * degrees * (80 * degrees).log()).ceil()",
           "return (degrees / 5).ceil()", "bound", DENSE,
           survives="an upper bound: one or two nodes are at the edge of 4 lam, undecided"),
    Mutant("one node drawn again and again", LAB, "nodes = torch.searchsorted(bounds, draws",
           "nodes = torch.searchsorted(bounds, 0.5 + 0 * draws", "bound", DENSE),
    Mutant("the loss of a common z, not of the worst", LAB,
           "lam / torch.linalg.eigvalsh(inverse)[:, 0]",
           "lam / torch.linalg.eigvalsh(inverse).mean(1)", "bound", DENSE),
    Mutant("a covariance before the ReLU", LAB, "nodes = values.relu().double().flatten(1, 2)",
           "nodes = values.double().flatten(1, 2)", "sizes", DENSE),
    Mutant("a centred covariance", LAB, "    return nodes.mT @ nodes / nodes.shape[1]",
           "    nodes = nodes - nodes.mean(1, keepdim=True)\n"
           "    return nodes.mT @ nodes / nodes.shape[1]", "sizes", DENSE,
           survives="mu_1 is the mean's and falls by ten without it: twice as many nodes are kept"),
    Mutant("the least useful nodes first", LAB, "when < most, -2.0).argmax(1, keepdim=True)",
           "when < most, 1e300).argmin(1, keepdim=True)", "sizes", DENSE),
    Mutant("nodes that are replaced by the transposed map", LAB,
           "networks = networks.reading(layer, maps)",
           "networks = networks.reading(layer, maps.mT)", "sizes", DENSE),
    Mutant("a ridge of a tenth of the trace", LAB, "RIDGE = 1e-6", "RIDGE = 1e-1", "sizes", DENSE),
    Mutant("rivals that are rebuilt as well", CLAIM, 'rebuild=name in ("spectral", "narrow")',
           "rebuild=True", "sizes", DENSE),
    Mutant("widths from eigenvalues above the square root of the level", LAB,
           "(self.eigenvalues > threshold[:, None])",
           "(self.eigenvalues > (threshold * self.largest).sqrt()[:, None])", "sizes", CONV),
    Mutant("channels of a convolution that are replaced at one tap only", NETWORKS,
           "new = maps.to(old.dtype)[:, None] @ taps",
           "new = taps.clone()\n        new[:, 0] = maps.to(old.dtype) @ taps[:, 0]\n"
           "        new[:, 1:] *= (maps.abs().sum(2) > 0)[:, None, :, None]", "sizes", CONV),
    Mutant("degrees of freedom at 100 lam", CLAIM, "tau = spectrum.leverage(here)",
           "tau = spectrum.leverage(100 * here)", "bound", DENSE,
           survives="an upper bound: the size is enough, not needed; fewer nodes keep it here"),
    Mutant("networks that are not trained", CLAIM, "steps=120", "steps=1", "bound", DENSE,
           survives="the bound is linear algebra: it holds for the nodes of any network"),
]  # fmt: skip

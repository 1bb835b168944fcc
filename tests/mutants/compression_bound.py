"""Mistakes in the bound by compression."""

from tests.mutants import Mutant

LAB, CLAIM = (
    "ratecheck/lab/estimators/soft_spectrum.py",
    "claims/deep_learning/compression_bound.py",
)
NETS = "ratecheck/lab/networks/directions.py"
LAW = "ratecheck/lab/regression/decaying.py"
CASE = {"a": 0.75, "b": 1}

MUTANTS = [
    Mutant("no weight decay", LAB, "(self.values - decay)", "(self.values - 0 * decay)",
           "linear", CASE),
    Mutant("weight decay that does not shrink with n", LAB, "2 * sigma * math.sqrt(m / n)",
           "2 * sigma * math.sqrt(m / 512)", "linear", CASE),
    Mutant("a weight decay of 1/n", LAB, "2 * sigma * math.sqrt(m / n)",
           "2 * sigma * math.sqrt(m) * 16 / n", "linear", CASE),
    Mutant("weight decay of half the edge", LAB, "2 * sigma * math.sqrt(m / n)",
           "sigma * math.sqrt(m / n)", "linear", CASE),
    Mutant("an edge without the width", LAB, "2 * sigma * math.sqrt(m / n)",
           "2 * sigma * math.sqrt(128 / n)", "linear", CASE),
    Mutant("noise that forgets n", LAB, "(sigma / math.sqrt(n))", "(sigma / 100)", "linear", CASE),
    Mutant("noise in the singular values alone", LAB, "torch.diag(truth) + noise)",
           "torch.diag(truth) + noise * torch.eye(m, dtype=noise.dtype))", "linear", CASE),
    Mutant("noise of n averaged a second time", LAB, "(sigma / math.sqrt(n))", "(sigma / n)",
           "linear", CASE),
    Mutant("singular vectors that are taken for the true ones", LAB,
           '"rik,i,rki->rk", left, truth, right)',
           '"rik,i,rki->rk", torch.eye(m).double() + 0 * left, truth, '
           'torch.eye(m).double() + 0 * right)',
           "linear", CASE),
    Mutant("the covariance's decay counted twice", CLAIM, "return a + b / 2", "return a + b",
           "linear", CASE),
    Mutant("the covariance forgotten", CLAIM, "return a + b / 2", "return a", "linear", CASE),
    Mutant("inputs that are isotropic", LAW, "** -self.law.b", "** -0.0", "relu"),
    Mutant("labels with noise", LAW, "return x, self(x)",
           "return x, self(x) + normal(len(x), n, rng=rng)", "relu",
           survives="gaps of noise settle, and the windows bend to that: in n there are at last "
           "more data than weights, in m all of the noise is fitted; an order is as true with it"),
    Mutant("networks of the first data alone", CLAIM, "x[:, :size], y[:, :size]",
           "x[:, :min(n)], y[:, :min(n)]", "relu", None,
           {"n": [24, 48, 96, 192, 384, 768]}),
    Mutant("the last directions, not the leading ones", NETS, "[1].flip(-1)", "[1]", "width"),
    Mutant("directions without the ReLU", NETS, "read, weights).relu_()", "read, weights)",
           "width"),
    Mutant("one width for all", CLAIM, "(wide, wide)", "(32, 32)", "width"),
    Mutant("risk without the truth's tail", LAB, "own = self.truth.square().sum()",
           "own = (self.truth * self.overlaps).sum(1)", "linear", CASE,
           survives="rank and noise balance: what is forgotten is of the order of what is left, "
           "so the factor is another and the exponent is not"),
]  # fmt: skip

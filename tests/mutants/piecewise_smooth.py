"""Mistakes in estimation across a jump."""

from tests.mutants import Mutant

TORUS, SMOOTHING = "ratecheck/lab/targets/torus.py", "ratecheck/lab/estimators/smoothing.py"
SERIES, TARGET = "ratecheck/lab/estimators/series.py", "ratecheck/lab/targets/broken_series.py"
CIRCLE, SMOOTH = {"D": 1}, {"s": 3.0}
FIVE, FEW = {"n": [4**k for k in range(5, 10)]}, {"n": [64, 128, 256, 512]}

MUTANTS = [
    Mutant("a kink in place of the jump", TORUS, "(square < RADIUS**2).double()",
           "(RADIUS**2 - square).clamp(min=0.0)", "torus", CIRCLE, FIVE),
    Mutant("a spectrum that grows with the data", TORUS,
           "fftn(shape).abs().square() / shape.numel()", "fftn(shape).abs().square()", "torus",
           CIRCLE, FIVE),
    Mutant("the Wiener filter's bias alone", SMOOTHING,
           "(spectrum * variance / (spectrum + variance)).mean()",
           "(spectrum * (variance / (spectrum + variance)) ** 2 * variance).mean()", "torus",
           {"D": 2}, FIVE, survives="bias and variance of the best linear estimator are of one "
           "order: each has the rate of the whole"),
    Mutant("the noise of the mean for that of a datum", "ratecheck/lab/regression/regular.py",
           "prior.spectrum(n), sigma**2", "prior.spectrum(n), sigma**2 / n", "torus", CIRCLE, FIVE),
    Mutant("noise that grows with the data", "ratecheck/lab/regression/problem.py",
           "target(x) + self.sigma * normal", "target(x) + self.sigma * (n / 128) * normal",
           "interval", SMOOTH),
    Mutant("a series of one term", SERIES, "LARGEST_SERIES = 64", "LARGEST_SERIES = 1", "interval",
           SMOOTH),
    Mutant("a jump of no height", SERIES, "heights = products", "heights = 0 * products",
           "interval", SMOOTH),
    Mutant("heights without the series taken off", SERIES,
           "- (inside * projected[:, None]).cumsum(2)", "- 0 * (inside * projected[:, None])",
           "interval", SMOOTH),
    Mutant("targets without the jump", TARGET,
           "return smooth + self.height * (x >= self.breaks[:, None])",
           "return smooth + 0 * (x >= self.breaks[:, None])", "interval", SMOOTH),
    Mutant("a covariance without the jump", TARGET, "smooth.add_(jump, alpha=self.height**2)",
           "smooth", "linear_estimators", SMOOTH),
]  # fmt: skip

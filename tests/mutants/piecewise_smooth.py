"""Mistakes in estimation across a jump."""

from tests.mutants import Mutant

TORUS, SMOOTHING = "ratecheck/lab/targets/torus.py", "ratecheck/lab/estimators/smoothing.py"
SERIES, TARGET = "ratecheck/lab/estimators/series.py", "ratecheck/lab/targets/broken_series.py"
REGRESSION = "ratecheck/lab/regression/problem.py"
CIRCLE, ROUGH, SMOOTH = {"D": 1}, {"s": 1.5}, {"s": 3.0}
FIVE = {"n": [4**k for k in range(5, 10)]}

MUTANTS = [
    Mutant("a kink in place of the jump", TORUS, "(square < RADIUS**2).double()",
           "(RADIUS**2 - square).clamp(min=0.0)", "torus", CIRCLE, FIVE),
    Mutant("a spectrum that grows with the data", TORUS,
           "fftn(shape).abs().square() / shape.numel()", "fftn(shape).abs().square()", "torus",
           CIRCLE, FIVE),
    Mutant("the Wiener filter's bias alone", SMOOTHING,
           "(spectrum * variance / (spectrum + variance)).mean()",
           "(spectrum * (variance / (spectrum + variance)) ** 2 * variance).mean()", "torus",
           {"D": 2}),
    Mutant("lengths compared on the data that were fitted", SERIES,
           "_fit_all(x[:, ~out], y[:, ~out], terms, jump)", "_fit_all(x, y, terms, jump)",
           "interval", SMOOTH),
    Mutant("a break in the middle of the data", SERIES, "place = gains.argmax(1)\n",
           "place = gains.argmax(1) * 0 + n // 2\n", "interval", SMOOTH),
    Mutant("heights without the series taken off", SERIES,
           "- (inside * projected[:, None]).cumsum(2)", "- 0 * (inside * projected[:, None])",
           "interval", SMOOTH),
    Mutant("variances taken for sizes", TARGET, "k ** (-2 * self.s - 1)", "k ** (-self.s - 0.5)",
           "interval", ROUGH),
    Mutant("targets without the jump", TARGET,
           "return smooth + self.height * (x >= self.breaks[:, None])",
           "return smooth + 0 * (x >= self.breaks[:, None])", "interval", SMOOTH),
    Mutant("a covariance without the jump", TARGET, "smooth.add_(jump, alpha=self.height**2)",
           "smooth", "linear_estimators", SMOOTH),
    Mutant("a linear estimator of data without noise", REGRESSION,
           "noise = self.problem.prior, self.problem.sigma**2", "noise = self.problem.prior, 1e-4",
           "linear_estimators", SMOOTH),
]  # fmt: skip

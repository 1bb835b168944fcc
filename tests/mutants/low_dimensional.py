"""Mistakes in estimation of functions of one direction."""

from tests.mutants import Mutant

RIDGES, REGRESSION = (
    "ratecheck/lab/targets/ridge_functions.py",
    "ratecheck/lab/regression/problem.py",
)
STACKED, DESCENT = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/descent.py"
CLAIM = "claims/deep_learning/low_dimensional.py"
KINK, JUMP, FAR = {"d": 5, "s": 2}, {"d": 5, "s": 1}, {"d": 9, "s": 1}
FEW = {"n": [64, 128, 256, 512]}

MUTANTS = [
    Mutant("the covariance of linear functions", RIDGES, "return rho.arcsin_().mul_(2 / math.pi)",
           "return rho", "linear_estimators", FAR, FEW),
    Mutant("inputs on a circle", "ratecheck/lab/regression/designs.py",
           "        x *= math.sqrt(self.dimension)",
           "        x[..., 2:] = 0\n        x *= math.sqrt(self.dimension)",
           "linear_estimators", KINK),
    Mutant("a fiftieth of the training", CLAIM, "round(steps * max(1, n / 400))",
           "round(steps / 50)", "ambient_dimension", JUMP, FEW, only="/network["),
    Mutant("data beyond the first sixty-four are not seen", STACKED,
           "torch.randint(fitted, shape", "torch.randint(64, shape", "ambient_dimension", JUMP, FEW,
           only="/network["),
    Mutant("the worst of the weight decays", STACKED, "loss.view(-1, restarts).argmin(1)",
           "loss.view(-1, restarts).argmax(1)", "ambient_dimension", FAR, FEW, only="/network[",
           survives="each of the three penalties is of the theorem's order in n"),
    Mutant("weight decay that does not fall with n", CLAIM, "c * sigma * (d / n) ** 0.5 for",
           "10 * c * sigma for", "ambient_dimension", JUMP, FEW, only="/network["),
    Mutant("a first layer that is not trained", DESCENT,
           "np.dot(below, slope.T, to_weights)",
           "np.dot(below, slope.T, to_weights)\n            if layer == 0:\n"
           "                to_weights[:] = zero",
           "ambient_dimension", JUMP, FEW, only="/network["),
    Mutant("noise that grows with the data", REGRESSION,
           "target(x) + self.sigma * normal", "target(x) + self.sigma * (n / 64) * normal",
           "ambient_dimension", JUMP, FEW, only="/network["),
    Mutant("many directions for one", CLAIM, '"ridges": 1}', '"ridges": 200}', "ambient_dimension",
           JUMP, FEW, only="/network["),
]  # fmt: skip

"""Mistakes in one gradient step, in ridge regression on its features and in its yardsticks."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/networks/one_step.py", "claims/deep_learning/one_gradient_step.py"
CASE = {"slope": 3.0, "psi1": 8}
FEW = {"d": [16, 20, 24, 32]}


def phases(name: str, file: str, old: str, new: str, only: str = "") -> Mutant:
    return Mutant(name, file, old, new, "phases", CASE, FEW, only)


MUTANTS = [
    phases("labels without inputs", CLAIM, "y.roll(1, 1) if shuffled else y", "y.roll(1, 1)",
           "long-below"),
    phases("a step without the root of N", CLAIM, "along = width**0.5 *", "along =", "long-below"),
    phases("the root of N twice", CLAIM, "along = width**0.5 *", "along = width *", "unit-above"),
    phases("frozen features", CLAIM, "w + eta * along", "w + 0 * eta * along", "long-below"),
    phases("a step of the whole network's mean", LAB, "(n * math.sqrt(width))", "(n * width)",
           "long-below"),
    phases("outer weights of order 1", LAB, "rng=rng) / math.sqrt(width))", "rng=rng))",
           "unit-above"),
    phases("outer weights that are all one", LAB,
           "normal(replicates, width, rng=rng) / math.sqrt(width)",
           "normal(replicates, width, rng=rng).abs() * 0 + width**-0.5"),
    phases("the sample of the step for the ridge too", CLAIM,
           "fresh = (problem.draw(round(psi1 * d), d, **draw) for _ in range(2))",
           "fresh = [problem.draw(round(psi1 * d), d, **draw)] * 2"),
    phases("a risk without the cross term's other half", LAB, "cost = -2 *", "cost = -1 *",
           "long-below"),
    phases("a signal of the linear part alone", LAB, "signal = whole -", "signal = straight -",
           "long-below"),
    phases("Gaussian features without their degrees of freedom", LAB,
           "/ (1 - shrunk.square().sum(2) / n) - teacher", "- teacher", "off"),
    phases("a prediction at the ridge k", LAB, "ridges = k * (1 - shrunk.sum(2) / n)",
           "ridges = k.expand(len(x), -1)", "off"),
    phases("no residual in the prediction", LAB, "rest = teacher.energy - ", "rest = 1e-9 + 0 * ",
           "off"),
    phases("one short step for all", CLAIM, "etas = [0, step * width**power, step, ",
           "etas = [0, step * width**power, step * width**power, "),
    phases("a short step that does not shrink", CLAIM, "step * width**power, step, ",
           "step / 4, step, ", "short"),
    phases("a bound of the linear part", LAB, "return 1 - square / ((1 + square)",
           "return square / ((1 + square)", "long-below"),
    Mutant("the kernel's inputs not scaled", LAB, "arcsine(x @ z.mT / d, left",
           "arcsine(x @ z.mT / d**2, left", "kernels", CASE, {"d": [24, 26, 28, 32]}),
    Mutant("a kernel tested on its sample", LAB, "    beyond = (truth",
           "    at, truth, seen = x, y, kernel_ridge.predict("
           "limit_kernel(x, x), y, limit_kernel(x, x), RIDGES)\n    beyond = (truth", "kernels", CASE,
           {"d": [24, 26, 28, 32]}),
]  # fmt: skip

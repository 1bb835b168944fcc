"""Mistakes in one gradient step, in ridge regression on its features and in its yardsticks."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/networks/one_step.py", "claims/deep_learning/one_gradient_step.py"
CASE, FEWER = {"slope": 3.0, "psi1": 8}, {"slope": 1.5, "psi1": 4}
FEW, LATER = {"d": [16, 20, 24, 32]}, {"d": [24, 26, 28, 32]}


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
    Mutant("outer weights that are all one", LAB,
           "normal(replicates, width, rng=rng) / math.sqrt(width)",
           "normal(replicates, width, rng=rng).abs() * 0 + width**-0.5", "phases", CASE, FEW,
           survives="the step has rank one and the same direction whatever the outer weights are, "
           "and erf is odd"),
    Mutant("the sample of the step for the ridge too", CLAIM,
           "fresh = (problem.draw(round(psi1 * d), d, **draw) for _ in range(2))",
           "fresh = [problem.draw(round(psi1 * d), d, **draw)] * 2", "phases", CASE, FEW,
           survives="a second sample makes the proof; the step has learnt one direction of d from "
           "the first, which n = 8 d data hardly pay for"),
    phases("a risk without the cross term's other half", LAB, "cost = -2 *", "cost = -1 *",
           "long-below"),
    phases("a signal of the linear part alone", LAB, "signal = whole -", "signal = straight -",
           "long-below"),
    Mutant("Gaussian features without their degrees of freedom", LAB,
           "/ (1 - shrunk.square().sum(2) / n) - teacher", "- teacher", "phases", FEWER, FEW,
           "off-below"),
    Mutant("a prediction at the ridge k", LAB, "ridges = k * (1 - shrunk.sum(2) / n)",
           "ridges = k.expand(len(x), -1)", "phases", CASE, FEW, "off",
           survives="the risk is flat at its best ridge: another one is seen in second order, "
           "and moves it by less than 1 % here"),
    phases("no residual in the prediction", LAB, "rest = teacher.energy - ", "rest = 1e-9 + 0 * ",
           "off"),
    phases("one short step for all", CLAIM, "etas = [0, step * width**power, step, ",
           "etas = [0, step * width**power, step * width**power, "),
    Mutant("a short step that does not shrink", CLAIM, "step * width**power, step, ",
           "0.9 * step, step, ", "phases", CASE, {"d": [16, 32, 64, 128]}, "short"),
    phases("a bound of the linear part", LAB, "return 1 - square / ((1 + square)",
           "return square / ((1 + square)", "long-below"),
    Mutant("a kernel that knows where to look", LAB, "    left, right = x.square()",
           "    x, z = x[..., :3], z[..., :3]\n    left, right = x.square()", "kernels",
           CASE, LATER),
    Mutant("an amplitude for the linear part's energy", LAB, "+ 1 - teacher.part**2",
           "+ 1 - teacher.part", "kernels", CASE, LATER),
]  # fmt: skip

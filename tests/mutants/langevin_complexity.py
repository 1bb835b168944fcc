"""Mistakes in Langevin dynamics, in its law and in what it is compared with."""

from tests.mutants import Mutant

SUMS, TILTED = "ratecheck/lab/langevin/balanced.py", "ratecheck/lab/langevin/tilted.py"
FEW = {"inv_eps": [8, 16, 32, 64, 128], "d": [6, 12, 24, 48]}

MUTANTS = [
    Mutant("half of the noise's variance", SUMS, "else 2 * size + 0 * a", "else size + 0 * a",
           "full_gradients", points=FEW, only="R2[inv_eps]"),
    Mutant("noise of the step, not of its root", SUMS, "else 2 * size + 0 * a",
           "else 2 * size**2 + 0 * a", "full_gradients", points=FEW, only="R2[inv_eps]"),
    Mutant("noise that makes up for the bias", SUMS, "noise = (1 - keep**2) / a if self.exact",
           "noise = (1 - keep**2) / a if True", "full_gradients", points=FEW,
           only="R2[inv_eps]"),
    Mutant("a drift of half the size", SUMS, "else 1 - size * a", "else 1 - size * a / 2",
           "full_gradients", points=FEW, only="R2[inv_eps]"),
    Mutant("one coordinate is charged with all error", SUMS, "/ 2 @ o.shares).abs()",
           "/ 2).mean(1).abs()", "full_gradients", points=FEW, only="R2[d]"),
    Mutant("W2 squared", SUMS, "** 2) @ o.shares) ** 0.5", "** 2) @ o.shares)",
           "full_gradients", points=FEW, only="R1-slack"),
    Mutant("KL without its logarithm", SUMS, "(off - off.log1p() +", "(off +", "full_gradients",
           points=FEW, only="R3-slack[inv_eps]"),
    Mutant("the start's mean is forgotten at the target", SUMS, "(((variance + mean**2) * o.a - 1)",
           "((variance * o.a - 1)", "full_gradients", points=FEW, only="R2[inv_eps]",
           survives="the bias is one of the variance, and "
           "the mean vanishes: both orders are the same, and R2 sees no constant"),
    Mutant("a goal of sqrt(eps) in place of eps", "claims/langevin/langevin_complexity.py",
           "of.gradients(*aim, 1 / inv_eps, ", "of.gradients(*aim, inv_eps**-0.5, ",
           "full_gradients", points=FEW, only="R2[inv_eps]"),
    Mutant("half of the noise's variance, with barriers", TILTED,
           "sd = math.sqrt(2 * step * heat / gamma)\n    on",
           "sd = math.sqrt(step * heat / gamma)\n    on", "barriers", {"H": 0.25},
           {"inv_eps": [20, 40, 80, 160, 320]}, only="R2-lower"),
]  # fmt: skip

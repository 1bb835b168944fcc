"""Mistakes in selected series and in dilated convolutions."""

from tests.mutants import Mutant

CLAIM = "claims/deep_learning/infinite_dim_cnn.py"
SERIES = "ratecheck/lab/estimators/selected_series.py"
SMOOTH = "ratecheck/lab/targets/mixed_smooth.py"
DILATED = "ratecheck/lab/networks/dilated.py"
SELECTION = "ratecheck/lab/networks/selection.py"
QUICK, ROUGH = {"a": 1.0, "q": 2.0}, {"a": 1.0, "q": 1.0}
FEW = {"n": [200, 300, 400, 500], "D": [8, 16, 32, 64]}
SMALL = {"n": [100, 130, 160, 200], "D": [3, 6, 9, 27]}

MUTANTS = [
    Mutant("the place of least energy", SERIES, "int(energy.argmax())", "int(energy.argmin())",
           "series", QUICK, FEW),
    Mutant("modes of a third of the weight", SERIES, "self.smoothness.modes(self.highest)[0]",
           "self.smoothness.modes(self.highest / 3)[0]", "series", QUICK, FEW),
    Mutant("energies of the labels, not of what is left", SERIES,
           "rest = y - features(chosen, known)", "rest = y - 0 * features(chosen, known)", "series",
           ROUGH, FEW),
    Mutant("correlations in place of least squares", SERIES,
           "torch.linalg.solve(columns.mT @ columns, columns.mT @ y)", "columns.mT @ y / len(y)",
           "series", ROUGH, FEW),
    Mutant("a cut-off at n^(a/(a+1))", CLAIM, "power / sigma**2) ** (a / (2 * a + 1))",
           "power / sigma**2) ** (a / (a + 1))", "series", QUICK, FEW),
    Mutant("places found by sums, not by squares", SERIES, "found.square().sum", "found.sum",
           "series", ROUGH, FEW),
    Mutant("an input may be found twice", SERIES, "energy[found] = -1.0", "energy[found] += 0.0",
           "series", ROUGH, FEW, survives="what is left has no energy in what was fitted"),
    Mutant("a method that takes every input for as rough as the first", SERIES,
           "self.smoothness.modes(self.highest)[0]",
           "Smoothness(self.smoothness.a, 0.5).modes(self.highest)[0]", "series", QUICK, FEW),
    Mutant("a risk without the product with the truth", SERIES, "value * (value - 2 * truth",
           "value * (value - 0 * truth", "series", QUICK, FEW),
    Mutant("energies for coefficients", SMOOTH, "energies.sqrt() * signs", "energies * signs",
           "series", QUICK, FEW),
    Mutant("the start of largest loss", SELECTION, ".argmin(1)\n", ".argmax(1)\n", "network", None,
           SMALL, "[D]"),
    Mutant("the tap that is least", DILATED, ".abs().argmax(1)", ".abs().argmin(1)",
           "network", None, SMALL),
    Mutant("a network that is hardly trained", CLAIM, "(24, 24, 24), n,", "(24, 24, 24), 3,",
           "network", None, {"n": [100, 200, 400, 800]}, "[n]"),
]  # fmt: skip

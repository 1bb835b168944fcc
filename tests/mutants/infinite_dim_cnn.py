"""Mistakes in selected series and in dilated convolutions."""

from tests.mutants import Mutant

CLAIM = "claims/deep_learning/infinite_dim_cnn.py"
SERIES = "ratecheck/lab/estimators/selected_series.py"
DILATED = "ratecheck/lab/networks/dilated.py"
SELECTION = "ratecheck/lab/networks/selection.py"
QUICK = {"a": 1.0, "q": 2.0}
FEW = {"n": [200, 300, 400, 500], "D": [8, 16, 32, 64]}
SMALL = {"n": [200, 300, 400, 500], "D": [3, 9, 27, 81]}
GROW = {"n": [400, 700, 1300, 2400], "D": [8, 16, 32, 64]}

MUTANTS = [
    Mutant("the place of least energy", SERIES, "int(energy.argmax())", "int(energy.argmin())",
           "series", QUICK, FEW),
    Mutant("modes of a third of the weight", SERIES, "self.smoothness.modes(self.highest)[0]",
           "self.smoothness.modes(self.highest / 3)[0]", "series", QUICK, FEW),
    Mutant("energies of the labels, not of what is left", SERIES,
           "rest = y - features(chosen, known)", "rest = y - 0 * features(chosen, known)", "series",
           {"a": 1.0, "q": 1.0}, FEW),
    Mutant("correlations in place of least squares", SERIES,
           "torch.linalg.solve(columns.mT @ columns, columns.mT @ y)", "columns.mT @ y / len(y)",
           "series", {"a": 1.0, "q": 1.0}, FEW),
    Mutant("a cut-off for smoothness a + 1", CLAIM, "power / sigma**2) ** (a / (2 * a + 1))",
           "power / sigma**2) ** ((a + 1) / (2 * a + 3))", "series", QUICK, GROW),
    Mutant("places found by one frequency's sign", SERIES, "found.real.square() + found.imag",
           "found.real + found.imag", "series", {"a": 1.0, "q": 1.0}, FEW),
    Mutant("isotropic: every input as rough as the first", "ratecheck/lab/targets/mixed_smooth.py",
           "power = smoothness.a * i**smoothness.q", "power = smoothness.a", "series", QUICK, FEW),
    Mutant("a risk without the product with the truth", SERIES, "value * (value - 2 * truth",
           "value * (value - 0 * truth", "series", QUICK, FEW),
    Mutant("no dilation", DILATED, "KERNEL**k if dilated else 1", "1", "network", None, SMALL),
    Mutant("convolutions that are not trained", SELECTION, "rate=search.rate)", "rate=0.0)",
           "network", None, SMALL),
    Mutant("the start of largest loss", SELECTION, ".argmin(1)\n", ".argmax(1)\n", "network", None,
           SMALL),
    Mutant("the tap that is least", DILATED, ".abs().argmax(1)", ".abs().argmin(1)",
           "network", None, SMALL),
    Mutant("a network that is hardly trained", CLAIM, "(24, 24, 24), 2 * n,",
           "(24, 24, 24), n // 64 + 1,", "network", None, SMALL),
]  # fmt: skip
